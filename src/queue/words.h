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

using WordIds = std::map<std::string, std::int64_t, std::less<>>;

/// Ids that outlive a transaction, so that what every group says is not asked for again. Only words that were there
/// before it are remembered: a rollback takes new ones back. For one writer of one database; to be forgotten when a
/// transaction fails, which others' new words were in, and when its connection is lost: another database may answer.
class WordMemory {
 public:
  void forget() { known_.clear(); }

 private:
  friend class Words;
  static constexpr std::size_t kMost = 10'000;
  WordIds known_;
};

/// Ids of words within one transaction, stored where new. Not to be kept beyond it.
class Words {
 public:
  explicit Words(store::Connection& db, WordMemory* memory = nullptr) : db_(db), memory_(memory) {}
  [[nodiscard]] std::int64_t id(std::string_view text);

 private:
  store::Connection& db_;
  WordMemory* memory_;
  WordIds known_;
};

}  // namespace todoku::queue
