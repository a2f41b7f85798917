#include "audience/address_fault.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace todoku::audience {
namespace {

struct Translation {
  std::string_view begin;  // of the English text
  std::string_view ja;
};

// Longer beginnings first where one begins another.
constexpr auto kFaults = std::to_array<Translation>({
    {"the address is empty", "アドレスが空です"},
    {"the address is too long", "アドレスが長すぎます(254バイトまで)"},
    {"the address begins with a dot", "先頭に「.」があります"},
    {"the address is ", "アドレスが長すぎます(254バイトまで)"},
    {"these bytes are not UTF-8", "文字コードが正しくありません"},
    {"nothing stands before the @", "「@」の前に何もありません"},
    {"nothing stands between the quotes", "引用符の中に何もありません"},
    {"nothing stands after the @", "「@」の後に何もありません"},
    {"there is no @", "「@」がありません"},
    {"there are two @", "「@」が2つあります"},
    {"a control character stands", "制御文字が入っています"},
    {"a blank stands", "空白が入っています"},
    {"a comma stands in the domain", "ドメインに「,」が入っています"},
    {"a full-width", "全角文字が入っています"},
    {"an invisible control character", "見えない制御文字が入っています"},
    {"the character ", "使えない文字が入っています"},
    {"the quotes before the @ are not closed", "引用符が閉じていません"},
    {"an @ should follow the quotes", "引用符の後に「@」がありません"},
    {"a dot stands before the @", "「@」の直前に「.」があります"},
    {"two dots in a row, or one at an end", "ドメインの「.」の位置が正しくありません"},
    {"two dots in a row", "「.」が続いています"},
    {"the part before the @ is ", "「@」より前が長すぎます(64バイトまで)"},
    {"a part of the domain is longer", "ドメインの一部が長すぎます(63文字まで)"},
    {"a part of the domain begins or ends", "ドメインの「-」の位置が正しくありません"},
    {"an IP address instead of a domain", "ドメインではなくIPアドレスです"},
    {"the domain has no dot", "ドメインに「.」がありません"},
    {"the domain ends in a number", "ドメインが数字で終わっています"},
    {"the domain is longer", "ドメインが長すぎます(253文字まで)"},
    {"no such internationalised domain", "存在しえない国際化ドメインです"},
});

constexpr std::string_view kCharacter = "character ";

}  // namespace

std::string japanese_address_fault(const base::Error& error) {
  const auto found =
      std::ranges::find_if(kFaults, [&](const Translation& known) { return error.message.starts_with(known.begin); });
  std::string text = found == kFaults.end() ? error.message : std::string(found->ja);
  if (error.where.starts_with(kCharacter)) text += " (" + error.where.substr(kCharacter.size()) + "文字目)";
  return text;
}

}  // namespace todoku::audience
