#include "audience/csv_reader.h"

#include <algorithm>
#include <utility>

namespace todoku::audience {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::uint8_t kStopsPlain = 1;
constexpr std::uint8_t kStopsQuoted = 2;

constexpr std::uint8_t byte(char c) { return static_cast<std::uint8_t>(c); }

/// The delimiter that occurs most in the first line, outside quotes; comma where none does. Nothing while the line's
/// end is not there.
std::optional<char> delimiter_of_first_line(std::string_view text, bool whole) {
  constexpr std::string_view kCandidates = ",\t;";
  std::array<int, 3> counts{};
  bool quoted = false;
  bool ended = whole;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '\n' || c == '\r') {
      ended = true;
      break;
    }
    if (const auto which = kCandidates.find(c); which != std::string_view::npos) ++counts[which];
  }
  if (!ended) return std::nullopt;
  return kCandidates[static_cast<std::size_t>(std::ranges::max_element(counts) - counts.begin())];
}

/// Line breaks and, after the last one, characters of UTF-8 in `text`.
struct Distance {
  std::int64_t lines = 0;
  std::int64_t characters = 0;
};
Distance measure(std::string_view text) {
  Distance distance;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool breaks = text[i] == '\r' || (text[i] == '\n' && (i == 0 || text[i - 1] != '\r'));
    if (breaks) ++distance.lines;
    if (breaks || text[i] == '\n') {
      distance.characters = 0;
    } else if ((byte(text[i]) & 0xc0) != 0x80) {
      ++distance.characters;
    }
  }
  return distance;
}

std::size_t without_doubled_quotes(char* text, std::size_t size) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < size; ++i) {
    text[kept++] = text[i];
    if (text[i] == '"') ++i;
  }
  return kept;
}

}  // namespace

CsvReader::CsvReader(std::string name, char delimiter, CsvLimits limits) : name_(std::move(name)), limits_(limits) {
  if (delimiter) set_delimiter(delimiter);
}

void CsvReader::set_delimiter(char delimiter) {
  delimiter_ = delimiter;
  for (const char c : {delimiter, '\n', '\r', '\0'}) stops_[byte(c)] |= kStopsPlain;
  for (const char c : {'"', '\n', '\r', '\0'}) stops_[byte(c)] |= kStopsQuoted;
}

void CsvReader::feed(std::string_view bytes) {
  if (record_ > 0) {
    buffer_.erase(0, record_);
    at_ -= record_;
    field_ -= std::min(field_, record_);
    for (auto& extent : extents_) extent.begin -= record_, extent.end -= record_;
    record_ = 0;
  }
  buffer_ += bytes;
}

base::Result<CsvReader::Step> CsvReader::next(CsvRecord& record) {
  if (error_) return *error_;
  if (!begun_ && !start()) return Step::more;
  switch (scan()) {
    case Scan::record:
      deliver(record);
      return Step::record;
    case Scan::more:
      return finished_ ? Step::end : Step::more;
    case Scan::error:
      break;
  }
  return *error_;
}

/// Drops the byte order mark and finds the delimiter. False: more bytes are needed.
bool CsvReader::start() {
  if (buffer_.size() < kByteOrderMark.size() && !finished_) return false;
  const bool marked = buffer_.starts_with(kByteOrderMark);
  const auto text = std::string_view(buffer_).substr(marked ? kByteOrderMark.size() : 0);
  if (!delimiter_) {
    const auto found = delimiter_of_first_line(text, finished_ || text.size() > limits_.record);
    if (!found) return false;
    set_delimiter(*found);
  }
  if (marked) record_ = at_ = kByteOrderMark.size();
  return begun_ = true;
}

CsvReader::Scan CsvReader::scan() {
  while (at_ < buffer_.size()) {
    bool going = true;
    switch (state_) {
      case State::record_start:
        if (std::exchange(after_cr_, false) && buffer_[at_] == '\n') {
          record_ = ++at_;
          continue;
        }
        state_ = State::field_start;
        [[fallthrough]];
      case State::field_start:
        doubled_ = false;
        state_ = buffer_[at_] == '"' ? State::quoted : State::plain;
        if (state_ == State::quoted) ++at_;
        field_ = at_;
        break;
      case State::plain:
        going = scan_plain();
        break;
      case State::quoted:
        going = scan_quoted();
        break;
      case State::quote_in_quoted:
        if (buffer_[at_] == '"') {
          doubled_ = true;
          ++at_;
          state_ = State::quoted;
        } else {
          going = end_field(at_ - 1);
          state_ = State::after_quote;
        }
        break;
      case State::after_quote:
        going = scan_after_quote();
        break;
      case State::failed:
        going = false;
        break;
    }
    if (!going) return error_ ? Scan::error : Scan::record;
  }
  return at_end_of_bytes();
}

/// These three: true to go on, false when the record is complete or broken.
bool CsvReader::scan_plain() {
  const char* const bytes = buffer_.data();
  const std::size_t size = buffer_.size();
  std::size_t at = at_;
  while (at < size && !(stops_[byte(bytes[at])] & kStopsPlain)) ++at;
  at_ = at;
  if (at == size) return true;
  const char c = bytes[at];
  if (c == '\0') return fail(base::ErrorCode::invalid, at, "a NUL byte", "save the file as UTF-8 or Shift_JIS text");
  if (!end_field(at)) return false;
  ++at_;
  if (c != delimiter_) return end_record(c);
  state_ = State::field_start;
  field_ = at_;
  return true;
}

bool CsvReader::scan_quoted() {
  const char* const bytes = buffer_.data();
  const std::size_t size = buffer_.size();
  std::size_t at = at_;
  while (at < size) {
    while (at < size && !(stops_[byte(bytes[at])] & kStopsQuoted)) ++at;
    if (at == size) break;
    const char c = bytes[at];
    if (c == '"') {
      at_ = at + 1;
      state_ = State::quote_in_quoted;
      return true;
    }
    if (c == '\0') return fail(base::ErrorCode::invalid, at, "a NUL byte", "save the file as UTF-8 or Shift_JIS text");
    if (c == '\r' || bytes[at - 1] != '\r') ++breaks_;  // the opening quote stands before, so at > 0
    ++at;
  }
  at_ = at;
  return true;
}

bool CsvReader::scan_after_quote() {
  const char c = buffer_[at_];
  if (c == delimiter_) {
    ++at_;
    state_ = State::field_start;
    field_ = at_;
    return true;
  }
  if (c == '\n' || c == '\r') {
    ++at_;
    return end_record(c);
  }
  if (c == ' ') {
    ++at_;
    return true;
  }
  return fail(base::ErrorCode::invalid, at_, "text after a closing quote",
              "double every quote inside a quoted field (\"\")");
}

bool CsvReader::end_field(std::size_t end) {
  if (end - field_ > limits_.field) {
    return fail(base::ErrorCode::limit, field_, "a field longer than " + std::to_string(limits_.field) + " bytes",
                "shorten it, or look for a quote that is not closed");
  }
  if (extents_.size() == limits_.fields) {
    return fail(base::ErrorCode::limit, field_, "more than " + std::to_string(limits_.fields) + " fields in one record",
                "is this a CSV file?");
  }
  extents_.push_back({field_, end, doubled_});
  return true;
}

/// False as the record is complete; true when it was a line without anything, which is skipped.
bool CsvReader::end_record(char line_end) {
  if (at_ - record_ > limits_.record + 1) {
    return fail(base::ErrorCode::limit, record_, "a record longer than " + std::to_string(limits_.record) + " bytes",
                "look for a quote that is not closed");
  }
  after_cr_ = line_end == '\r';
  state_ = State::record_start;
  if (at_ - record_ == 1 && line_end) {
    extents_.clear();
    record_ = at_;
    ++line_;
    return true;
  }
  return false;
}

CsvReader::Scan CsvReader::at_end_of_bytes() {
  if (buffer_.size() - record_ > limits_.record && state_ == State::quoted) {
    fail(base::ErrorCode::limit, field_ - 1,
         "a quote that is not closed within " + std::to_string(limits_.record) + " bytes",
         "close it, or double it (\"\")");
    return Scan::error;
  }
  if (buffer_.size() - record_ > limits_.record) {
    fail(base::ErrorCode::limit, record_ + limits_.record,
         "a record longer than " + std::to_string(limits_.record) + " bytes",
         "does the file have line ends, or a quote that is not closed?");
    return Scan::error;
  }
  if (!finished_ || state_ == State::record_start) return Scan::more;
  if (state_ == State::quoted) {
    fail(base::ErrorCode::invalid, field_ - 1, "a quote that is never closed", "close it, or double it (\"\")");
    return Scan::error;
  }
  const bool field_open = state_ != State::after_quote;
  if (field_open && state_ != State::quote_in_quoted && state_ != State::plain) {
    field_ = at_;  // the input ends right after a delimiter
    doubled_ = false;
  }
  if (field_open && !end_field(state_ == State::quote_in_quoted ? at_ - 1 : at_)) return Scan::error;
  end_record('\0');
  return error_ ? Scan::error : Scan::record;
}

bool CsvReader::fail(base::ErrorCode code, std::size_t at, std::string message, std::string hint) {
  error_ = base::Error{code, std::move(message), std::move(hint), place(at)};
  state_ = State::failed;
  return false;
}

std::string CsvReader::place(std::size_t at) const {
  const auto distance = measure(std::string_view(buffer_).substr(record_, at - record_));
  return name_ + ":" + std::to_string(line_ + distance.lines) + ":" + std::to_string(distance.characters + 1);
}

/// Doubled quotes are undone here, in place: until now the bytes were needed to say where an error is.
void CsvReader::deliver(CsvRecord& record) {
  record.line = line_;
  record.fields.clear();
  char* const bytes = buffer_.data();
  for (const auto& extent : extents_) {
    std::size_t size = extent.end - extent.begin;
    if (extent.doubled_quotes) size = without_doubled_quotes(bytes + extent.begin, size);
    record.fields.emplace_back(bytes + extent.begin, size);
  }
  extents_.clear();
  line_ += 1 + breaks_;
  breaks_ = 0;
  record_ = at_;
}

}  // namespace todoku::audience
