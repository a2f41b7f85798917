// Words that repeat in the queue's tables, kept once; their ids stand in the rows. "" is 0.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "store/connection.h"

namespace todoku::queue {

/// The id of a word, 0 for one that was never stored.
[[nodiscard]] std::int64_t find_word(store::Connection& db, std::string_view text);

/// Ids of words within one transaction, stored where new. Not to be kept beyond it: a rollback takes new words back.
class Words {
 public:
  explicit Words(store::Connection& db) : db_(db) {}
  [[nodiscard]] std::int64_t id(std::string_view text);

 private:
  store::Connection& db_;
  std::map<std::string, std::int64_t, std::less<>> known_;
};

}  // namespace todoku::queue
