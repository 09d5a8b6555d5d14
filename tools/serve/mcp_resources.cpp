#include "mcp_resources.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include "agentpool/core/json_fields.hpp"
#include "http_message.hpp"

namespace agentpool::tools {

namespace {

constexpr std::string_view scheme = "agentpool:/";
constexpr std::size_t pools_a_page = 100;
constexpr std::size_t members_told = 1'000;
constexpr std::uint64_t records_told = 100;
constexpr std::size_t pull_max = 64;

std::string_view text_of(mcp_resource::part part) {
  return part == mcp_resource::part::members ? "members" : "timeline";
}

std::string uri_of(const core::pool_id& pool, mcp_resource::part part) {
  return std::string{scheme} + "/pools/" + percent_encoded(pool.text()) + "/" +
         std::string{text_of(part)};
}

void field(std::string& out, std::string_view name, std::string_view value) {
  if (out.back() != '{') out += ',';
  core::write_json_string(out, name);
  out += ':';
  core::write_json_string(out, value);
}

std::string listed(const core::pool_id& pool, mcp_resource::part part) {
  std::string out = "{";
  field(out, "uri", uri_of(pool, part));
  field(out, "name", pool.text() + " " + std::string{text_of(part)});
  field(out, "description",
        part == mcp_resource::part::members
            ? "Who is in the pool " + pool.text()
            : "What was recorded lately in the pool " + pool.text());
  field(out, "mimeType", "application/json");
  return out + '}';
}

std::string contents(const std::string& uri, const std::string& text) {
  std::string out = "\"contents\":[{";
  field(out, "uri", uri);
  field(out, "mimeType", "application/json");
  field(out, "text", text);
  return out + "}]";
}

void read_members(const std::shared_ptr<guarded_desk>& desk, const core::pool_id& pool,
                  const std::string& uri, actors::callback<std::string> then) {
  desk->submit(pool, core::list_members{}, {},
               [desk, uri, then = std::move(then)](const core::outcome<core::answer>& answered) {
                 if (!answered) return then(answered.error());
                 auto members = std::get<core::member_list>(*answered).members;
                 const auto total = members.size();
                 if (total > members_told) members.resize(members_told);
                 std::string text = "{\"total\":" + std::to_string(total) + ",\"members\":";
                 core::detail::write_list(text, members);
                 then(contents(uri, text + '}'));
               });
}

void tell_records(const actors::pool_handle& pool, core::store_cursor from, const std::string& uri,
                  const actors::callback<std::string>& then) {
  pool.watch(from, [pool, from, uri, then](core::outcome<actors::record_stream> stream) {
    // Of a log that was shortened there may be fewer than that: all that is left.
    if (!stream && from.sequence > 0) return tell_records(pool, {}, uri, then);
    if (!stream) return then(stream.error());
    stream->pull(records_told,
                 [uri, then, open = *stream](
                     const core::outcome<std::vector<core::store_record>>& records) mutable {
                   open.close();
                   if (!records) return then(records.error());
                   std::string text = "{\"records\":";
                   core::detail::write_list(text, *records);
                   then(contents(uri, text + '}'));
                 });
  });
}

/// The latest records: those from so many before the log's end on.
void read_timeline(const std::shared_ptr<guarded_desk>& desk, const core::pool_id& pool,
                   const std::string& uri, actors::callback<std::string> then) {
  core::read_snapshot bare;
  bare.bare = true;
  desk->submit(
      pool, std::move(bare), {},
      [desk, pool, uri, then = std::move(then)](const core::outcome<core::answer>& answered) {
        if (!answered) return then(answered.error());
        const auto handle = desk->reading(pool);
        if (!handle) return then(handle.error());
        const auto& cursor = std::get<core::pool_snapshot>(*answered).cursor;
        const auto head = cursor ? cursor->sequence : 0;
        const core::store_cursor from{head > records_told ? head - records_told : 0};
        tell_records(*handle, from, uri, then);
      });
}

bool concerns_members(const core::store_record& record) {
  return std::holds_alternative<core::member_joined>(record.payload) ||
         std::holds_alternative<core::member_left>(record.payload);
}

/// Pulls the records of a pool for as long as somebody keeps it, and tells of those that change the
/// resource.
class record_watch : public std::enable_shared_from_this<record_watch> {
 public:
  record_watch(actors::record_stream stream, mcp_resource::part what, std::function<void()> changed)
      : stream_{std::move(stream)}, what_{what}, changed_{std::move(changed)} {}
  ~record_watch() { stream_.close(); }
  record_watch(const record_watch&) = delete;
  record_watch& operator=(const record_watch&) = delete;

  void pull() {
    stream_.pull(pull_max, [weak = weak_from_this()](const auto& records) {
      const auto self = weak.lock();
      if (!self || !records) return;
      if (self->what_ == mcp_resource::part::timeline ||
          std::any_of(records->begin(), records->end(), concerns_members))
        self->changed_();
      self->pull();
    });
  }

 private:
  actors::record_stream stream_;
  const mcp_resource::part what_;
  const std::function<void()> changed_;
};

}  // namespace

std::optional<mcp_resource> resource_at(std::string_view uri) {
  if (!uri.starts_with(scheme)) return std::nullopt;
  uri.remove_prefix(scheme.size());
  http_request read;
  if (!read_target(uri, read) || !read.query.empty()) return std::nullopt;
  const auto& path = read.path;
  if (path.size() != 3 || path[0] != "pools" || !core::identifier_fault(path[1]).empty())
    return std::nullopt;
  for (const auto part : {mcp_resource::part::members, mcp_resource::part::timeline})
    if (path[2] == text_of(part)) return mcp_resource{core::pool_id{path[1]}, part};
  return std::nullopt;
}

void list_resources(const std::shared_ptr<guarded_desk>& desk, const std::string& after,
                    actors::callback<std::string> then) {
  desk->list_pools([desk, after, then = std::move(then)](
                       const core::outcome<std::vector<core::pool_id>>& pools) {
    if (!pools) return then(pools.error());
    std::string out = "\"resources\":[";
    auto at = std::find_if(pools->begin(), pools->end(),
                           [&](const core::pool_id& pool) { return pool.text() > after; });
    for (std::size_t count = 0; at != pools->end() && count < pools_a_page; ++at, ++count) {
      if (out.back() != '[') out += ',';
      out += listed(*at, mcp_resource::part::members) + ',' +
             listed(*at, mcp_resource::part::timeline);
    }
    out += ']';
    if (at != pools->end()) {
      out += ",\"nextCursor\":";
      core::write_json_string(out, std::prev(at)->text());
    }
    then(std::move(out));
  });
}

std::string resource_templates() {
  std::string out = "\"resourceTemplates\":[";
  for (const auto part : {mcp_resource::part::members, mcp_resource::part::timeline}) {
    if (out.back() != '[') out += ',';
    out += '{';
    field(out, "uriTemplate",
          std::string{scheme} + "/pools/{pool_id}/" + std::string{text_of(part)});
    field(out, "name", "pool " + std::string{text_of(part)});
    field(out, "description",
          part == mcp_resource::part::members ? "Who is in a pool"
                                              : "What was recorded lately in a pool");
    field(out, "mimeType", "application/json");
    out += '}';
  }
  return out + ']';
}

void read_resource(const std::shared_ptr<guarded_desk>& desk, const mcp_resource& resource,
                   const std::string& uri, actors::callback<std::string> then) {
  if (resource.what == mcp_resource::part::members)
    return read_members(desk, resource.pool, uri, std::move(then));
  read_timeline(desk, resource.pool, uri, std::move(then));
}

void watch_resource(const std::shared_ptr<guarded_desk>& desk, const mcp_resource& resource,
                    std::function<void()> changed, actors::callback<std::shared_ptr<void>> then) {
  core::read_snapshot bare;
  bare.bare = true;
  desk->submit(resource.pool, std::move(bare), {},
               [desk, pool = resource.pool, what = resource.what, changed = std::move(changed),
                then = std::move(then)](const core::outcome<core::answer>& answered) {
                 if (!answered) return then(answered.error());
                 const auto handle = desk->reading(pool);
                 if (!handle) return then(handle.error());
                 const auto& cursor = std::get<core::pool_snapshot>(*answered).cursor;
                 handle->watch(cursor.value_or(core::store_cursor{}),
                               [what, changed, then](core::outcome<actors::record_stream> stream) {
                                 if (!stream) return then(stream.error());
                                 auto watch = std::make_shared<record_watch>(std::move(*stream),
                                                                             what, changed);
                                 watch->pull();
                                 then(std::shared_ptr<void>{std::move(watch)});
                               });
               });
}

}  // namespace agentpool::tools
