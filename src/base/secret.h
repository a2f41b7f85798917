// A password, key or token that no log, format string or exception text can show by accident.
#pragma once
#include <string>
#include <string_view>
#include <utility>

namespace todoku::base {

/// Wiped from memory when destroyed. reveal() is the only way to its content; there is no operator<<.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  Secret(Secret&& other) noexcept : text_(std::exchange(other.text_, {})) {}
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  [[nodiscard]] bool empty() const { return text_.empty(); }
  [[nodiscard]] std::string_view reveal() const { return text_; }

 private:
  std::string text_;
};

}  // namespace todoku::base
