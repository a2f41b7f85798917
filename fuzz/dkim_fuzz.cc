// Signatures and key records as anybody may send or publish them: read or refused, and a mail with them gets a verdict.
// A mail that can be signed verifies, and its relaxed form is a fixed point.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "authentication/dkim_canonical.h"
#include "authentication/dkim_record.h"
#include "authentication/dkim_signer.h"
#include "authentication/dkim_verifier.h"

using namespace todoku::authentication;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

const DkimKey& key() {
  static const DkimKey made = DkimKey::generate(DkimAlgorithm::ed25519_sha256);
  return made;
}

DkimKeyAnswer answer(std::string record) { return {DkimKeyAnswer::Status::found, {std::move(record)}}; }

void sign_and_verify(const std::string& mail) {
  static DkimSigner signer({.domain = "example.jp", .keys = {{"s", key()}}, .identity = "", .valid_for = {}});
  std::string field;
  if (!signer.sign(mail, std::nullopt, field)) return;
  const auto verdicts = verify_dkim(field + mail, todoku::base::from_stored(0), [](const std::string&) {
    return answer(dkim_record_text(key().algorithm(), key().public_text()));
  });
  require(!verdicts.empty() && verdicts.size() <= kMostSignatures);
  require(verdicts[0].result == DkimResult::pass);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  (void)parse_dkim_signature(text);
  (void)parse_dkim_record(text);
  require(without_signature(text).size() <= text.size());
  std::string once, twice;
  append_relaxed_body(once, text);
  append_relaxed_body(twice, once);
  require(once == twice && once.size() <= text.size() + 2);
  // Up to the first NUL a key record, behind it a mail.
  const std::size_t end = std::min(text.find('\0'), text.size());
  const std::string mail = text.substr(std::min(end + 1, text.size()));
  (void)verify_dkim(mail, todoku::base::from_stored(0),
                    [&](const std::string&) { return answer(text.substr(0, end)); });
  (void)dkim_key_names(mail);
  if (!mail.empty() && mail.front() != ' ' && mail.front() != '\t') sign_and_verify(mail);
  return 0;
}
