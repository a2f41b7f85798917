// For this module's tests: keys made once, key records as DNS would give them, and a mail.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "authentication/dkim_record.h"
#include "authentication/dkim_signer.h"
#include "authentication/dkim_verifier.h"

namespace todoku::authentication {

inline const DkimKey& rsa_test_key() {
  static const DkimKey key = DkimKey::generate(DkimAlgorithm::rsa_sha256);
  return key;
}
inline const DkimKey& ed25519_test_key() {
  static const DkimKey key = DkimKey::generate(DkimAlgorithm::ed25519_sha256);
  return key;
}

/// Text with LF as it goes over the wire.
inline std::string crlf(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

/// Key records by name.
class Records {
 public:
  std::map<std::string, std::string> texts;

  void publish(const std::string& selector, const std::string& domain, const DkimKey& key) {
    texts[dkim_record_name(selector, domain)] = dkim_record_text(key.algorithm(), key.public_text());
  }
  [[nodiscard]] DkimKeyLookup lookup() const {
    return [this](const std::string& name) {
      const auto found = texts.find(name);
      if (found == texts.end()) return DkimKeyAnswer{};
      return DkimKeyAnswer{DkimKeyAnswer::Status::found, {found->second}};
    };
  }
};

inline base::Time at_noon() { return base::from_stored(1'719'792'000'000); }

inline std::string newsletter() {
  return crlf(
      "Date: Mon, 01 Jul 2024 09:00:00 +0900\n"
      "From: =?UTF-8?B?5bGK44GP?= <news@example.jp>\n"
      "To: hanako@example.net\n"
      "Subject: hello\n"
      "Message-ID: <abc@example.jp>\n"
      "MIME-Version: 1.0\n"
      "Content-Type: text/plain; charset=utf-8\n"
      "List-Unsubscribe: <https://example.jp/u/abc>\n"
      "\n"
      "Dear reader,\n"
      "\n"
      "this is  the news.\n");
}

}  // namespace todoku::authentication
