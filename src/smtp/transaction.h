// One mail's MAIL, RCPT… and DATA up to the server's "go ahead" (RFC 5321 section 3.3), or MAIL, RCPT… and BDAT with
// the content behind it up to the answer (RFC 3030), without I/O. Internal to the client.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "smtp/capabilities.h"
#include "smtp/outcome.h"

namespace todoku::smtp {

/// The reason not to try this mail on this server; Cause::none: it can be tried.
[[nodiscard]] Cause local_refusal(const Envelope& mail, const Capabilities& server);

class Transaction {
 public:
  enum class State {
    idle,
    waiting,   // for output() to be sent, or for replies
    go_ahead,  // the content may be sent
    abandon,   // every recipient was refused, yet the server waits for content: an empty one ends it
    refused,   // see outcome()
    answered,  // the content that followed BDAT: see outcome().reply
    broken,    // a reply that may not come here
  };

  /// `reset_first`: the server may still hold an earlier transaction.
  void begin(const Envelope& mail, const Capabilities& server, bool reset_first);
  /// The same where `chunk` bytes of content follow output() without waiting: only where the server has both PIPELINING
  /// and CHUNKING.
  void begin_chunk(const Envelope& mail, const Capabilities& server, bool reset_first, std::size_t chunk);
  void clear() { state_ = State::idle; }

  [[nodiscard]] State state() const { return state_; }
  /// What to send now: with pipelining everything at once, else one command when nothing is awaited.
  [[nodiscard]] std::string_view output() const;
  void output_sent();
  /// The stage whose reply comes next.
  [[nodiscard]] Stage awaited() const { return stage_of_reply(replies_); }
  /// Only while awaits_reply().
  void on_reply(const Reply& reply);
  [[nodiscard]] bool awaits_reply() const { return state_ == State::waiting && asked_ > replies_; }

  /// Whether this is the mail that begin() was called with, as far as the server can tell.
  [[nodiscard]] bool is_for(const Envelope& mail, const Capabilities& server) const;
  [[nodiscard]] SendOutcome& outcome() { return outcome_; }

 private:
  [[nodiscard]] Stage stage_of_reply(std::size_t number) const;
  void on_recipient_reply(const Reply& reply);
  void on_data_reply(const Reply& reply);
  void on_chunk_reply(const Reply& reply);
  void restart(const Envelope& mail, const Capabilities& server, bool reset_first);
  void refuse(Stage stage, const Reply& reply);

  State state_ = State::idle;
  bool pipelined_ = false;
  bool reset_first_ = false;
  bool chunked_ = false;
  std::string commands_;
  std::size_t output_ = 0;   // of commands_, sent
  std::size_t asked_ = 0;    // commands sent
  std::size_t replies_ = 0;  // replies received
  std::size_t recipients_ = 0;
  std::size_t taken_ = 0;  // recipients accepted
  SendOutcome outcome_;
};

}  // namespace todoku::smtp
