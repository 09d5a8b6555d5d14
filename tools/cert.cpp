#include "cert.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <system_error>

#include "certificate.hpp"
#include "new_files.hpp"

namespace agentpool::tools {

namespace {

core::outcome<std::string> text_of(const std::string& path) {
  const std::ifstream file{path};
  std::ostringstream text;
  text << file.rdbuf();
  if (!file || !text) return core::host_configuration_needed("cannot read " + path);
  return text.str();
}

core::outcome<void> make_folder(const std::string& path) {
  std::error_code fault;
  std::filesystem::create_directories(path, fault);
  if (fault) return core::host_configuration_needed("cannot make " + path + ": " + fault.message());
  return {};
}

/// FOLDER/NAME.pem and FOLDER/NAME.key, of which only the first is for everybody's eyes.
core::outcome<void> keep(const certified_key& made, const std::string& folder,
                         const std::string& name) {
  if (auto there = make_folder(folder); !there) return there;
  const auto path = folder + "/" + name;
  auto written = make_files(
      {{path + ".key", key_text(made), 0600}, {path + ".pem", certificate_text(made), 0644}});
  if (!written) return written;
  std::cout << path << ".pem valid until " << valid_until(made) << '\n'
            << path << ".key keep it secret\n";
  return {};
}

/// The name becomes that of a file, and is read in logs.
core::outcome<void> check_name(const std::string& name) {
  const auto fits = [](char letter) {
    return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '-' ||
           letter == '_' || letter == '.';
  };
  if (name.empty() || name.size() > 64 || name.front() == '.' || name.front() == '-' ||
      !std::all_of(name.begin(), name.end(), fits))
    return core::host_configuration_needed(
        "'" + name + "' is no name of a node: up to 64 letters, digits, '-', '_' and '.'");
  if (name == "ca") return core::host_configuration_needed("'ca' is the authority's own name");
  return {};
}

}  // namespace

core::outcome<void> make_authority(const authority_request& request) {
  if (request.name.empty() || request.name.size() > 64)
    return core::host_configuration_needed("an authority's name has 1 to 64 bytes");
  const auto made = new_authority(request.name, request.days);
  if (!made) return made.error();
  return keep(*made, request.out, "ca");
}

core::outcome<void> make_certificate(const certificate_request& request) {
  if (auto named = check_name(request.name); !named) return named;
  const auto path = request.authority + "/ca";
  const auto certificate = text_of(path + ".pem");
  if (!certificate) return certificate.error();
  const auto key = text_of(path + ".key");
  if (!key) return key.error();
  const auto authority = read_certified_key(*certificate, *key);
  if (!authority)
    return core::host_configuration_needed(path + ".pem and " + path +
                                           ".key: " + authority.error().message);
  const auto made = new_member(*authority, request.name, request.days, request.hosts);
  if (!made) return made.error();
  return keep(*made, request.out, request.name);
}

}  // namespace agentpool::tools
