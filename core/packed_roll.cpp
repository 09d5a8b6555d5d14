// A roll in bytes.
#include "agentpool/core/json.hpp"
#include "agentpool/core/roll.hpp"
#include "packed.hpp"

namespace agentpool::core {

namespace {

template <class Record>
Record get_json(packed_reader& in) {
  auto read = from_json<Record>(in.text());
  if (!read) throw packed_fault{read.error().message};
  return std::move(*read);
}

}  // namespace

std::string roll::packed() const {
  std::string bytes;
  packed_writer out{bytes};
  out.number(position_.sequence);
  out.number(position_.host_events);
  out.number(number_);
  out.number(last_.event_seq);
  out.number(recorded_at_millis_);
  out.number(created_ ? 1 : 0);
  out.number(config_ ? 1 : 0);
  if (config_) out.text(to_json(*config_));
  out.number(members_.size());
  std::string json;
  for (const auto& member : members_) {
    json.clear();
    write_json(json, member);
    out.text(json);
  }
  out.number(former_.size());
  for (const auto& [run, agent] : former_) {
    out.text(run.text());
    out.text(agent.text());
  }
  return bytes;
}

outcome<roll> roll::unpacked(std::string_view bytes) {
  try {
    packed_reader in{bytes};
    roll made;
    made.position_.sequence = in.number();
    made.position_.host_events = in.number();
    made.number_ = in.number();
    made.last_ = {in.number(), 0};
    made.recorded_at_millis_ = in.number();
    made.created_ = in.number() != 0;
    if (in.number() != 0) made.config_ = get_json<pool_config>(in);
    for (auto count = in.number(); count > 0; --count) made.put_member(get_json<pool_member>(in));
    for (auto count = in.number(); count > 0; --count) {
      const core::run_id run{in.text()};
      made.former_.insert_or_assign(run, core::agent_id{in.text()});
    }
    return made;
  } catch (const packed_fault& fault) {
    return store_corrupt(std::string{"a packed roll is damaged: "} + fault.what());
  } catch (const bad_identifier& fault) {
    return store_corrupt(std::string{"a packed roll is damaged: "} + fault.what());
  }
}

}  // namespace agentpool::core
