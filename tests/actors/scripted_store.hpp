#pragma once

#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "agentpool/core/store_backend.hpp"
#include "agentpool/stores/memory.hpp"

namespace agentpool::testing {

/// What a scripted store does, and what it did. Shared by the store and the test.
struct script {
  std::size_t appends_to_fail = 0;            ///< So many appends fail, and append nothing.
  std::size_t appends_to_lose = 0;            ///< So many fail although they did append.
  std::size_t reads_to_fail = 0;              ///< So many reads of pages fail.
  std::size_t fetches_to_fail = 0;            ///< So many fetches of records fail.
  std::size_t puts_to_fail = 0;               ///< So many puts of contents fail.
  std::vector<std::size_t> content_batches;   ///< Contents of each transaction.
  bool throws = false;                        ///< Appends and puts throw.
  bool blocks = true;                         ///< What it says of itself.
  std::shared_future<void> gate;              ///< Appends wait for it, if there is one.
  std::function<void()> before_append;        ///< Called first by each append, if there is one.
  std::vector<std::size_t> batches;           ///< Entries of each transaction.
  std::size_t entries_read = 0;               ///< By pages.
  std::optional<core::kept_checkpoint> kept;  ///< The pool's checkpoint.
  std::size_t checkpoints_whole = 0;          ///< Kept, and stood for themselves.
  std::size_t checkpoints_added = 0;          ///< Kept, and followed another.
};

/// A memory store that fails as its script says.
class scripted_store final : public core::store_backend {
 public:
  scripted_store(std::shared_ptr<script> does, std::shared_ptr<stores::memory_log> log)
      : does_{std::move(does)}, kept_{std::move(log)} {}

  core::outcome<std::vector<core::pool_id>> list_pools() override { return kept_.list_pools(); }
  core::outcome<core::log_position> head(const core::pool_id& pool) override {
    return kept_.head(pool);
  }
  core::outcome<core::log_page> read(const core::pool_id& pool, core::log_position after,
                                     std::size_t most) override {
    if (does_->reads_to_fail > 0) {
      --does_->reads_to_fail;
      return core::store_unavailable("the script says no");
    }
    auto page = kept_.read(pool, after, most);
    if (page) does_->entries_read += page->entries.size();
    return page;
  }
  core::outcome<std::vector<core::entry_ptr>> fetch(
      const core::pool_id& pool, std::span<const std::uint64_t> sequences) override {
    if (does_->fetches_to_fail > 0) {
      --does_->fetches_to_fail;
      return core::store_unavailable("the script says no");
    }
    return kept_.fetch(pool, sequences);
  }
  core::outcome<core::ack_page> read_acks(const core::pool_id& pool, std::uint64_t mark,
                                          std::size_t most) override {
    return kept_.read_acks(pool, mark, most);
  }
  core::outcome<std::vector<core::append_result>> append(
      std::span<const core::append_request> requests) override {
    if (does_->before_append) does_->before_append();
    if (does_->gate.valid()) does_->gate.wait();
    std::size_t entries = 0;
    for (const auto& request : requests) entries += request.entries.size();
    does_->batches.push_back(entries);
    if (does_->throws) throw std::runtime_error{"the script throws"};
    if (does_->appends_to_fail > 0) {
      --does_->appends_to_fail;
      return core::store_unavailable("the script says no");
    }
    auto results = kept_.append(requests);
    if (does_->appends_to_lose == 0) return results;
    --does_->appends_to_lose;
    return core::store_unavailable("the script lost it");
  }
  bool blocks() const override { return does_->blocks; }
  bool keeps_checkpoints() const override { return true; }
  core::outcome<std::optional<std::uint64_t>> keep_checkpoint(
      const core::checkpoint_request& request) override {
    auto& kept = does_->kept;
    const auto before = kept ? std::optional{kept->number} : std::nullopt;
    if (request.follows && request.follows != before) return std::optional<std::uint64_t>{};
    core::kept_checkpoint next{request.what, before.value_or(0) + 1};
    if (request.follows)
      next.what.parts.insert(next.what.parts.begin(), kept->what.parts.begin(),
                             kept->what.parts.end());
    ++(request.follows ? does_->checkpoints_added : does_->checkpoints_whole);
    kept = std::move(next);
    return std::optional{kept->number};
  }
  core::outcome<std::optional<core::kept_checkpoint>> read_checkpoint(
      const core::pool_id&) override {
    return does_->kept;
  }
  core::outcome<std::vector<core::pool_id>> changed_pools() override {
    return kept_.changed_pools();
  }
  core::outcome<std::vector<core::registry_written>> write_registry(
      std::span<const core::registry_write> writes) override {
    return kept_.write_registry(writes);
  }
  core::outcome<std::vector<core::registry_row>> read_registry(
      const core::registry_query& query) override {
    return kept_.read_registry(query);
  }
  core::outcome<core::content_kept> put_content(std::span<const core::content> items) override {
    does_->content_batches.push_back(items.size());
    if (does_->throws) throw std::runtime_error{"the script throws"};
    if (does_->puts_to_fail > 0) {
      --does_->puts_to_fail;
      return core::store_unavailable("the script says no");
    }
    return kept_.put_content(items);
  }
  core::outcome<std::optional<std::string>> get_content(const core::content_ref& name) override {
    return kept_.get_content(name);
  }

 private:
  std::shared_ptr<script> does_;
  stores::memory_store kept_;
};

}  // namespace agentpool::testing
