#include "app/contacts_command_progress.h"

#include <gmock/gmock.h>

namespace todoku::app {
namespace {

using audience::ImportProgress;
using bounce::Language;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

constexpr ImportProgressLine::Clock::time_point kStart{1h};

TEST(ImportProgressLine, TellsShareRateAndTimeLeft) {
  ImportProgressLine line(false, Language::en);
  line.show({ImportProgress::Phase::importing, 0, 1'000'000}, kStart);
  EXPECT_EQ(line.text({ImportProgress::Phase::importing, 250'000, 1'000'000}, kStart + 5s),
            " 25 % 250,000 / 1,000,000 rows, 50,000/s, 15 s left");
  ImportProgressLine ja(false, Language::ja);
  ja.show({ImportProgress::Phase::importing, 0, 100}, kStart);
  EXPECT_EQ(ja.text({ImportProgress::Phase::importing, 50, 100}, kStart + 5s),
            " 50 % 50 / 100 行、毎秒 10 行、残り 5 秒");
}

TEST(ImportProgressLine, DoesNotCountForTheRateWhatWasThereBefore) {
  ImportProgressLine line(false, Language::en);
  line.show({ImportProgress::Phase::importing, 900, 2000}, kStart);
  EXPECT_THAT(line.text({ImportProgress::Phase::importing, 1000, 2000}, kStart + 1s), HasSubstr("100/s, 10 s left"));
}

TEST(ImportProgressLine, DrawsABarOnATerminal) {
  ImportProgressLine line(true, Language::en);
  EXPECT_EQ(line.text({ImportProgress::Phase::reading, 10, 30}, kStart),
            "██████████░░░░░░░░░░░░░░░░░░░░  33 % checking the file");
}

}  // namespace
}  // namespace todoku::app
