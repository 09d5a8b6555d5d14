#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "agentpool/core/commands.hpp"
#include "agentpool/core/ids.hpp"
#include "agentpool/core/notice.hpp"
#include "agentpool/core/record.hpp"

/// What passes between a pool and the actors of its runs, and requests that wait.
namespace agentpool::messages {

/// `read_inbox`, answered as soon as there is an entry, at the latest after `wait_millis`.
/// → inbox_page
struct await_inbox {
  core::read_inbox inbox;
  std::uint64_t wait_millis = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("inbox", self.inbox);
    visit("wait_millis", self.wait_millis);
  }
};

/// `read_wake`, answered as soon as the wake is final, at the latest after `wait_millis`.
/// → wake_report
struct await_wake {
  core::wake_condition_id condition_id;
  std::uint64_t wait_millis = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("condition_id", self.condition_id);
    visit("wait_millis", self.wait_millis);
  }
};

/// The next messages of a run's inbox, in order.
struct entries_handed {
  std::vector<core::inbox_entry> entries;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("entries", self.entries, core::presence::always);
  }
};

/// A wake condition of the run is final.
struct wake_handed {
  core::wake_notice notice;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("notice", self.notice);
  }
};

/// Ends the run: `run_cancelled`.
struct cancel_run {
  template <class Self, class Visitor>
  static void fields(Self&, Visitor&) {}
};

}  // namespace agentpool::messages
