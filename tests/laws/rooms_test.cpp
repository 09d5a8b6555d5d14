#include "room_table.hpp"
#include "support/catch.hpp"
#include "support/environment.hpp"

using namespace agentpool::laws;

namespace {

room_table the_table() {
  return room_table::parse(
      read_text(agentpool::support::source_directory() / "tests/laws/rooms.txt"));
}

std::string complaints(const std::string& path, const std::string& text) {
  return describe(the_table().check({path, text}));
}

}  // namespace

TEST_CASE("every source keeps to the room table") {
  const auto table = the_table();
  std::vector<violation> found;
  for (const auto& file : our_sources(agentpool::support::source_directory())) {
    const auto here = table.check(file);
    found.insert(found.end(), here.begin(), here.end());
  }
  CHECK(describe(found) == "");
}

TEST_CASE("a room that includes a room above it is caught") {
  CHECK(complaints("core/pool.cpp", "#include <agentpool/actors/engine.hpp>\n") ==
        "core/pool.cpp:1: the room core may not include agentpool/actors/engine.hpp\n");
  CHECK(complaints("include/agentpool/actors/pool.hpp",
                   "\n#include \"agentpool/stores/memory.hpp\"") ==
        "include/agentpool/actors/pool.hpp:2: the room actors may not include "
        "agentpool/stores/memory.hpp\n");
  CHECK(complaints("actors/engine.cpp", "#include <agentpool/actors/remote/node.hpp>") ==
        "actors/engine.cpp:1: the room actors may not include agentpool/actors/remote/node.hpp\n");
  CHECK(complaints("sim/world.cpp", "#include <agentpool/stores/sqlite.hpp>") ==
        "sim/world.cpp:1: the room sim may not include agentpool/stores/sqlite.hpp\n");
}

TEST_CASE("a room that keeps to the table passes") {
  CHECK(complaints("core/pool.cpp",
                   "#include <vector>\n#include <agentpool/core/ids.hpp>\n"
                   "#include \"local.hpp\"\n#include <openssl/evp.h>\n") == "");
  CHECK(complaints("actors/remote/node.cpp",
                   "#include <caf/io/middleman.hpp>\n"
                   "#include <agentpool/actors/pool.hpp>\n") == "");
  CHECK(complaints("sim/world.cpp", "#include <agentpool/stores/memory.hpp>\n") == "");
  CHECK(complaints("stores/sqlite.cpp", "#include <sqlite3.h>\n#include <sys/stat.h>\n") == "");
}

TEST_CASE("a foreign header in the wrong room is caught") {
  CHECK(complaints("core/a.cpp", "#include <caf/error.hpp>") ==
        "core/a.cpp:1: the room core may not include <caf/error.hpp>\n");
  CHECK(complaints("tools/a.cpp", "#include <sqlite3.h>") ==
        "tools/a.cpp:1: the room tools may not include <sqlite3.h>\n");
  CHECK(complaints("actors/a.cpp", "#include <caf/io/middleman.hpp>") ==
        "actors/a.cpp:1: the room actors may not include <caf/io/middleman.hpp>\n");
  CHECK(complaints("core/a.cpp", "#include <mutex>") ==
        "core/a.cpp:1: the room core may not include <mutex>\n");
  CHECK(complaints("core/a.cpp", "#include <unistd.h>") ==
        "core/a.cpp:1: the room core may not include <unistd.h>\n");
}

TEST_CASE("another room's private header is caught") {
  CHECK(complaints("tools/a.cpp", "#include \"actors/behaviour.hpp\"") ==
        "tools/a.cpp:1: actors/behaviour.hpp is private to the room actors\n");
  CHECK(complaints("tools/a.cpp", "#include \"../actors/behaviour.hpp\"") ==
        "tools/a.cpp:1: ../actors/behaviour.hpp climbs out of its folder\n");
}

TEST_CASE("CAF's umbrella header is caught everywhere but in tests") {
  CHECK(complaints("messages/a.hpp", "#include <caf/all.hpp>") ==
        "messages/a.hpp:1: caf/all.hpp has no place here\n");
  CHECK(complaints("tests/actors/a_test.cpp", "#include <caf/all.hpp>") == "");
}

TEST_CASE("asking the system for time or chance is caught") {
  CHECK(complaints("core/a.cpp", "auto t = std::chrono::system_clock::now();") ==
        "core/a.cpp:1: system_clock::now has no place here\n");
  CHECK(complaints("actors/a.cpp", "std::random_device seed;") ==
        "actors/a.cpp:1: random_device has no place here\n");
}

TEST_CASE("a test that sleeps is caught") {
  CHECK(complaints("tests/core/a_test.cpp", "std::this_thread::sleep_for(1ms);") ==
        "tests/core/a_test.cpp:1: sleep_for has no place here\n");
}

TEST_CASE("words in comments and literals break no law") {
  CHECK(complaints("core/a.cpp", "// never system_clock::now()\n/* random_device\n */ int a;\n") ==
        "");
  CHECK(complaints("core/a.cpp",
                   "auto a = \"random_device\"; auto b = R\"x(steady_clock::now)x\";") == "");
  CHECK(complaints("core/a.cpp", "int a = 1'000; std::random_device b;") ==
        "core/a.cpp:1: random_device has no place here\n");
}

TEST_CASE("a table with an unknown line is refused") {
  CHECK_THROWS(room_table::parse("room core\n  theirs core\n"));
  CHECK_THROWS(room_table::parse("never word because\n"));
}
