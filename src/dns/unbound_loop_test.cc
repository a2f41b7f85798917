#include "dns/unbound_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <future>
#include <string>

namespace todoku::dns {
namespace {

using testing::ElementsAre;

/// An event as libunbound makes one; what it is called for is noted.
struct Noted {
  Noted(UnboundLoop& loop, int descriptor, int bits)
      : event(loop.base()->vmt->new_event(loop.base(), descriptor, static_cast<short>(bits), note, this)) {}
  ~Noted() { event->vmt->free(event); }
  Noted(const Noted&) = delete;
  Noted& operator=(const Noted&) = delete;

  static void note(int descriptor, short why, void* self) {
    auto& noted = *static_cast<Noted*>(self);
    std::array<char, 16> buffer{};
    std::string text = why == UB_EV_TIMEOUT ? "time" : "";
    if ((why & UB_EV_READ) != 0) {
      text.assign(buffer.data(), static_cast<std::size_t>(::read(descriptor, buffer.data(), buffer.size())));
    }
    noted.came.push_back(text);
    if (noted.came.size() == noted.enough) noted.done.set_value();
  }

  ub_event* event;
  std::vector<std::string> came;
  std::size_t enough = 1;
  std::promise<void> done;
};

class UnboundLoopTest : public testing::Test {
 protected:
  UnboundLoopTest() {
    EXPECT_EQ(::pipe(pipe_.data()), 0);
    loop_.start();
  }
  ~UnboundLoopTest() override {
    loop_.stop();
    for (const int end : pipe_) ::close(end);
  }
  void write(std::string_view text) { EXPECT_EQ(::write(pipe_[1], text.data(), text.size()), std::ssize(text)); }
  /// On the loop's thread, and waits for it.
  void run(const std::function<void()>& call) {
    std::promise<void> over;
    loop_.post([&] {
      call();
      over.set_value();
    });
    over.get_future().wait();
  }

  UnboundLoop loop_;
  std::array<int, 2> pipe_{};
};

TEST_F(UnboundLoopTest, TellsOfADescriptorAsOftenAsWanted) {
  std::vector<std::string> came;
  {
    Noted once(loop_, pipe_[0], UB_EV_READ);
    run([&] { once.event->vmt->add(once.event, nullptr); });
    write("a");
    once.done.get_future().wait();
    came = once.came;
    run([&] { once.event->vmt->del(once.event); });
  }
  Noted always(loop_, pipe_[0], UB_EV_READ | UB_EV_PERSIST);
  run([&] { always.event->vmt->add(always.event, nullptr); });
  always.enough = 1;
  write("b");
  always.done.get_future().wait();
  always.done = {};
  always.enough = 2;
  write("c");
  always.done.get_future().wait();
  run([&] { always.event->vmt->del(always.event); });
  EXPECT_THAT(came, ElementsAre("a"));
  EXPECT_THAT(always.came, ElementsAre("b", "c"));
}

TEST_F(UnboundLoopTest, TellsOfATimeUnlessSomethingComesBefore) {
  timeval soon{.tv_sec = 0, .tv_usec = 1000}, late{.tv_sec = 3600, .tv_usec = 0};
  Noted timer(loop_, -1, UB_EV_TIMEOUT), never(loop_, -1, UB_EV_TIMEOUT), reader(loop_, pipe_[0], UB_EV_READ);
  run([&] {
    never.event->vmt->add_timer(never.event, loop_.base(), Noted::note, &never, &soon);
    never.event->vmt->del_timer(never.event);
    timer.event->vmt->add_timer(timer.event, loop_.base(), Noted::note, &timer, &soon);
    reader.event->vmt->add(reader.event, &late);
  });
  timer.done.get_future().wait();
  write("x");
  reader.done.get_future().wait();
  loop_.stop();
  EXPECT_THAT(timer.came, ElementsAre("time"));
  EXPECT_THAT(reader.came, ElementsAre("x"));
  EXPECT_TRUE(never.came.empty());
}

TEST_F(UnboundLoopTest, CallsComeInOrderAndNoneAfterTheEnd) {
  std::vector<int> called;
  for (int i = 0; i < 3; ++i) loop_.post([&called, i] { called.push_back(i); });
  run([] {});
  loop_.stop();
  loop_.post([&called] { called.push_back(9); });
  EXPECT_THAT(called, ElementsAre(0, 1, 2));
}

}  // namespace
}  // namespace todoku::dns
