// Lets SQLite's writes fail as on a full disk.
#pragma once

namespace agentpool::stores {

/// As long as it lives, SQLite in this process can write `writes_left` times more and then finds
/// the disk full. One at a time.
class full_disk {
 public:
  explicit full_disk(int writes_left);
  ~full_disk();
  full_disk(const full_disk&) = delete;
  full_disk& operator=(const full_disk&) = delete;
};

}  // namespace agentpool::stores
