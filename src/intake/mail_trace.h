// Finds the very mail that something is about, by the signed tokens that our mails carry.
//
// Surest first: the return path it came to, the Message-ID it names, any token of ours in what it quotes. Pure; linear
// in the content. A bounce without any is joined by its Feedback-ID or its recipient, if at all, by whoever knows the
// campaigns and contacts; both prove nothing.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "bounce/analyser.h"
#include "intake/arrival.h"
#include "tracking/token.h"

namespace todoku::intake {

enum class FoundBy : std::uint8_t { none, return_path, message_id, header, feedback_id, recipient };
[[nodiscard]] std::string_view to_string(FoundBy found_by);

struct Trace {
  std::optional<tracking::MailId> mail;
  FoundBy found_by = FoundBy::none;
  bool refusal = false;  // it came to the unsubscribe address of that mail
  bool forged = false;   // it came to an address that looks like ours, with a signature that is wrong
};

/// "bounces+TOKEN@…" and "unsubscribe+TOKEN@…", the addresses that we make; nothing for any other.
struct OwnAddress {
  tracking::Purpose purpose;
  std::string_view token;
};
[[nodiscard]] std::optional<OwnAddress> own_address(std::string_view address);

/// By the envelope, or the header fields that stand for it where the road has none.
[[nodiscard]] Trace trace_recipient(const tracking::Tokens& tokens, const Arrival& arrival);

/// By what a notice says of the mail that it is about; `content` is the notice itself.
[[nodiscard]] Trace trace_original(const tracking::Tokens& tokens, const bounce::OriginalMail& original,
                                   std::string_view content);

}  // namespace todoku::intake
