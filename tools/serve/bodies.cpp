#include "bodies.hpp"

#include <algorithm>
#include <utility>

#include "agentpool/core/content.hpp"
#include "guarded_desk.hpp"
#include "tools/base64.hpp"

namespace agentpool::tools {

namespace {

std::optional<std::string> correlated(const core::run_message& message, std::string_view key) {
  for (const auto& entry : message.correlation.entries)
    if (entry.key.text() == key) return entry.value.text();
  return std::nullopt;
}

message_told told_of(const core::inbox_entry& entry) {
  const auto& message = entry.message;
  message_told told{entry.sequence,  message.message_id, message.from, message.content_ref, {},
                    message.reply_to};
  told.reply_wanted = message.response_contract.has_value();
  told.sender = correlated(message, sender_key);
  told.on_behalf_of = correlated(message, sender_behalf_key);
  return told;
}

/// Messages whose bodies are being read, one after the other: a page of large ones is never held
/// at one time.
struct reading_bodies {
  std::vector<message_told> messages;
  std::vector<std::size_t> unread;  ///< Places of those whose bodies are read yet, the last first.
  std::function<void(std::vector<message_told>)> then;
};

void read_next(actors::engine& engine, const std::shared_ptr<reading_bodies>& all) {
  if (all->unread.empty()) return all->then(std::move(all->messages));
  engine.get_content(all->messages[all->unread.back()].content_ref,
                     [&engine, all](const core::outcome<std::optional<std::string>>& body) {
                       // What cannot be read here is read by its ref, and told there why not.
                       if (body && *body && (*body)->size() <= body_told_max && is_text(**body))
                         all->messages[all->unread.back()].text = **body;
                       all->unread.pop_back();
                       read_next(engine, all);
                     });
}

}  // namespace

void keep_body(pool_desk& desk, std::optional<std::string> text,
               std::optional<core::content_ref> ref, actors::callback<core::content_ref> then) {
  if (text.has_value() == ref.has_value())
    return then(core::contract_violation("give exactly one of text and content_ref"));
  if (ref) return then(std::move(*ref));
  desk.put_content(std::move(*text), std::move(then));
}

void tell_messages(actors::engine& engine, const std::vector<core::inbox_entry>& entries,
                   std::function<void(std::vector<message_told>)> then) {
  auto all = std::make_shared<reading_bodies>();
  all->then = std::move(then);
  for (const auto& entry : entries) {
    if (core::content_digest(entry.message.content_ref))
      all->unread.push_back(all->messages.size());
    all->messages.push_back(told_of(entry));
  }
  std::reverse(all->unread.begin(), all->unread.end());
  read_next(engine, all);
}

}  // namespace agentpool::tools
