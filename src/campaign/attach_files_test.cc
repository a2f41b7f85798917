#include "campaign/attach_files.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>

#include "campaign/template.h"

namespace todoku::campaign {
namespace {

using testing::ElementsAre;
namespace fs = std::filesystem;

class AttachFiles : public testing::Test {
 protected:
  AttachFiles() { fs::create_directories(folder_); }
  ~AttachFiles() override { fs::remove_all(folder_); }

  fs::path write(const std::string& name, const std::string& content) {
    const fs::path path = folder_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  base::Error fault(const std::vector<fs::path>& paths) {
    const auto before = paths_of(files_);
    const auto attached = attach_files(files_, paths);
    EXPECT_FALSE(attached);
    EXPECT_EQ(paths_of(files_), before) << "nothing is changed";
    return attached ? base::Error{} : attached.error();
  }
  static std::vector<std::string> paths_of(const std::vector<TemplateFile>& files) {
    std::vector<std::string> paths;
    for (const TemplateFile& file : files) paths.push_back(file.path);
    return paths;
  }

  const fs::path folder_ = fs::temp_directory_path() / ("todoku-attach-" + std::to_string(::getpid()));
  std::vector<TemplateFile> files_ = {{"subject.txt", "S"}, {"body.txt", "B"}, {"attachments/m.pdf", "template's"}};
};

TEST_F(AttachFiles, AddsThemUnderTheirOwnNamesInOrder) {
  const std::string bytes("\0\r\n\xff", 4);
  const std::vector<fs::path> paths = {write("elsewhere/案内.pdf", bytes), write("a b.txt", ""), write("z.bin", "z")};
  ASSERT_TRUE(attach_files(files_, paths));
  EXPECT_THAT(paths_of(files_), ElementsAre("attachments/a b.txt", "attachments/m.pdf", "attachments/z.bin",
                                            "attachments/案内.pdf", "body.txt", "subject.txt"));
  EXPECT_EQ(files_[3].content, bytes);
  EXPECT_EQ(files_[0].content, "");
  EXPECT_EQ(files_[1].content, "template's");
  const auto parsed = parse_template(files_);
  ASSERT_TRUE(parsed) << parsed.error().text();
  ASSERT_EQ(parsed->attachments.size(), 4U);
  EXPECT_EQ(parsed->attachments[3].name, "案内.pdf");
}

TEST_F(AttachFiles, RefusesWhatIsNoFile) {
  const base::Error missing = fault({write("a.txt", "a"), folder_ / "gone.pdf"});
  EXPECT_EQ(missing.code, base::ErrorCode::not_found);
  EXPECT_EQ(missing.where, (folder_ / "gone.pdf").string());
  EXPECT_EQ(fault({folder_}).code, base::ErrorCode::not_found);
}

TEST_F(AttachFiles, RefusesASecondFileOfOneName) {
  EXPECT_EQ(fault({write("m.pdf", "another")}).code, base::ErrorCode::exists) << "the template has one of that name";
  EXPECT_EQ(fault({write("1/x.txt", "1"), write("2/x.txt", "2")}).code, base::ErrorCode::exists);
}

TEST_F(AttachFiles, RefusesMoreThanATemplateMayHold) {
  const fs::path half = write("half.bin", "");
  const fs::path rest = write("rest.bin", "");
  fs::resize_file(half, 20 << 20);
  fs::resize_file(rest, 11 << 20);
  const base::Error error = fault({half, rest});
  EXPECT_EQ(error.code, base::ErrorCode::limit);
  EXPECT_EQ(error.where, rest.string());
  ASSERT_TRUE(attach_files(files_, std::vector<fs::path>{half}));
  EXPECT_EQ(fault({rest}).code, base::ErrorCode::limit) << "what is there already counts as well";
}

}  // namespace
}  // namespace todoku::campaign
