// What comes in by any road about a mail that was sent: a mail, or a relay's word about one.
//
// A road hands these to a Taker and forgets a thing (answers 250, moves its UID on, removes the file) only after the
// Taker has returned: then it is on disk. Handing the same thing over twice is harmless: by road, place and identity,
// or else by content, it is known again.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "bounce/analyser.h"
#include "bounce/diagnosis.h"

namespace todoku::intake {

enum class Road : std::uint8_t { smtp, mailbox, folder, pipe, webhook };
[[nodiscard]] std::string_view to_string(Road road);

/// One mail as it came.
struct Arrival {
  Road road = Road::pipe;
  std::string place;      // which of these: the listener's address, the mailbox's name, the folder's path
  std::string identity;   // what names this mail at its place, such as UIDVALIDITY/UID; empty: its content alone
  std::string sender;     // of the envelope, without <>; empty: the null path, or not known
  std::string recipient;  // of the envelope, without <>; empty: not known
  std::string peer;       // who brought it, an address in numbers; empty: not known
  std::string content;    // the whole mail; line ends CRLF or LF
  std::string lacking;    // why content is not all of it, in words; empty: it is
  base::Time at;
};

/// What a relay reports of one recipient of one mail.
struct RelayWord {
  std::string place;     // the relay: "ses", "sendgrid" …
  std::string identity;  // of the event, by which a replay is known
  bounce::Kind kind = bounce::Kind::other;
  bounce::Diagnosis diagnosis;    // address is the recipient; of kind bounce and delay
  bounce::OriginalMail original;  // what the event has of the mail
  std::string content;            // the event as it came, kept as the original
  base::Time at;
};

/// The words for a mail of which no more than that is read.
[[nodiscard]] std::string beginning_alone(std::size_t bytes);

/// Takes over what came. Blocking; not on an I/O thread; thread-safe. When it returns, all of it is on disk; when it
/// throws store::Failure, the database is away and nothing of it counts as taken.
class Taker {
 public:
  virtual ~Taker() = default;
  virtual void take(std::span<const Arrival> arrivals) = 0;
  virtual void take(std::span<const RelayWord> words) = 0;
};

}  // namespace todoku::intake
