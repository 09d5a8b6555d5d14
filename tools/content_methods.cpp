#include "content_methods.hpp"

#include <openssl/evp.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "agentpool/core/json.hpp"
#include "agentpool/core/utf8.hpp"
#include "rpc_params.hpp"

namespace agentpool::tools {

namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// RFC 4648, section 4.
std::string base64_of(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // and a zero that OpenSSL adds
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes_of(bytes),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

/// None when that is no base64 with its padding. OpenSSL alone would leave out white space.
std::optional<std::string> bytes_in(std::string_view base64) {
  if (base64.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = base64.ends_with("==") ? 2 : base64.ends_with('=') ? 1 : 0;
  const auto is_digit = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
  };
  for (const char c : base64.substr(0, base64.size() - padding))
    if (!is_digit(c)) return std::nullopt;
  std::string bytes(base64.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), bytes_of(base64),
                                   static_cast<int>(base64.size()));
  if (size < 0) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

bool is_utf8(std::string_view bytes) {
  for (auto at = core::end_of_plain<>(bytes, 0); at < bytes.size();
       at = core::end_of_plain<>(bytes, at)) {
    const auto size = core::utf8_sequence_bytes(bytes, at);
    if (size == 0) return false;
    at += size;
  }
  return true;
}

/// The bytes that the request gives.
std::string bytes_given(const rpc_request& request) {
  auto text = optional_param<std::string>(request, "text");
  const auto base64 = optional_param<std::string>(request, "base64");
  if (text.has_value() == base64.has_value())
    throw bad_params{"text: either it or base64 has to be there, and not both"};
  if (text) return *std::move(text);
  auto bytes = bytes_in(*base64);
  if (!bytes) throw bad_params{"base64: is not base64 with its padding (RFC 4648, section 4)"};
  return *std::move(bytes);
}

rpc_fault fault_of(const core::agent_error& error) {
  return {rpc_code::agent_error, error.message, error};
}

std::string content_result(std::string_view bytes) {
  const bool is_text = is_utf8(bytes);
  std::string out = is_text ? R"({"text":)" : R"({"base64":)";
  core::write_json_string(out, is_text ? bytes : std::string_view{base64_of(bytes)});
  out += '}';
  return out;
}

}  // namespace

void content_put(const std::shared_ptr<pool_desk>& desk, const rpc_request& request,
                 rpc_callback then) {
  auto bytes = bytes_given(request);
  const auto size = bytes.size();
  desk->put_content(std::move(bytes),
                    [desk, size, then = std::move(then)](core::outcome<core::content_ref> name) {
                      if (!name) return then(fault_of(name.error()));
                      then(core::written(content_receipt{*std::move(name), size}));
                    });
}

void content_get(const std::shared_ptr<pool_desk>& desk, const rpc_request& request,
                 rpc_callback then) {
  auto name = required_param<core::content_ref>(request, "content_ref");
  desk->get_content(name, [desk, name, then = std::move(then)](
                              const core::outcome<std::optional<std::string>>& found) {
    if (!found) return then(fault_of(found.error()));
    if (*found) return then(content_result(**found));
    then(fault_of(
        core::contract_violation("content_ref: the store has nothing under " + name.text())));
  });
}

}  // namespace agentpool::tools
