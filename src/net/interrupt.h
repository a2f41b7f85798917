// What closing the runtime interrupts: every open stream, listener and wait of one event loop. Internal to net and dns.
#pragma once
#include <boost/asio/execution_context.hpp>
#include <mutex>
#include <unordered_set>

namespace todoku::net {

class Interruptible {
 public:
  enum class Kind { listener, other };
  virtual ~Interruptible() = default;
  /// On the event loop's thread: lets the operation in progress, and all later ones, end as cancelled.
  virtual void interrupt() = 0;
  [[nodiscard]] virtual Kind kind() const { return Kind::other; }
};

/// One for each event loop. Members enrol and leave on any thread; interrupted on the loop's thread.
class InterruptRegistry : public boost::asio::execution_context::service {
 public:
  using key_type = InterruptRegistry;
  static boost::asio::execution_context::id id;

  explicit InterruptRegistry(boost::asio::execution_context& context) : service(context) {}

  /// False: the loop is being closed already; the caller interrupts itself.
  [[nodiscard]] bool enrol(Interruptible* member);
  void leave(Interruptible* member);
  void interrupt_listeners();
  void interrupt_all();

 private:
  void shutdown() override {}
  void interrupt(bool listeners_only);

  std::mutex mutex_;
  std::unordered_set<Interruptible*> members_;
  bool listeners_closed_ = false;
  bool closed_ = false;
};

}  // namespace todoku::net
