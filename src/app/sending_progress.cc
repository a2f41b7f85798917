#include "app/sending_progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>

#include "app/campaign_status_text.h"
#include "app/phrase.h"

namespace todoku::app {
namespace {

using bounce::Language;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kLineEvery{10};
constexpr int kBarWidth = 30;

constexpr Phrase kLine = {"{} / {} 件  到達 {}  失敗 {}  再送待ち {}  {:.0f} 件/秒  残り {}",
                          "{} of {}  delivered {}  failed {}  deferred {}  {:.0f}/s  {} left"};
constexpr std::array<Phrase, 4> kEnds = {{
    {"送信が完了しました。", "Done."},
    {"一時停止されました。`todoku campaign resume` で再開できます。", "Paused; `todoku campaign resume` goes on."},
    {"中止されました。", "Cancelled."},
    {"中断しました。`todoku campaign send` で続きから送信します。",
     "Interrupted; `todoku campaign send` goes on where it was."},
}};

std::int64_t done_of(const campaign::Status& s) { return s.delivered + s.failed + s.skipped + s.cancelled; }

std::string bar(double share) {
  const int full = static_cast<int>(share * kBarWidth);
  std::string out = "[";
  for (int i = 0; i < kBarWidth; ++i) out += i < full ? "█" : "·";
  return out + "] ";
}

std::string time_left(std::int64_t open, double rate) {
  if (open == 0) return "0:00";
  if (rate <= 0) return "–";
  const auto seconds = static_cast<std::int64_t>(static_cast<double>(open) / rate) + 1;
  return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
}

}  // namespace

SendingProgress::SendingProgress(Language language) : language_(language), terminal_(::isatty(STDOUT_FILENO) == 1) {}

void SendingProgress::show(const campaign::Status& status) {
  const auto now = Clock::now();
  if (done_before_ < 0) done_before_ = done_of(status);
  if (!terminal_ && now - shown_ < kLineEvery) return;
  shown_ = now;
  const double seconds = std::chrono::duration<double>(now - began_).count();
  const double rate = seconds > 0 ? static_cast<double>(done_of(status) - done_before_) / seconds : 0;
  const std::string line = fmt::format(fmt::runtime(kLine.in(language_)), grouped(done_of(status)),
                                       grouped(status.total), grouped(status.delivered), grouped(status.failed),
                                       grouped(status.deferred), rate, time_left(status.total - done_of(status), rate));
  if (terminal_) {
    const double share =
        status.total > 0 ? static_cast<double>(done_of(status)) / static_cast<double>(status.total) : 1;
    fmt::print("\r\x1b[K{}{}", bar(share), line);
  } else {
    fmt::print("{}\n", line);
  }
  std::fflush(stdout);
}

void SendingProgress::finish(const campaign::Status& status, Sending::End end) {
  if (terminal_) fmt::print("\r\x1b[K");
  fmt::print("{}\n\n{}", kEnds[static_cast<std::size_t>(end)].in(language_), status_text(status, language_));
}

}  // namespace todoku::app
