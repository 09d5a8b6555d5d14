#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "actors/remote/tls_context.hpp"
#include "support/catch.hpp"
#include "support/environment.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"
#include "tools/cert.hpp"

using namespace agentpool;
using agentpool::support::temporary_directory;

namespace {

std::string text_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream{path}.rdbuf();
  return text.str();
}

unsigned mode_of(const std::string& path) {
  struct stat found {};
  REQUIRE(::stat(path.c_str(), &found) == 0);
  return found.st_mode & 07777U;
}

support::ended cert(const std::vector<std::string>& arguments) {
  std::vector<std::string> all{"cert"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  support::process running{{.program = support::program().string(), .arguments = all}};
  return running.wait();
}

actors::remote::tls_files files_of(const temporary_directory& folder, const std::string& name) {
  return {folder.file(name + ".pem"), folder.file(name + ".key"), folder.file("ca.pem")};
}

std::string fault_of(const core::outcome<void>& outcome) {
  return outcome ? "" : outcome.error().message;
}

}  // namespace

TEST_CASE("an authority and a member's certificate are made by two commands and serve TLS") {
  const temporary_directory folder;
  const auto path = folder.path().string();
  const auto authority = cert({"ca", "--out", path, "--name", "tests"});
  CHECK(authority.exit_code == 0);
  CHECK(authority.output.find("ca.pem valid until") != std::string::npos);
  const auto member = cert({"node", "--ca", path, "--out", path, "--name", "node-1", "--host",
                            "node-1.example", "--host", "10.0.0.5", "--host", "::1"});
  CHECK(member.errors.empty());
  CHECK(member.exit_code == 0);
  CHECK(actors::remote::tls_context::make(files_of(folder, "node-1")).ok());
}

TEST_CASE("keys are their owner's alone, certificates everybody's") {
  const temporary_directory folder;
  const auto path = folder.path().string();
  const auto mask = ::umask(0077);
  CHECK(tools::make_authority({.out = path}).ok());
  ::umask(0);
  CHECK(tools::make_certificate({.authority = path, .out = path, .name = "node-1"}).ok());
  ::umask(mask);
  for (const auto* name : {"ca", "node-1"}) {
    CHECK(mode_of(folder.file(std::string{name} + ".key")) == 0600);
    CHECK(mode_of(folder.file(std::string{name} + ".pem")) == 0644);
  }
  std::size_t there = 0;
  for (const auto& each : std::filesystem::directory_iterator{folder.path()})
    there += each.exists();
  CHECK(there == 4);  // no drafts are left
}

TEST_CASE("what exists is not overwritten") {
  const temporary_directory folder;
  const auto path = folder.path().string();
  CHECK(tools::make_authority({.out = path}).ok());
  const auto key = text_of(folder.file("ca.key"));
  CHECK(fault_of(tools::make_authority({.out = path})) ==
        folder.file("ca.key") + " exists already, and is left as it is");
  CHECK(text_of(folder.file("ca.key")) == key);
  std::ofstream{folder.file("node-1.pem")} << "mine";
  CHECK(fault_of(tools::make_certificate({.authority = path, .out = path, .name = "node-1"})) ==
        folder.file("node-1.pem") + " exists already, and is left as it is");
  CHECK(text_of(folder.file("node-1.pem")) == "mine");
  CHECK(!std::filesystem::exists(folder.file("node-1.key")));
}

TEST_CASE("a member's certificate ends with its authority") {
  const temporary_directory folder;
  const auto path = folder.path().string();
  CHECK(tools::make_authority({.out = path, .days = 2}).ok());
  CHECK(tools::make_certificate({.authority = path, .out = path, .name = "node-1"}).ok());
  CHECK(actors::remote::tls_context::make(files_of(folder, "node-1")).ok());
}

TEST_CASE("a certificate that cannot be made says why") {
  const temporary_directory folder;
  const auto path = folder.path().string();
  const auto member = [&](const std::string& name, const std::vector<std::string>& hosts = {}) {
    return fault_of(
        tools::make_certificate({.authority = path, .out = path, .name = name, .hosts = hosts}));
  };
  CHECK(member("node-1") == "cannot read " + folder.file("ca.pem"));
  CHECK(tools::make_authority({.out = path}).ok());
  for (const auto* name : {"", "../node", "a/b", ".hidden", "-x", "a b", "ca"})
    CHECK(!member(name).empty());
  for (const auto* host : {"", "a,DNS:b", "a b", "x:y", "-a", "a\nb"})
    CHECK(member("node-1", {host}).find("is neither a host's name nor an address") !=
          std::string::npos);
  // Another node's certificate is no authority's.
  CHECK(member("node-1").empty());
  std::filesystem::create_directory(folder.file("wrong"));
  std::filesystem::copy_file(folder.file("node-1.pem"), folder.file("wrong/ca.pem"));
  std::filesystem::copy_file(folder.file("node-1.key"), folder.file("wrong/ca.key"));
  CHECK(fault_of(tools::make_certificate(
                     {.authority = folder.file("wrong"), .out = path, .name = "node-2"}))
            .find("is not that of an authority") != std::string::npos);
  std::filesystem::remove(folder.file("wrong/ca.key"));
  std::filesystem::copy_file(folder.file("ca.key"), folder.file("wrong/ca.key"));
  CHECK(fault_of(tools::make_certificate(
                     {.authority = folder.file("wrong"), .out = path, .name = "node-2"}))
            .find("are not a certificate and its key") != std::string::npos);
}

TEST_CASE("the command line of cert says what is missing") {
  CHECK(cert({}).exit_code == 2);
  CHECK(cert({"ca"}).exit_code == 2);
  CHECK(cert({"node", "--ca", "x", "--out", "x"}).exit_code == 2);
  const auto nowhere = cert({"ca", "--out", "/dev/null/x"});
  CHECK(nowhere.exit_code == 1);
  CHECK(nowhere.errors.find("agentpool: cannot make /dev/null/x") == 0);
}
