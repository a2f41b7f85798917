// SIGINT and SIGTERM as a question to be asked, for commands that run long in the foreground.
#pragma once
#include <csignal>

namespace todoku::app {

/// Takes both signals while it lives. One at a time in a process.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  [[nodiscard]] bool came() const;

 private:
  struct sigaction old_int_{};
  struct sigaction old_term_{};
};

}  // namespace todoku::app
