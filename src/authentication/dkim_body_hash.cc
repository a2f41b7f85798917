#include "authentication/dkim_body_hash.h"

#include <algorithm>

#include "authentication/dkim_canonical.h"
#include "base/ascii.h"

namespace todoku::authentication {
namespace {

constexpr int kMostLessons = 16;            // then the mails are too different for it to be worth while,
constexpr unsigned kLessonsHold = 1000;     // until so many later others may be coming
constexpr std::size_t kWorthKnowing = 192;  // copying a hash costs as much as hashing that

/// The longest beginning that ends with a line that is not empty: what follows cannot change its relaxed form.
std::string_view whole_lines(std::string_view text) {
  while (true) {
    const std::size_t end = text.rfind("\r\n");
    if (end == text.npos) return {};
    if (end > 0 && !base::ascii_space(text[end - 1])) return text.substr(0, end + 2);
    text = text.substr(0, end);
  }
}

}  // namespace

Sha256Digest DkimBodyHash::operator()(std::string_view body) {
  if (++hashed_ % kLessonsHold == 0) learnt_ = 0;
  if (!body.starts_with(known_) || learnt_ == 0) learn(body);
  canonical_.clear();
  if (known_.empty()) {
    hash_.begin();
  } else {
    hash_.begin_at(at_known_);
    body.remove_prefix(known_.size());
  }
  append_relaxed_body(canonical_, body);
  hash_.add(canonical_);
  return hash_.end();
}

void DkimBodyHash::learn(std::string_view body) {
  const std::string_view before = learnt_ == 0 ? body : known_;
  std::string_view common(before.begin(), std::ranges::mismatch(before, body).in1);
  common = whole_lines(common);
  if (++learnt_ > kMostLessons || common.size() < kWorthKnowing) common = {};
  known_ = std::string(common);
  canonical_.clear();
  append_relaxed_body(canonical_, known_);
  at_known_.begin();
  at_known_.add(canonical_);
}

}  // namespace todoku::authentication
