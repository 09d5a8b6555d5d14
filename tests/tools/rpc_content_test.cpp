// Contents over JSON-RPC.
#include <string>

#include "agentpool/core/content.hpp"
#include "catch.hpp"
#include "rpc_kit.hpp"

using namespace agentpool::tests;

namespace {

constexpr const char* hello_ref =
    "content.sha256.2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

json error_of(rpc_kit& rpc, const std::string& method, const json& params) {
  const auto answer = rpc.ask(method, params);
  if (!answer.contains("error")) throw std::runtime_error{answer.dump()};
  return answer["error"];
}

std::string message_of(rpc_kit& rpc, const std::string& method, const json& params) {
  const auto error = error_of(rpc, method, params);
  CHECK(error["code"] == -32602);
  return error["message"];
}

}  // namespace

TEST_CASE("content_put answers the ref of a text and its bytes, content_get the text") {
  rpc_kit rpc;
  const json receipt{{"content_ref", hello_ref}, {"bytes", 5}};
  CHECK(rpc.result("content_put", {{"text", "hello"}}) == receipt);
  CHECK(rpc.result("content_put", {{"text", "hello"}}) == receipt);
  CHECK(rpc.result("content_get", {{"content_ref", hello_ref}}) == json{{"text", "hello"}});
}

TEST_CASE("a content_get right after its content_put finds it, before either is answered") {
  rpc_kit rpc;
  rpc.give(rpc.request("content_put", {{"text", "hello"}}));
  rpc.give(rpc.request("content_get", {{"content_ref", hello_ref}}));
  CHECK(rpc.next()["result"]["content_ref"] == hello_ref);
  CHECK(rpc.next()["result"] == json{{"text", "hello"}});
}

TEST_CASE("any text of JSON comes back from content_get as it was, also none") {
  rpc_kit rpc;
  for (const std::string& text :
       {std::string{}, std::string{"é \" \\ \n 𝄞"}, std::string("\0\x01\x7f", 3)}) {
    const auto receipt = rpc.result("content_put", {{"text", text}});
    CHECK(receipt["bytes"] == text.size());
    CHECK(rpc.result("content_get", {{"content_ref", receipt["content_ref"]}}) ==
          json{{"text", text}});
  }
}

TEST_CASE("bytes go as base64, and come back so when they are no text") {
  rpc_kit rpc;
  const auto round = [&](const std::string& base64) {
    const auto receipt = rpc.result("content_put", {{"base64", base64}});
    return rpc.result("content_get", {{"content_ref", receipt["content_ref"]}});
  };
  CHECK(rpc.result("content_put", {{"base64", "aGVsbG8="}})["content_ref"] == hello_ref);
  for (const char* base64 : {"/w==", "//8=", "////", "AP8A", "wK8=", "7aCA"})
    CHECK(round(base64) == json{{"base64", base64}});
  CHECK(round("") == json{{"text", ""}});
  CHECK(round("AA==") == json{{"text", std::string(1, '\0')}});
}

TEST_CASE("what is no base64, or not one of text and base64, is a bad parameter") {
  rpc_kit rpc;
  for (const char* base64 : {"a", "aGVsbG8", "aGVs bG8=", "aGVsbG8=\n", "a===", "====", "=AAA",
                             "AA=A", "aGV_bG8=", "é==="})
    CHECK(message_of(rpc, "content_put", {{"base64", base64}}).rfind("base64: ", 0) == 0);
  CHECK(message_of(rpc, "content_put", json::object()).rfind("text: ", 0) == 0);
  CHECK(message_of(rpc, "content_put", {{"text", "a"}, {"base64", "AA=="}}).rfind("text: ", 0) ==
        0);
  CHECK(message_of(rpc, "content_put", {{"text", 7}}).rfind("text: ", 0) == 0);
  CHECK(message_of(rpc, "content_get", json::object()).rfind("content_ref: ", 0) == 0);
  CHECK(message_of(rpc, "content_get", {{"content_ref", ""}}).rfind("content_ref: ", 0) == 0);
}

TEST_CASE("a ref under which there is nothing, or can be nothing, is a contract violation") {
  rpc_kit rpc;
  const auto unknown = agentpool::core::content_name("unknown").text();
  for (const std::string& ref : {unknown, std::string{"content.other"}}) {
    const auto error = error_of(rpc, "content_get", {{"content_ref", ref}});
    CHECK(error["code"] == -32000);
    CHECK(error["data"]["kind"] == "InvalidStateTransition");
    CHECK(error["data"]["retry"] == "RepairNeeded");
    CHECK(error["message"].get<std::string>().find(ref) != std::string::npos);
  }
}

TEST_CASE("a content beyond the limit of the store is refused and names it") {
  rpc_kit rpc;
  const auto error = error_of(rpc, "content_put", {{"text", std::string((1U << 20U) + 1, 'x')}});
  CHECK(error["message"].get<std::string>().find("item_bytes_max") != std::string::npos);
  CHECK(rpc.result("content_put", {{"text", std::string(1U << 20U, 'x')}})["bytes"] == 1U << 20U);
}

TEST_CASE("what is put before a message is sent can be got by whoever reads it") {
  rpc_kit rpc;
  const char* pool = "pool.rpc";
  rpc.result("open_pool", {{"pool_id", pool}});
  rpc.result("join_run", {{"pool_id", pool}, {"member", member("run.a")}});
  auto sent = message("1", "run.a", to_run("run.a"));
  sent["content_ref"] = rpc.result("content_put", {{"text", "do this"}})["content_ref"];
  rpc.result("send", {{"pool_id", pool}, {"message", sent}});
  const auto inbox = rpc.result("inbox", {{"pool_id", pool}, {"run_id", "run.a"}});
  const auto ref = inbox["entries"][0]["message"]["content_ref"];
  CHECK(rpc.result("content_get", {{"content_ref", ref}}) == json{{"text", "do this"}});
}
