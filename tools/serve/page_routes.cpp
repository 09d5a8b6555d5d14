#include "page_routes.hpp"

#include "page_files.hpp"

namespace agentpool::tools {

namespace {

/// Nothing from elsewhere, nothing inline, no form that leads away, in nobody's frame; and no
/// script may make elements of text.
constexpr std::string_view policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";

std::string_view type_of(std::string_view name) {
  if (name.ends_with(".html")) return "text/html; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml";
  return "text/javascript; charset=utf-8";
}

/// `If-None-Match` names the file as it is, or any.
bool has_it(const http_request& request, std::string_view etag) {
  const auto known = request.header("if-none-match").value_or("");
  return known == "*" || known.find(etag) != std::string_view::npos;
}

void answer(const route_call& call, const page_file& file) {
  http_response made{200, std::string{type_of(file.name)}, std::string{file.bytes}};
  if (has_it(call.request, file.etag)) made = {304, ""};
  // A browser asks each time whether it changed: the files of two versions do not fit together.
  made.headers = {{"ETag", std::string{file.etag}},
                  {"Cache-Control", "no-cache"},
                  {"Content-Security-Policy", std::string{policy}},
                  {"X-Content-Type-Options", "nosniff"},
                  {"Referrer-Policy", "no-referrer"},
                  {"Cross-Origin-Opener-Policy", "same-origin"},
                  {"Cross-Origin-Resource-Policy", "same-origin"}};
  call.exchange->answer(std::move(made));
}

}  // namespace

std::vector<route> page_routes() {
  std::vector<route> all;
  for (const auto& file : page_files()) {
    const auto address = file.name == "page.html" ? "/" : "/" + std::string{file.name};
    route_about about{{}, "A file of the page that shows pools in a browser"};
    about.type = type_of(file.name);
    all.push_back({"GET", address, true,
                   [&file](front&, const route_call& call) { answer(call, file); },
                   std::move(about)});
  }
  return all;
}

}  // namespace agentpool::tools
