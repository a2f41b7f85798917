#include "smtp/watch_question.h"

namespace todoku::smtp {

WatchQuestion::State WatchQuestion::read(std::string_view bytes) {
  if (state_ != State::more) return state_;
  const std::size_t end = bytes.find('\n');
  const std::string_view part = bytes.substr(0, end);
  if (part.size() > kLongest - line_.size()) return state_ = State::refused;
  line_ += part;
  if (end != bytes.npos) state_ = State::asked;
  return state_;
}

bool WatchQuestion::wants(std::string_view receiver, std::string_view site, std::string_view host) const {
  if (state_ != State::asked) return false;
  return line_ == "*" || line_ == receiver || line_ == site || line_ == host;
}

}  // namespace todoku::smtp
