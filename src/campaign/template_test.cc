#include "campaign/template.h"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <fstream>

namespace todoku::campaign {
namespace {

using testing::HasSubstr;

std::vector<TemplateFile> folder() {
  return {
      {"template.toml",
       "subject = \"春の{{ contact.name }}\"\nfrom = \"とどく <news@example.jp>\"\npreheader = \"先に\"\n"},
      {"body.html", "<body><p>{{ contact.name }}</p>\n<img src=\"images/logo.png\"><img src='images/logo.png'></body>"},
      {"images/logo.png", "PNG"},
      {"attachments/案内.pdf", "PDF"}};
}

base::Error fault(const std::vector<TemplateFile>& files) {
  auto parsed = parse_template(files);
  EXPECT_FALSE(parsed);
  return parsed ? base::Error{} : parsed.error();
}

TEST(Template, ReadsAFolder) {
  auto parsed = parse_template(folder());
  ASSERT_TRUE(parsed) << parsed.error().text();
  EXPECT_EQ(parsed->subject.text, "春の{{ contact.name }}");
  EXPECT_EQ(parsed->from, "とどく <news@example.jp>");
  EXPECT_EQ(parsed->preheader.text, "先に");
  ASSERT_EQ(parsed->inline_files.size(), 1u);
  EXPECT_EQ(parsed->inline_files[0].content, "PNG");
  const std::string cid = "cid:" + parsed->inline_files[0].content_id;
  EXPECT_EQ(parsed->html->text,
            "<body><p>{{ contact.name }}</p>\n<img src=\"" + cid + "\"><img src='" + cid + "'></body>");
  EXPECT_EQ(parsed->text.text, "{{ contact.name }}\n");
  EXPECT_TRUE(parsed->text_from_html);
  ASSERT_EQ(parsed->attachments.size(), 1u);
  EXPECT_EQ(parsed->attachments[0].name, "案内.pdf");
  EXPECT_EQ(parsed->attachments[0].content_type, "application/pdf");
}

TEST(Template, ReadsOneFileWithAHead) {
  const std::vector<TemplateFile> files = {{"logo.png", "PNG"},
                                           {"news.html",
                                            "---\r\nsubject: \"Hi {{ contact.name }}\"\r\n# note\r\nReply-To: "
                                            "a@example.jp\r\n---\r\n<p>x<img src=./logo.png>"}};
  auto parsed = parse_template(files);
  ASSERT_TRUE(parsed) << parsed.error().text();
  EXPECT_EQ(parsed->subject.text, "Hi {{ contact.name }}");
  EXPECT_EQ(parsed->reply_to, "a@example.jp");
  EXPECT_THAT(parsed->html->text, HasSubstr("<p>x<img src=cid:image1."));
  EXPECT_EQ(parsed->html->first_line, 6u);
  const std::vector<TemplateFile> plain = {{"a.txt", "---\nsubject: S\n---\nBody\n"}};
  EXPECT_EQ(parse_template(plain)->text.text, "Body\n");
  EXPECT_FALSE(parse_template(plain)->html);
}

TEST(Template, NamesTheFileLineAndColumnOfAFault) {
  auto with = [](std::string_view path, std::string content) {
    auto files = folder();
    std::erase_if(files, [&](const TemplateFile& f) { return f.path == path; });
    files.push_back({std::string(path), std::move(content)});
    return fault(files);
  };
  EXPECT_EQ(with("body.html", "a\n日本 {{ x | nope }}").where, "body.html:2:11");
  EXPECT_EQ(with("body.html", "a\n<img src=\"gone.png\">").where, "body.html:2:11");
  EXPECT_EQ(with("body.txt", "{% if %}").where, "body.txt:1:7");
  EXPECT_EQ(with("body.txt", "ab\n\xff").where, "body.txt:2:1");
  EXPECT_EQ(with("subject.txt", "again").where, "subject.txt");
  EXPECT_EQ(with("template.toml", "subject = \"{{ x | nope }}\"").where, "template.toml:1:19");
  EXPECT_EQ(with("template.toml", "subject = 1").where, "template.toml:1:11");
  EXPECT_EQ(with("template.toml", "subjct = \"x\"").hint, "did you mean \"subject\"?");
  EXPECT_EQ(with("template.toml", "subject = ").where, "template.toml:1:11");
  EXPECT_EQ(with("template.toml", "subject = \"x\"\nfrom = \"no address\"").where, "template.toml:2:9");
  EXPECT_THAT(with("template.toml", "").message, HasSubstr("no subject"));
  EXPECT_EQ(fault({{"a.html", "---\nsubject: {{ x\n---\n"}}).where, "a.html:2:10");
  EXPECT_EQ(fault({{"a.html", "---\nsubject: x\n---\n<p>\n{{ y"}}).where, "a.html:5:1");
  EXPECT_EQ(fault({{"a.html", "---\nsubject: x\n"}}).where, "a.html:1:1");
  EXPECT_EQ(fault({{"a.html", "---\nsubject\n---\n"}}).where, "a.html:2:1");
  EXPECT_THAT(fault({{"logo.png", "x"}}).message, HasSubstr("no body"));
  EXPECT_THAT(fault({}).message, HasSubstr("no body"));
}

TEST(Template, TellsUnknownNames) {
  auto files = folder();
  files[0].content = "subject = \"{{ contact.nmae }} {{ contcat.name }} {{ contact.ランク }} {{ contact.city }}\"";
  auto parsed = parse_template(files);
  ASSERT_TRUE(parsed);
  const std::vector<std::string> fields = {"city"};
  const auto remarks = unknown_names(*parsed, fields);
  ASSERT_EQ(remarks.size(), 3u);
  EXPECT_EQ(remarks[0].where, "template.toml:1:15");
  EXPECT_EQ(remarks[0].hint, "did you mean \"name\"?");
  EXPECT_EQ(remarks[1].hint, "did you mean \"contact\"?");
  EXPECT_EQ(remarks[2].message, "nothing is known as contact.ランク");
}

/// A folder that goes away again.
class Scratch {
 public:
  Scratch() {
    std::string pattern = (std::filesystem::temp_directory_path() / "todoku-template-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~Scratch() { std::filesystem::remove_all(path_); }
  void write(const std::string& name, const std::string& content) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << content;
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

TEST(Template, IsReadFromDisk) {
  const Scratch scratch;
  for (const TemplateFile& file : folder()) scratch.write(file.path, file.content);
  scratch.write(".git/config", "x");
  scratch.write("body.html~", "x");
  auto files = read_template(scratch.path());
  ASSERT_TRUE(files);
  EXPECT_EQ(files->size(), 4u);
  EXPECT_TRUE(parse_template(*files));

  scratch.write("one.html", "---\nsubject: x\n---\n<img src=\"images/logo.png\"><img src=\"../../etc/passwd\">");
  files = read_template(scratch.path() / "one.html");
  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 2u);
  EXPECT_EQ((*files)[1].path, "images/logo.png");
  EXPECT_EQ(parse_template(*files).error().message, "there is no image \"../../etc/passwd\"");
  EXPECT_EQ(read_template(scratch.path() / "gone").error().code, base::ErrorCode::not_found);
  EXPECT_FALSE(read_template(scratch.path() / "images/logo.png"));
  scratch.write("big/body.html", std::string(31 << 20, 'x'));
  EXPECT_EQ(read_template(scratch.path() / "big").error().code, base::ErrorCode::limit);
}

}  // namespace
}  // namespace todoku::campaign
