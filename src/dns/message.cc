#include "dns/message.h"

#include "base/ascii.h"
#include "dns/rdata.h"

namespace todoku::dns {
namespace {

constexpr std::size_t kHeader = 12, kNameLimit = 255;
constexpr unsigned kLabelLimit = 63, kPointer = 0xc0;
constexpr int kCname = 5, kPtr = 12, kMx = 15;

struct Record {
  std::string name;  // uncompressed
  int type = 0;
  std::string_view rdata;
  std::size_t at = 0;  // where rdata begins
};

/// Takes a message from its front to its end.
class Reader {
 public:
  explicit Reader(std::string_view message, std::size_t at = 0) : message_(message), at_(at) {}

  std::optional<int> number16() {
    if (message_.size() - at_ < 2) return std::nullopt;
    const int number = static_cast<int>(byte(at_) * 256 + byte(at_ + 1));
    at_ += 2;
    return number;
  }

  bool skip(std::size_t bytes) {
    if (message_.size() - at_ < bytes) return false;
    at_ += bytes;
    return true;
  }

  /// A name without compression (section 4.1.4), as it would stand alone.
  std::optional<std::string> name() {
    std::string wire;
    std::size_t from = at_, lowest = at_;  // a pointer leads further back than all before it: no circles
    bool behind = false;                   // at_ is behind the name already
    while (from < message_.size()) {
      const unsigned length = byte(from);
      if (length >= kPointer) {
        if (from + 1 >= message_.size()) return std::nullopt;
        const std::size_t target = (length - kPointer) * 256 + byte(from + 1);
        if (target >= lowest) return std::nullopt;
        if (!behind) at_ = from + 2;
        behind = true;
        from = lowest = target;
        continue;
      }
      const std::size_t size = length + 1;
      if (length > kLabelLimit || message_.size() - from < size || wire.size() + size > kNameLimit) return std::nullopt;
      wire += message_.substr(from, size);
      from += size;
      if (length > 0) continue;
      if (!behind) at_ = from;
      return wire;
    }
    return std::nullopt;
  }

  std::optional<Record> record() {
    Record found;
    auto owner = name();
    if (!owner) return std::nullopt;
    found.name = *std::move(owner);
    const auto type = number16();
    const bool timed = skip(6);  // class and time to live
    const auto size = number16();
    if (!type || !timed || !size) return std::nullopt;
    found.type = *type;
    found.at = at_;
    if (!skip(static_cast<std::size_t>(*size))) return std::nullopt;
    found.rdata = message_.substr(found.at, static_cast<std::size_t>(*size));
    return found;
  }

 private:
  [[nodiscard]] unsigned byte(std::size_t at) const { return static_cast<unsigned char>(message_[at]); }

  std::string_view message_;
  std::size_t at_;
};

/// As it would stand alone.
std::optional<std::string> expanded(std::string_view message, const Record& record) {
  const std::size_t before = record.type == kMx ? 2 : 0;  // the preference
  if (record.type != kMx && record.type != kPtr && record.type != kCname) return std::string(record.rdata);
  if (record.rdata.size() < before) return std::nullopt;
  auto name = Reader(message, record.at + before).name();
  if (!name) return std::nullopt;
  return std::string(record.rdata.substr(0, before)) + *name;
}

}  // namespace

std::optional<Answers> read_answers(std::string_view message) {
  if (message.size() < kHeader) return std::nullopt;
  Answers found;
  found.code = static_cast<unsigned char>(message[3]) & 15;
  const int questions = *Reader(message, 4).number16();
  const int answers = *Reader(message, 6).number16();
  Reader reader(message, kHeader);
  auto name = reader.name();
  const auto type = name ? reader.number16() : std::nullopt;
  if (questions != 1 || !type || !reader.skip(2)) return std::nullopt;
  bool alias = false;
  for (int i = 0; i < answers; ++i) {
    const auto record = reader.record();
    if (!record) return std::nullopt;
    const bool wanted = record->type == *type;
    if (!base::iequals(record->name, *name) || !(wanted || record->type == kCname)) continue;
    auto rdata = expanded(message, *record);
    if (!rdata) return std::nullopt;
    if (wanted) {
      found.rdata.push_back(*std::move(rdata));
    } else {
      name = *std::move(rdata);
      alias = true;
    }
  }
  if (alias) found.canonical = parse_name(*name).value_or("");
  return found;
}

}  // namespace todoku::dns
