#include "app/serve/daemon_lock.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>

namespace todoku::app {
namespace {

std::filesystem::path lock_file(const std::filesystem::path& data) { return data / "serve.lock"; }

}  // namespace

std::optional<std::string> serving(const std::filesystem::path& data) {
  if (!std::filesystem::exists(lock_file(data))) return std::nullopt;
  store::FileLock lock(lock_file(data));
  if (lock.try_now()) return std::nullopt;
  return lock.signature();
}

DaemonLock::DaemonLock(const std::filesystem::path& data)
    : lock_(lock_file(data)), held_(lock_.try_for(std::chrono::seconds(2))) {
  if (held_) lock_.sign(fmt::format("pid {}", ::getpid()));
}

}  // namespace todoku::app
