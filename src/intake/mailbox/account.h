// A mailbox that bounces are fetched from: where it is, how to sign in, what becomes of what was read.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace todoku::intake::mailbox {

enum class Protocol : std::uint8_t { imap, pop3 };
enum class Tls : std::uint8_t { immediate, starttls, off };
enum class After : std::uint8_t { keep, remove, move };  // what becomes of a mail that was read and understood

/// Who signs in: by a password, or by an OAuth 2 access token (XOAUTH2).
struct Login {
  std::string user;
  base::Secret password;
  base::Secret access_token;  // where this is set, the password is not used
};

/// Why a mailbox cannot be read, in words for the operator.
struct Trouble {
  enum class Kind : std::uint8_t {
    none,
    login,     // the server refuses user, password or token
    tls,       // no TLS, or a certificate that does not prove the server
    missing,   // the server lacks what we need (UIDL), or the folder is not there
    protocol,  // what came is not the protocol
    refused,   // the server says no to something else
    lost,      // the connection broke, or nothing came in time
  };
  Kind kind = Kind::none;
  std::string words;
  [[nodiscard]] bool any() const { return kind != Kind::none; }
};

/// A mail as it was fetched; cut where it is longer than a limit.
struct FetchedMail {
  std::uint64_t number = 0;  // IMAP: its UID; POP3: its number in the session
  std::string content;
};

struct Limits {
  std::size_t line = 16UL * 1024 * 1024;    // of one response without its literals: all UIDs found are one
  std::size_t mail = 10UL * 1024 * 1024;    // more of a mail is not read
  std::size_t pending = 8UL * 1024 * 1024;  // mails are handed over when so much has gathered
  std::size_t most_mails = 1'000'000;       // in one mailbox
};

}  // namespace todoku::intake::mailbox
