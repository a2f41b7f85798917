// What somebody who watches sessions asks for (app/serve/session_watch.h): one line with a domain, a host or a
// receiver's name, or "*" for all. A state machine without I/O; what follows the line is ignored.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace todoku::smtp {

class WatchQuestion {
 public:
  static constexpr std::size_t kLongest = 255;  // bytes before the line's end

  enum class State : std::uint8_t {
    more,     // the line has no end yet
    asked,    // it does not change any more
    refused,  // it is too long
  };

  State read(std::string_view bytes);
  [[nodiscard]] State state() const { return state_; }

  /// Whether such a session is asked for; false until the line has ended.
  [[nodiscard]] bool wants(std::string_view receiver, std::string_view site, std::string_view host) const;

 private:
  State state_ = State::more;
  std::string line_;
};

}  // namespace todoku::smtp
