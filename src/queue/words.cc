#include "queue/words.h"

#include "store/utf8.h"

namespace todoku::queue {
namespace {

constexpr std::size_t kMaxWord = 300;

constexpr std::string_view kFind = "select id from word where text = ?1";
constexpr std::string_view kAdd = "insert into word (text) values (?1) on conflict (text) do nothing returning id";

}  // namespace

std::int64_t find_word(store::Connection& db, std::string_view text) {
  if (text.empty()) return 0;
  return db.query_integer(kFind, {store::to_storable_text(text.substr(0, kMaxWord))}).value_or(0);
}

std::int64_t Words::id(std::string_view text) {
  if (text.empty()) return 0;
  if (memory_ != nullptr) {
    if (const auto known = memory_->known_.find(text); known != memory_->known_.end()) return known->second;
  }
  if (const auto known = known_.find(text); known != known_.end()) return known->second;
  std::int64_t id = find_word(db_, text);
  if (id != 0 && memory_ != nullptr) {
    if (memory_->known_.size() >= WordMemory::kMost) memory_->forget();  // what is still said comes back
    memory_->known_.emplace(text, id);
  }
  const std::string word = store::to_storable_text(text.substr(0, kMaxWord));
  if (id == 0) id = db_.query_integer(kAdd, {word}).value_or(0);
  if (id == 0) id = find_word(db_, text);  // another node has just added it
  known_.emplace(text, id);
  return id;
}

}  // namespace todoku::queue
