// What this node may use of one receiver's limits, where several nodes share them: connections and mails of short spans
// as parts that it holds, mails of an hour or a day in lots.
//
// It says in ask() what it holds and wants, and learns in hear() what it may use until the lease ends; before the first
// answer, and without an answer for the lease, nothing. Pure.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "cluster/ledger.h"
#include "cluster/share.h"
#include "delivery/window.h"

namespace todoku::delivery {

class Allotment {
 public:
  Allotment(std::string receiver, int connections, std::span<const Window> windows);

  /// Connections that may be open.
  [[nodiscard]] int connections(base::Time now) const;
  /// When to ask for a connection again that is not allowed now.
  [[nodiscard]] base::Time connection_at(base::Time now) const;
  /// Now, if a mail may be begun as far as the parts say; else when to ask again.
  [[nodiscard]] base::Time free_at(base::Time now) const;
  void take();
  /// Mails of this window that the node may begin in one span; the window's own number for lots.
  [[nodiscard]] std::int64_t most(std::size_t window) const;

  /// `waiting`: mails; 0 gives up what is not in use. What was asked for is to be followed by hear(), or by missed().
  void ask(std::int64_t waiting, int connections, base::Time now, std::vector<cluster::Line>& into);
  /// `asked`: when ask() was called; the lease counts from then.
  void hear(std::span<const cluster::Part> parts, base::Time asked, base::Time now, base::Duration lease);
  /// There was no answer. Lots are lost: they may have been given back.
  void missed();
  [[nodiscard]] bool asking() const { return asking_; }
  /// The lines of one of which nothing is in use any more, to be told last.
  void give_up(std::vector<cluster::Line>& into) const;
  /// Something is wanted that was never answered, or is on its way from other nodes.
  [[nodiscard]] bool lacking(base::Time now) const;
  [[nodiscard]] std::size_t lines() const { return parts_.size(); }

 private:
  struct Part {
    base::Duration span{0};
    std::int64_t most = 0;
    bool lots = false;
    cluster::Holding held = cluster::Holding();
    std::int64_t fair = 0;
    std::int64_t wanted = 0;
    std::int64_t left = 0;  // of the lot
    base::Time lot_until{};
    base::Time free_at{};  // of lots
  };
  [[nodiscard]] base::Time again(std::size_t part, base::Time now) const;
  void want(Part& part, std::int64_t waiting) const;

  std::string receiver_;
  std::vector<Part> parts_;  // connections, then as the windows
  base::Time until_{};
  std::int64_t waiting_ = 0;
  bool asking_ = false;  // an exchange is under way: lots stand still
};

}  // namespace todoku::delivery
