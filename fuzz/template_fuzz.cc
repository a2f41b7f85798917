// Any bytes as the files of a template, and any bytes as what is merged in: what compiles is written as a mail that
// SMTP can carry.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "campaign/message.h"

using namespace todoku;
using namespace todoku::campaign;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void require_wire_form(const std::string& mail) {
  std::size_t start = 0;
  for (std::size_t i = 0; i < mail.size(); ++i) {
    require(static_cast<unsigned char>(mail[i]) < 0x80 && mail[i] != '\0');
    if (mail[i] == '\r') require(i + 1 < mail.size() && mail[i + 1] == '\n');
    if (mail[i] != '\n') continue;
    require(i > 0 && mail[i - 1] == '\r' && i - 1 - start <= 998);
    start = i + 1;
  }
  require(start == mail.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = text.find('\x1E');  // what follows is the recipient's
  const std::string value = cut == text.npos ? "x" : text.substr(cut + 1);
  const std::string body = text.substr(0, cut);
  const bool folder = body.size() % 2 == 0;
  const std::vector<TemplateFile> files =
      folder ? std::vector<TemplateFile>{{"template.toml", "subject = \"{{ contact.name }}\""},
                                         {"body.html", body},
                                         {"a.png", "P"}}
             : std::vector<TemplateFile>{{"a.html", body}, {"a.png", "P"}};
  const auto parsed = parse_template(files);
  if (!parsed) {
    require(!parsed.error().message.empty());
    return 0;
  }
  static_cast<void>(unknown_names(*parsed, {}));
  MessageOptions options;
  options.from = {"とどく", *mail::parse_address("news@example.jp")};
  options.message_id_domain = "example.jp";
  const auto message = CompiledMessage::compile(*parsed, options);
  if (!message) return 0;
  MessageWriter writer(*message);
  const mail::Address address = *mail::parse_address("a@example.jp");
  const std::vector<FieldValue> fields = {{"v", value}};
  const RecipientValues to{address,        value, fields, "id", base::from_stored(0), "https://example.jp/u",
                           "u@example.jp", "t"};
  std::string out;
  std::string again;
  if (!writer.write(to, out)) return 0;
  require_wire_form(out);
  require(writer.write(to, again).ok() && out == again);
  return 0;
}
