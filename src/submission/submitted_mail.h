// What a program hands in, checked and completed (RFC 6409): pure.
//
// Its header must be one: fields and their continuations, nothing else. The one From field, and Sender where there is
// one, must be of the key's domains. Bcc and Return-Path go; Message-ID and Date are added where they lack. Lines above
// 998 bytes are laid out anew (mail/reflow.h). The rest stays byte for byte.
#pragma once
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "submission/submission_key.h"

namespace todoku::submission {

struct SubmittedMail {
  std::string content;     // CRLF line ends
  std::string message_id;  // with <>
  bool smtputf8 = false;   // the header has more than ASCII
  bool eight_bit = false;  // the body likewise
};

/// `spare_id`: what stands before the @ of a Message-ID that is made. Errors: `invalid` (550 5.6.0), `refused` (not the
/// key's domain; 550 5.7.1), `limit` (it has gone in circles; 554 5.4.6).
[[nodiscard]] base::Result<SubmittedMail> prepare(std::string_view content, const SubmissionKey& key,
                                                  std::string_view spare_id, base::Time now);

/// The domains of the addresses in a From or Sender field's value; nothing where it is none that we understand:
/// comments and groups, which no program writes there, are not.
[[nodiscard]] base::Result<std::vector<std::string>> domains_of(std::string_view value);

}  // namespace todoku::submission
