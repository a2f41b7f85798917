#include "scan/clamd.h"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

namespace todoku::scan {
namespace {

using namespace std::string_literals;

/// A clamd for one connection: reads until `until` bytes came (0: to the end of the stream), then says `answer`.
class OneAnswer {
 public:
  OneAnswer(std::string answer, std::size_t until) : answer_(std::move(answer)), until_(until) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path().copy(address.sun_path, sizeof address.sun_path - 1);
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ::unlink(path().c_str());
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) throw std::runtime_error("bind");
    ::listen(listener_, 1);
    thread_ = std::thread([this] { serve(); });
  }
  ~OneAnswer() {
    thread_.join();
    ::close(listener_);
    ::unlink(path().c_str());
  }
  [[nodiscard]] static std::string path() {
    return (std::filesystem::temp_directory_path() / ("todoku-clamd-" + std::to_string(::getpid()))).string();
  }
  std::string came;

 private:
  void serve() {
    const int line = ::accept(listener_, nullptr, nullptr);
    char buffer[65536];
    while (until_ == 0 ? !came.ends_with("\0\0\0\0"s) : came.size() < until_) {
      const auto got = ::read(line, buffer, sizeof buffer);
      if (got <= 0) break;
      came.append(buffer, static_cast<std::size_t>(got));
    }
    if (!answer_.empty()) static_cast<void>(::write(line, answer_.data(), answer_.size()));
    ::close(line);
  }

  const std::string answer_;
  const std::size_t until_;
  int listener_ = -1;
  std::thread thread_;
};

base::Result<Verdict> ask(std::string_view content, base::Duration limit = std::chrono::seconds(20)) {
  return ask_clamd({.address = OneAnswer::path(), .limit = limit}, content);
}

TEST(Clamd, TellsCleanFromInfected) {
  {
    OneAnswer clamd("stream: OK\0"s, 0);
    const auto verdict = ask("abc");
    ASSERT_TRUE(verdict) << verdict.error().text();
    EXPECT_FALSE(verdict->infected);
  }
  OneAnswer clamd("stream: Eicar FOUND\0"s, 0);
  const auto verdict = ask(std::string(3'000'000, 'x'));
  ASSERT_TRUE(verdict) << verdict.error().text();
  EXPECT_EQ(verdict->virus, "Eicar");
}

TEST(Clamd, HearsAnAnswerThatComesBeforeTheEndOfTheContent) {
  OneAnswer clamd("INSTREAM size limit exceeded. ERROR\0"s, 1000);
  std::string content;
  content.resize(30'000'000, 'x');
  EXPECT_EQ(ask(content).error().code, base::ErrorCode::limit);
}

TEST(Clamd, IsNeverTakenForCleanWhenItSaysNothing) {
  {
    OneAnswer clamd("", 0);
    EXPECT_EQ(ask("abc").error().code, base::ErrorCode::unavailable);
  }
  EXPECT_EQ(ask("abc").error().code, base::ErrorCode::unavailable) << "nobody listens";
  EXPECT_EQ(ask_clamd({.address = "127.0.0.1"}, "abc").error().code, base::ErrorCode::invalid);
  EXPECT_EQ(ask_clamd({.address = "localhost:3310"}, "abc").error().code, base::ErrorCode::invalid);
  EXPECT_EQ(ask_clamd({.address = "/" + std::string(200, 'a')}, "abc").error().code, base::ErrorCode::invalid);
  EXPECT_EQ(ask_clamd({.address = "[::1]:1"}, "abc").error().code, base::ErrorCode::unavailable);
}

TEST(Clamd, IsWaitedForNoLongerThanTheLimit) {
  OneAnswer clamd("", 1'000);  // reads on while nothing comes
  EXPECT_EQ(ask("abc", std::chrono::milliseconds(50)).error().code, base::ErrorCode::limit);
}

}  // namespace
}  // namespace todoku::scan
