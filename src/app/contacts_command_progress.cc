#include "app/contacts_command_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "app/phrase.h"

namespace todoku::app {
namespace {

using audience::ImportProgress;
using bounce::Language;
using namespace std::chrono_literals;

constexpr auto kBarInterval = 100ms;
constexpr auto kLineInterval = 5s;
constexpr int kBarWidth = 30;

double seconds(ImportProgressLine::Clock::duration d) { return std::chrono::duration<double>(d).count(); }

std::string bar(double part) {
  const int full = static_cast<int>(part * kBarWidth);
  std::string text;
  for (int i = 0; i < kBarWidth; ++i) text += i < full ? "█" : "░";
  return text;
}

}  // namespace

ImportProgressLine::~ImportProgressLine() {
  if (terminal_ && shown_) fmt::print(stderr, "\n");
}

void ImportProgressLine::begin_phase(const ImportProgress& progress, Clock::time_point now) {
  begun_ = true;
  phase_ = progress.phase;
  done_at_start_ = progress.done;
  started_ = told_ = now;
}

void ImportProgressLine::show(const ImportProgress& progress, Clock::time_point now) {
  if (!begun_ || phase_ != progress.phase) return begin_phase(progress, now);
  const bool last = progress.done == progress.all;
  if (now - told_ < (terminal_ ? Clock::duration(kBarInterval) : Clock::duration(kLineInterval)) &&
      !(last && terminal_)) {
    return;
  }
  told_ = now;
  if (terminal_) {
    fmt::print(stderr, "\r\x1b[K{}", text(progress, now));
    std::fflush(stderr);
    shown_ = true;
  } else {
    fmt::print(stderr, "{}\n", text(progress, now));
  }
}

std::string ImportProgressLine::text(const ImportProgress& progress, Clock::time_point now) const {
  const bool ja = language_ == Language::ja;
  const double part =
      progress.all == 0 ? 1.0 : std::min(1.0, static_cast<double>(progress.done) / static_cast<double>(progress.all));
  const auto percent = fmt::format("{:3.0f} %", 100 * part);
  const auto head = terminal_ ? fmt::format("{} {}", bar(part), percent) : percent;
  if (progress.phase == ImportProgress::Phase::reading) {
    return fmt::format("{} {}", head, ja ? "ファイルを確認しています" : "checking the file");
  }
  const double rate = static_cast<double>(progress.done - std::min(progress.done, done_at_start_)) /
                      std::max(0.001, seconds(now - started_));
  std::string line = fmt::format("{} {} / {}", head, grouped(static_cast<std::int64_t>(progress.done)),
                                 grouped(static_cast<std::int64_t>(progress.all)));
  if (rate < 1) return line;
  const auto left = static_cast<double>(progress.all - progress.done) / rate;
  return line + (ja ? fmt::format(" 行、毎秒 {} 行、残り {:.0f} 秒", grouped(static_cast<std::int64_t>(rate)), left)
                    : fmt::format(" rows, {}/s, {:.0f} s left", grouped(static_cast<std::int64_t>(rate)), left));
}

}  // namespace todoku::app
