// The phrases by which a reader of mail tells what a notice is and where in it things stand, in the languages mail
// systems speak: one table (cues.cc), found in one pass.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "smtp/reply.h"

namespace todoku::bounce {

enum class Cue : std::uint8_t {
  failed,      // a mail was given up: said in the notice's text
  subject,     // likewise, of a subject line
  refused,     // something was turned down or is no more: of mail where a mail system writes, else of anything
  gave_up,     // says that it is not tried again, whatever else a report has
  delayed,     // a mail is late and still tried
  not_yet,     // something has not happened yet; with `again`, and without `ended`, a mail is late and still tried
  again,       // there will be more attempts
  ended,       // there will be none
  delivered,   // a mail arrived
  auto_reply,  // a person's machine answers: out of office and the like
  complaint,   // a reader's complaint, in a notice that is no feedback report
  challenge,   // asks the sender to prove to be one
  held,        // a list's moderator has it
  goods,       // a shop, a carrier or a bank writes, whose "delivery failed" is of no mail
  summary,     // sums up many mails for who looks after them, or asks a list's owner: of no mail's fate
  virus,       // an antivirus program's notice
  list,        // a mailing list's refusal
  frame,       // a reporter's words around a server's, which speak of servers and errors and say nothing of the cause
  filler,      // words of a notice that say nothing of the cause
  original,    // the returned mail begins after this line
  said,        // the server's own words follow
  recipients,  // the failed addresses follow
  stage,       // names an SMTP command
  format,      // only such a system writes this
};

struct CueHit {
  Cue cue = Cue::format;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::string_view format;                // the system that writes so, where the phrase tells
  smtp::Stage stage = smtp::Stage::none;  // for Cue::stage
};

/// All cues in the text, in its order.
[[nodiscard]] std::vector<CueHit> find_cues(std::string_view text);

[[nodiscard]] bool has_cue(std::span<const CueHit> hits, Cue cue);
/// The hits that begin in [begin, end).
[[nodiscard]] std::span<const CueHit> cues_within(std::span<const CueHit> hits, std::size_t begin, std::size_t end);

}  // namespace todoku::bounce
