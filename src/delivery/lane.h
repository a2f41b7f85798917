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
  void add(std::shared_ptr<Work> work);

  /// Recipients whose turn has not come.
  [[nodiscard]] std::size_t waiting() const;

  /// The next recipient, of the oldest batch that has one.
  [[nodiscard]] std::optional<Turn> take();

  /// A turn that was taken too early comes first again.
  void give_back(const Turn& turn);

  /// Works are shared with the sessions that serve them; a lane forgets one when its last recipient is taken.
  [[nodiscard]] const std::deque<std::shared_ptr<Work>>& works() const { return works_; }

  Routing routing = Routing::unknown;
  Route route;
  int connections = 0;
  int limit = 1;         // connections at once; lowered where the site refuses more
  int failures = 0;      // connections in a row that brought no mail over
  bool touched = false;  // in the shard's list of lanes to look at
  bool starved = false;  // wants a connection while all are taken

 private:
  std::string site_;
  std::deque<std::shared_ptr<Work>> works_;
};

}  // namespace todoku::delivery
