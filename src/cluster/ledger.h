// What the nodes of a cluster tell each other about the receivers they send to: who holds how much of which limit, how
// much of a day's mails is used up, and whom a receiver has blocked.
//
// Each node exchanges every second: it says what it holds and wants, and hears what it may use from now on. A node that
// says nothing for the lease is dead, and what it held is free; so a node that cannot exchange must not use its parts
// any longer than that.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"

namespace todoku::cluster {

/// How long mails of a lot may be begun.
inline constexpr base::Duration kLotLife{10'000};

/// One limit of one receiver, and what this node says of it.
struct Line {
  std::string receiver;
  base::Duration span{0};  // the limit holds for every stretch of this length; 0: at every moment (connections)
  std::int64_t most = 0;
  bool lots = false;      // a long span: mails are reserved in lots instead of a part being held
  std::int64_t held = 0;  // of a lot: what is left of it
  std::int64_t wanted =
      0;  // in all; of lots: mails in the next one. Nothing held and nothing wanted: the line is given up
  base::Time lot_until{};  // of the lot that something is left of
};

/// The answer to a line.
struct Part {
  std::int64_t granted = 0;  // may be used until the lease ends, or, a lot, for kLotLife
  std::int64_t fair = 0;     // what it will be when the others have given up what is not theirs
  base::Time free_at{};      // of lots, where nothing was granted: when there may be some
};

/// A receiver that is left alone.
struct Rest {
  std::string receiver;
  std::string node;  // who heard it from the receiver
  base::Time until;
  bool blocked = false;  // until a try is taken; else only until then
  bool over = false;     // said of one that is not left alone any more
};

struct Request {
  std::vector<Line> lines;
  std::vector<Rest> rests;  // that this node knows of itself
  base::Time now;
};

struct Reply {
  std::vector<Part> parts;  // as the lines
  std::vector<Rest> rests;  // all there are
};

/// Of a receiver, for people.
struct Member {
  std::string node;
  base::Duration span{0};
  std::int64_t held = 0;
  std::int64_t wanted = 0;
};

/// What is known of a receiver now: who holds what (of the nodes that are alive), and whether it is left alone.
struct Picture {
  std::vector<Member> members;
  std::optional<Rest> rest;
};

/// Blocking; throws store::Failure where it cannot be reached.
class Ledger {
 public:
  virtual ~Ledger() = default;
  [[nodiscard]] virtual Reply exchange(const Request& request) = 0;
  /// This node ends, and holds nothing any more but what its windows are full of.
  virtual void leave(base::Time now) = 0;
  /// How long what exchange() granted may be used without another one.
  [[nodiscard]] virtual base::Duration lease() const = 0;
  [[nodiscard]] virtual Picture look(const std::string& receiver, base::Time now) = 0;
};

}  // namespace todoku::cluster
