#include "mail/charset.h"

#include <gtest/gtest.h>

#include "mail/utf8.h"

namespace todoku::mail {
namespace {

std::string text(std::string_view bytes, std::string_view charset, OnInvalid on_invalid = OnInvalid::refuse) {
  auto decoded = decode(bytes, charset, on_invalid);
  EXPECT_TRUE(decoded) << charset << ": " << (decoded ? "" : decoded.error().text());
  return decoded ? *decoded : "";
}

TEST(Charset, DecodesWhatJapanWrites) {
  EXPECT_EQ(text("\x93\xfa\x96\x7b\x8c\xea \x87\x40\x87\x8a\xfb\xfc\x81\x60\xb1\\~", "Shift_JIS"),
            "日本語 ①㈱髙～ｱ\\~");
  EXPECT_EQ(text("\x81\x7c\x81\x61", "windows-31j"), "－∥");
  EXPECT_EQ(text("\x93\xfa\x96\x7b", "CP932"), "日本");
  EXPECT_EQ(text("\xc6\xfc\xcb\xdc\xb8\xec \xad\xa1\xad\xea\x8e\xb1\x8f\xb0\xa1", "EUC-JP"), "日本語 ①㈱ｱ丂");
  EXPECT_EQ(text("\x1b$BF|K\\8l\x1b(B end", "ISO-2022-JP"), "日本語 end");
  EXPECT_EQ(text("\x1b$B-!-j\x1b(I1\x1b(J~\x1b$(D0!\x1b(B.", "iso-2022-jp-ms"), "①㈱ｱ~丂.");
  EXPECT_EQ(text("\x1b$BF|\n~a", "iso-2022-jp"), "日\n~a");
}

TEST(Charset, DecodesTheRestOfTheWorld) {
  EXPECT_EQ(text("caf\xe9 \x80 \x93q\x94", "iso-8859-1"), "café € “q”");
  EXPECT_EQ(text("\xcf\xf0\xe8\xe2\xe5\xf2", "windows-1251"), "Привет");
  EXPECT_EQ(text("\xf0\xd2\xc9\xd7\xc5\xd4", "KOI8-R"), "Привет");
  EXPECT_EQ(text("\xc4\xe3\xba\xc3\x81\x30\x81\x30", "GB2312"), "你好\u0080");
  EXPECT_EQ(text("\xa7\x41\xa6\x6e", "Big5"), "你好");
  EXPECT_EQ(text("\xbe\xc8\xb3\xe7", "euc-kr"), "안녕");
  EXPECT_EQ(text("+ZeVnLIqe-", "utf-7"), "日本語");
  EXPECT_EQ(text(std::string_view("\xff\xfe\xe5\x65\x3d\xd8\x00\xde", 8), "utf-16"), "日😀");
  EXPECT_EQ(text(std::string_view("\xfe\xff\x65\xe5", 4), "UTF-16"), "日");
  EXPECT_EQ(text("\xEF\xBB\xBF日", "utf8"), "日");
}

TEST(Charset, SaysWhereBytesAreInvalid) {
  const auto where = [](std::string_view bytes, std::string_view charset) {
    auto decoded = decode(bytes, charset, OnInvalid::refuse);
    return decoded ? "fine" : decoded.error().where;
  };
  EXPECT_EQ(where("ab\xffzz", "utf-8"), "byte 2");
  EXPECT_EQ(where("\xEF\xBB\xBF日\xed\xa0\x80", "utf-8"), "byte 6");
  EXPECT_EQ(where("ab\xe6\x97", "utf-8"), "byte 2");
  EXPECT_EQ(where("\x93\xfa\xfd\xfdzz", "windows-31j"), "byte 2");
  EXPECT_EQ(where("ab\x93", "windows-31j"), "byte 2");
  EXPECT_EQ(where("ab\x1b$BF|~~\x1b(B", "iso-2022-jp"), "byte 7");
  EXPECT_EQ(where("ab\x1b$BF", "iso-2022-jp"), "byte 5");
  EXPECT_EQ(where("ab\x1b[1m", "iso-2022-jp"), "byte 2");
  EXPECT_EQ(where("x", "klingon"), "");
  EXPECT_FALSE(charset_known("klingon"));
  EXPECT_FALSE(charset_known(""));
  EXPECT_TRUE(charset_known("shift_jis"));
}

TEST(Charset, ReplacesWhenAsked) {
  EXPECT_EQ(text("a\xff日\xe6\x97", "utf-8", OnInvalid::replace), "a\uFFFD日\uFFFD\uFFFD");
  EXPECT_EQ(text("a\x93", "windows-31j", OnInvalid::replace), "a\uFFFD");
  EXPECT_EQ(text("\x1b[1mx", "iso-2022-jp", OnInvalid::replace), "\uFFFD[1mx");
}

TEST(Decoder, TakesCharactersCutAnywhere) {
  struct Sample {
    std::string_view bytes;
    std::string_view charset;
  };
  for (const auto& [bytes, charset] : std::initializer_list<Sample>{
           {"\xEF\xBB\xBF日本語😀 x", "utf-8"},
           {"\x93\xfa\x96\x7b\x8c\xea \xb1", "windows-31j"},
           {"\xc6\xfc\xcb\xdc\x8f\xb0\xa1", "euc-jp"},
           {"\x1b$BF|K\\8l\x1b(B end\x1b$(D0!\x1b(B", "iso-2022-jp"},
           {std::string_view("\xff\xfe\xe5\x65\x3d\xd8\x00\xde", 8), "utf-16"},
           {std::string_view("\xe5\x65\x3d\xd8\x00\xde", 6), "utf-16le"},
       }) {
    auto decoder = Decoder::open(charset, OnInvalid::refuse);
    ASSERT_TRUE(decoder);
    std::string out;
    for (const char& c : bytes) ASSERT_TRUE(decoder->feed({&c, 1}, out)) << charset;
    ASSERT_TRUE(decoder->finish(out)) << charset;
    EXPECT_EQ(out, text(bytes, charset)) << charset;
  }
}

TEST(Decoder, DecodesLongTextAcrossItsBuffers) {
  std::string bytes = "x";
  std::string expected = "x";
  for (int i = 0; i < 5000; ++i) bytes += "\x93\xfa", expected += "日";
  EXPECT_EQ(text(bytes, "windows-31j"), expected);
  bytes += "\xfd";
  EXPECT_EQ(decode(bytes, "windows-31j", OnInvalid::refuse).error().where, "byte 10001");
}

TEST(DetectCharset, KnowsJapaneseFiles) {
  EXPECT_EQ(detect_charset("name,mail\n", false), "utf-8");
  EXPECT_EQ(detect_charset("\xEF\xBB\xBFx", false), "utf-8");
  EXPECT_EQ(detect_charset("氏名,メール", false), "utf-8");
  EXPECT_EQ(detect_charset(std::string_view("氏名").substr(0, 5), true), "utf-8");
  EXPECT_EQ(detect_charset("\x8e\x81\x96\xbc,\x83\x81\x81\x5b\x83\x8b", false), "windows-31j");
  EXPECT_EQ(detect_charset("\xd4\xcf\xc0\xde \xc0\xdb\xb3,\xd4\xcf\xc0\xde", false), "windows-31j");  // ﾔﾏﾀﾞ ﾀﾛｳ
  EXPECT_EQ(detect_charset("\xd4\xcf\xc0\xde", false), "windows-31j");
  EXPECT_EQ(detect_charset("\xbb\xe1\xcc\xbe,\xa5\xe1\xa1\xbc\xa5\xeb", false), "euc-jp");
  EXPECT_EQ(detect_charset("\xb4\xc1\xbb\xfa", false), "euc-jp");
  EXPECT_EQ(detect_charset("\xff\xfe\x41", true), "utf-16");
  EXPECT_EQ(detect_charset("\x1b$B;aL>\x1b(B", false), "iso-2022-jp");
  EXPECT_EQ(detect_charset("\x8e\x81\x96", true), "windows-31j");
  EXPECT_EQ(detect_charset("\xff\xff\xff\xff", false), std::nullopt);
}

TEST(DetectCyrillic, TellsItsCharsetsByTheirSmallLetters) {
  EXPECT_EQ(detect_cyrillic("\xcf\xe8\xf1\xfc\xec\xee \xed\xe5 \xe4\xee\xf1\xf2\xe0\xe2\xeb\xe5\xed\xee"),
            "windows-1251");
  EXPECT_EQ(detect_cyrillic("\xf0\xc9\xd3\xd8\xcd\xcf \xce\xc5 \xc4\xcf\xd3\xd4\xc1\xd7\xcc\xc5\xce\xcf"), "koi8-r");
  EXPECT_EQ(detect_cyrillic("Empf\xe4nger ung\xfcltig, bo\xeete pleine, d\xe9j\xe0"), std::nullopt);
  EXPECT_EQ(detect_cyrillic("plain"), std::nullopt);
}

TEST(Utf8, RefusesWhatRfc3629Refuses) {
  EXPECT_TRUE(is_utf8("日本語 \U0010FFFF"));
  for (const auto* const wrong :
       {"\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf5", "\x80", "\xe6\x97"}) {
    EXPECT_EQ(utf8_valid_prefix(wrong), 0u);
  }
  EXPECT_EQ(utf8_valid_prefix("12345678abc\xff"), 11u);
  EXPECT_EQ(utf8_scrub("a\xed\xa0\x80z"), "a\uFFFD\uFFFD\uFFFDz");
  EXPECT_EQ(utf8_count("日本a"), 3u);
  std::string_view rest = "日\xff";
  EXPECT_EQ(utf8_take(rest), U'日');
  EXPECT_EQ(utf8_take(rest), kReplacement);
  EXPECT_TRUE(rest.empty());
}

}  // namespace
}  // namespace todoku::mail
