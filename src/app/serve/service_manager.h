// systemd's notification protocol (sd_notify(3)): tells the service manager that we are ready, reloading, stopping, or
// still alive. Does nothing where no manager listens (NOTIFY_SOCKET).
#pragma once
#include <string>
#include <string_view>

namespace todoku::app {

class ServiceManager {
 public:
  /// Reads the environment; before any thread.
  ServiceManager();
  explicit ServiceManager(std::string socket) : socket_(std::move(socket)) {}

  void ready() const { tell("READY=1"); }
  void reloading() const;
  void stopping() const { tell("STOPPING=1"); }
  void alive() const { tell("WATCHDOG=1"); }
  void status(std::string_view text) const { tell("STATUS=" + std::string(text)); }

 private:
  /// Best effort: a manager that does not listen changes nothing for us.
  void tell(std::string_view message) const;

  std::string socket_;  // a path, or '@' and a name of the abstract namespace
};

}  // namespace todoku::app
