// What is handed in: whatever passes has one From field of the key's domain that the signer finds, too, no Bcc, and
// passes again unchanged.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "delivery/signed_mails.h"
#include "submission/submitted_mail.h"

namespace {

using namespace todoku;

const submission::SubmissionKey& key() {
  static const submission::SubmissionKey made = [] {
    submission::SubmissionKey one;
    one.domains = {"a.jp"};
    return one;
  }();
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (std::size_t at = 0; at < text.size(); ++at) {  // the server lets no other line ends in
    if (text[at] == '\n' && (at == 0 || text[at - 1] != '\r')) return 0;
    if (text[at] == '\r' && (at + 1 == text.size() || text[at + 1] != '\n')) return 0;
  }
  const auto mail = submission::prepare(text, key(), "x", {});
  if (!mail) return 0;
  const auto domain = delivery::from_domain(mail->content);
  if (domain != "a.jp" && domain != "A.jp" && domain != "a.JP" && domain != "A.JP" && domain != "a.Jp" &&
      domain != "a.jP" && domain != "A.Jp" && domain != "A.jP") {
    std::abort();
  }
  const auto again = submission::prepare(mail->content, key(), "y", {});
  if (!again || again->content != mail->content) std::abort();
  return 0;
}
