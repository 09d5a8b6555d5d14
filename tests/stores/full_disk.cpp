#include "full_disk.hpp"

#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace agentpool::stores {

namespace {

std::atomic<int> left{0};

bool is_full() {
  if (left > 0) {
    --left;
    return false;
  }
  errno = ENOSPC;
  return true;
}

ssize_t limited_write(int file, const void* bytes, size_t count) {
  return is_full() ? -1 : write(file, bytes, count);
}

ssize_t limited_pwrite(int file, const void* bytes, size_t count, off_t offset) {
  return is_full() ? -1 : pwrite(file, bytes, count, offset);
}

void replace(const char* call, sqlite3_syscall_ptr with) {
  auto* files = sqlite3_vfs_find(nullptr);
  files->xSetSystemCall(files, call, with);
}

}  // namespace

full_disk::full_disk(int writes_left) {
  left = writes_left;
  replace("write", reinterpret_cast<sqlite3_syscall_ptr>(limited_write));
  replace("pwrite", reinterpret_cast<sqlite3_syscall_ptr>(limited_pwrite));
  replace("pwrite64", reinterpret_cast<sqlite3_syscall_ptr>(limited_pwrite));
}

full_disk::~full_disk() {
  for (const char* call : {"write", "pwrite", "pwrite64"}) replace(call, nullptr);
}

}  // namespace agentpool::stores
