// What a relay's event says of one recipient, the same for all relays, and what becomes of it.
//
// The remote server's own words are judged like those in any bounce. What the relay makes of them ("Permanent",
// "blocked") decides only where they are missing or say nothing, and where the relay kept the mail back itself.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "bounce/verdicts.h"
#include "intake/arrival.h"

namespace todoku::intake::webhooks {

/// The relay's own opinion.
struct Claim {
  bounce::Reason reason = bounce::Reason::unknown;
  std::string words;       // as the relay puts it: "Permanent/NoEmail"
  bool kept_back = false;  // the relay did not even try: no server's words can stand against it
};

struct Event {
  bounce::Kind kind = bounce::Kind::other;
  std::string identity;  // by which a replay is known; empty: by its content
  std::string address;
  std::string reply;  // of the remote server; else what the relay says instead
  std::string status;
  std::string remote_mta;
  Claim claim;
  bounce::OriginalMail original;
  std::string content;  // as it came
  base::Time at;
};

/// What of a post could not be read though the rest could.
struct Unread {
  std::string content;
  std::string why;
};

struct Reading {
  std::vector<Event> events;  // those of no interest (opened, clicked) left out
  std::vector<Unread> unread;
};

[[nodiscard]] RelayWord word_of(bounce::Verdicts& verdicts, std::string_view relay, Event event);

/// "550 5.1.1 …" of a code beside the text; codes that no server gives (605) and ones that the text has are left out.
[[nodiscard]] std::string reply_of(std::string_view code, std::string text);

}  // namespace todoku::intake::webhooks
