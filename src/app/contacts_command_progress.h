// How far an import is, on standard error: a bar with rate and time left on a terminal, else a plain line every now and
// then.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

#include "audience/import.h"
#include "bounce/explanation.h"

namespace todoku::app {

class ImportProgressLine {
 public:
  using Clock = std::chrono::steady_clock;

  ImportProgressLine(bool terminal, bounce::Language language) : terminal_(terminal), language_(language) {}
  /// Ends the bar's line.
  ~ImportProgressLine();
  ImportProgressLine(const ImportProgressLine&) = delete;
  ImportProgressLine& operator=(const ImportProgressLine&) = delete;

  void show(const audience::ImportProgress& progress, Clock::time_point now);

  /// The line itself, without the terminal's control characters.
  [[nodiscard]] std::string text(const audience::ImportProgress& progress, Clock::time_point now) const;

 private:
  void begin_phase(const audience::ImportProgress& progress, Clock::time_point now);

  bool terminal_;
  bounce::Language language_;
  bool begun_ = false;
  bool shown_ = false;
  audience::ImportProgress::Phase phase_ = audience::ImportProgress::Phase::reading;
  std::uint64_t done_at_start_ = 0;  // an import that goes on does not count what was there for its rate
  Clock::time_point started_;
  Clock::time_point told_;
};

}  // namespace todoku::app
