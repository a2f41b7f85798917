// libunbound for a runtime's tasks: questions from any of them, worked at on a loop of its own. Internal to dns.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "dns/resolver.h"
#include "net/runtime.h"
#include "net/signal.h"

namespace todoku::dns {

enum class Type : int { a = 1, ptr = 12, mx = 15, txt = 16, aaaa = 28, tlsa = 52 };

struct Answer {
  Status status = Status::cancelled;
  bool secure = false;
  std::vector<std::string> rdata;
  std::string canonical;  // lower case, no final dot; empty where the name is no alias
};

/// Asked, and answered some time; several can be under way before the first is waited for.
class Question {
 public:
  struct State;
  explicit Question(std::shared_ptr<State> state) : state_(std::move(state)) {}
  [[nodiscard]] net::Task<Answer> answer(base::Duration limit) const;

 private:
  std::shared_ptr<State> state_;  // shared with libunbound's callback, which may come after the limit
};

class Unbound {
 public:
  [[nodiscard]] static base::Result<std::unique_ptr<Unbound>> start(net::Runtime& runtime,
                                                                    const ResolverOptions& options);
  ~Unbound();
  [[nodiscard]] Question ask(const std::string& name, Type type);

  class Impl;
  explicit Unbound(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

 private:
  std::shared_ptr<Impl> impl_;  // shared with the farewell that is under way to an I/O thread
};

}  // namespace todoku::dns
