#include "store/connection.h"

#include <array>

namespace todoku::store {
namespace {

// Fixed texts, so that a savepoint costs no formatting and its statement is prepared once.
struct Savepoint {
  std::string_view open, release, rollback;
};
constexpr std::array<Savepoint, 6> kSavepoints = {{
    {"savepoint t1", "release savepoint t1", "rollback to savepoint t1"},
    {"savepoint t2", "release savepoint t2", "rollback to savepoint t2"},
    {"savepoint t3", "release savepoint t3", "rollback to savepoint t3"},
    {"savepoint t4", "release savepoint t4", "rollback to savepoint t4"},
    {"savepoint t5", "release savepoint t5", "rollback to savepoint t5"},
    {"savepoint t6", "release savepoint t6", "rollback to savepoint t6"},
}};

const Savepoint& savepoint(int depth) { return kSavepoints.at(static_cast<std::size_t>(depth - 1)); }

}  // namespace

std::optional<std::int64_t> Connection::query_integer(std::string_view sql, std::initializer_list<Value> parameters) {
  Rows rows = query(sql, parameters);
  if (!rows.next() || rows.is_null(0)) return std::nullopt;
  return rows.integer(0);
}

std::optional<std::string> Connection::query_text(std::string_view sql, std::initializer_list<Value> parameters) {
  Rows rows = query(sql, parameters);
  if (!rows.next() || rows.is_null(0)) return std::nullopt;
  return std::string(rows.text(0));
}

Transaction::Transaction(Connection& connection) : connection_(connection), depth_(connection.depth_) {
  if (depth_ == 0) {
    connection_.begin();
  } else {
    connection_.execute(savepoint(depth_).open);
  }
  ++connection_.depth_;
}

void Transaction::commit() {
  if (depth_ == 0) {
    connection_.commit();
  } else {
    connection_.execute(savepoint(depth_).release);
  }
  open_ = false;
  --connection_.depth_;
}

Transaction::~Transaction() {
  if (!open_) return;
  --connection_.depth_;
  if (depth_ == 0) {
    connection_.rollback();
    return;
  }
  try {
    connection_.execute(savepoint(depth_).rollback);
    connection_.execute(savepoint(depth_).release);
  } catch (const Failure&) {  // NOLINT(bugprone-empty-catch): the whole transaction is gone; its commit will say so
  }
}

}  // namespace todoku::store
