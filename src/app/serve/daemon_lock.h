// Which process serves a data folder: `todoku serve` holds DATA/serve.lock, other commands look.
#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "store/file_lock.h"

namespace todoku::app {

/// "pid 4711" where a daemon with the role `delivery` serves the folder.
[[nodiscard]] std::optional<std::string> serving(const std::filesystem::path& data);

/// Held while it lives.
class DaemonLock {
 public:
  explicit DaemonLock(const std::filesystem::path& data);
  [[nodiscard]] bool held() const { return held_; }

 private:
  store::FileLock lock_;
  bool held_;
};

}  // namespace todoku::app
