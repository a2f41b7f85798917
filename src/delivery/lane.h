// One receiving site as a shard sees it: the work for it, where its servers are, and how it has been going.
//
// Belongs to one I/O thread.
#pragma once
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "base/id.h"
#include "delivery/route.h"
#include "delivery/work.h"

namespace todoku::delivery {

struct Receiver;

/// A recipient being served, and the batch that it is of.
struct Turn {
  std::shared_ptr<Work> work;
  base::ContactId contact;
};

class Lane {
 public:
  enum class Routing { unknown, under_way, known };

  explicit Lane(std::string site) : site_(std::move(site)) {}

  [[nodiscard]] const std::string& site() const { return site_; }
  /// Before those of lower priority: a password waits for no newsletter. Campaigns of one priority take turns by batch:
  /// a small one does not wait until all that is there of a large one is sent.
  void add(std::shared_ptr<Work> work);

  /// Recipients whose turn has not come.
  [[nodiscard]] std::size_t waiting() const;

  /// One more connection would have somebody to serve.
  [[nodiscard]] bool wants_connection() const {
    return connections < limit && static_cast<std::size_t>(connections) < waiting();
  }

  /// Takes the youngest batch of the lowest priority out.
  std::shared_ptr<Work> drop_last();

  /// The next recipient, of the oldest batch that has one.
  [[nodiscard]] std::optional<Turn> take();

  /// A turn that was taken too early comes first again.
  void give_back(const Turn& turn);

  /// Works are shared with the sessions that serve them; a lane forgets one when its last recipient is taken.
  [[nodiscard]] const std::deque<std::shared_ptr<Work>>& works() const { return works_; }

  Routing routing = Routing::unknown;
  Route route;
  Receiver* receiver = nullptr;  // who serves the site; known with the route
  int connections = 0;
  int limit = 1;         // connections at once; lowered where further ones are not reached
  int failures = 0;      // connections in a row that brought no mail over
  bool touched = false;  // in the shard's list of lanes to look at
  bool queued = false;   // waits for a connection in its receiver's list

 private:
  std::string site_;
  std::deque<std::shared_ptr<Work>> works_;
};

}  // namespace todoku::delivery
