// The operator's own rules, in the data folder, hold for every command that reads what servers say.
#include <gmock/gmock.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "app/command.h"
#include "app/commands.h"

namespace todoku::app {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class OwnRules : public ::testing::Test {
 protected:
  OwnRules() {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    context_.data = folder_;
    write("replies.tsv", "mx.example.com\trcpt\t550 qwertz uiop\n");
  }
  ~OwnRules() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& content) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << content;
  }

  void write_rule(const std::string& reason) const {
    write("rules/mine.toml", "[[reply]]\nid = \"qwertz\"\nreason = \"" + reason +
                                 "\"\nsays = [\"qwertz uiop\"]\nexamples = [\"550 qwertz uiop\"]\n");
  }

  std::string run(std::vector<std::string> words) {
    CLI::App root("", "todoku");
    add_commands(root, context_);
    std::ranges::reverse(words);
    ::testing::internal::CaptureStdout();
    root.parse(words);
    return ::testing::internal::GetCapturedStdout();
  }

  std::string replies() const { return (folder_ / "replies.tsv").string(); }

  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("own-rules-" + std::to_string(getpid()));
  Context context_;
};

TEST_F(OwnRules, DecideWhatExplainSays) {
  EXPECT_THAT(run({"explain", "--format", "jsonl", "--replies", replies()}), Not(HasSubstr("mailbox_full")));
  write_rule("mailbox_full");
  const std::string said = run({"explain", "--format", "jsonl", "--replies", replies()});
  EXPECT_THAT(said, HasSubstr("\"reason\":\"mailbox_full\""));
  EXPECT_THAT(said, HasSubstr("mine/qwertz"));
  EXPECT_EQ(context_.exit_status, 0);
}

TEST_F(OwnRules, AreWeighedByRulesTestWithoutBeingNamed) {
  write_rule("mailbox_full");
  EXPECT_THAT(run({"rules", "test", replies()}), HasSubstr("mine/qwertz"));
}

// A bare code decides where no words are known; such texts are the work that is left.
TEST_F(OwnRules, AreSuggestedForWordsThatNoRuleKnows) {
  const std::string stub = run({"rules", "suggest", replies()});
  EXPECT_THAT(stub, HasSubstr("says = [\"qwertz .. uiop\"]"));
  EXPECT_THAT(stub, HasSubstr("seen 1 times"));
  write_rule("mailbox_full");
  EXPECT_EQ(run({"rules", "suggest", replies()}), "");
}

TEST_F(OwnRules, ThatAreWrongAreAnErrorOfInputThatNamesThem) {
  write_rule("no_such_reason");
  ::testing::internal::CaptureStderr();
  run({"explain", "--replies", replies()});
  const std::string errors = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(errors, HasSubstr("mine.toml"));
  EXPECT_THAT(errors, HasSubstr("no_such_reason"));
  EXPECT_EQ(context_.exit_status, 2);
}

}  // namespace
}  // namespace todoku::app
