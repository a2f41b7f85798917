// The client's side of an SMTP session (RFC 5321) without I/O: bytes in, actions out.
//
// Whoever drives it asks next() and does that: writes output() and calls written(); reads and calls received(); starts
// TLS and calls tls_started(); or, at rest, looks at failure() or takes the outcome. What fails on the way is told by
// failed(). It opens by itself: greeting, EHLO (HELO where EHLO is refused), STARTTLS, EHLO again, AUTH.
//
// With PIPELINING a mail costs one write and one read: the next mail's commands follow the content of this one. They
// commit to nothing, since the next content goes out only by the next send(). A mail that was not announced, such as a
// session's first, costs one as well where the server has CHUNKING (RFC 3030): its content follows its own commands,
// which need no leave as DATA does.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "smtp/capabilities.h"
#include "smtp/content.h"
#include "smtp/outcome.h"
#include "smtp/reply_parser.h"
#include "smtp/sasl.h"
#include "smtp/transaction.h"

namespace todoku::smtp {

enum class TlsMode : std::uint8_t {
  off,
  opportunistic,  // STARTTLS where the server offers it
  required,       // STARTTLS, or no session
  immediate,      // from the first byte, before the greeting: submission on port 465 (RFC 8314)
};

struct ClientOptions {
  std::string helo;  // our name; an address literal where there is none
  TlsMode tls = TlsMode::opportunistic;
  Credentials credentials = {};
  bool chunking = true;        // BDAT where it is offered and faster
  bool auth_in_plain = false;  // passwords without TLS: for tests alone
};

class ClientMachine {
 public:
  enum class Action { write, read, start_tls, rest };

  explicit ClientMachine(ClientOptions options)
      : options_(std::move(options)), phase_(options_.tls == TlsMode::immediate ? Phase::tls : Phase::greeting) {}
  ClientMachine(const ClientMachine&) = delete;  // output() points into itself
  ClientMachine& operator=(const ClientMachine&) = delete;

  [[nodiscard]] Action next() const;
  [[nodiscard]] std::span<const std::string_view> output() const { return output_; }
  void written();
  /// The stage whose reply is awaited, or whose command is being written.
  [[nodiscard]] Stage stage() const;
  /// Replies so far: the time limit of a stage holds for each.
  [[nodiscard]] std::size_t replies() const { return replies_; }
  void received(std::string_view bytes);
  void tls_started();
  /// The connection failed after `written` bytes of output() went out.
  void failed(Cause cause, std::string_view detail, std::size_t written = 0);

  /// Open, at rest, and another mail may be sent.
  [[nodiscard]] bool usable() const;
  /// Why the session is over, once it is.
  [[nodiscard]] const Failure* failure() const { return failure_ ? &*failure_ : nullptr; }
  [[nodiscard]] const Capabilities& capabilities() const { return capabilities_; }

  /// Only while usable(). Announces `next` where the server pipelines; then the next send() must be of that mail.
  void send(const Envelope& mail, const Envelope* next = nullptr);
  [[nodiscard]] SendOutcome take_outcome() { return std::move(outcome_); }
  /// Keeps an idle session alive. False: not possible here (a mail is announced).
  bool noop();
  /// One command of the caller's own, between mails: VRFY, RSET, MAIL without a mail to follow. Only while usable() and
  /// no mail is announced; no CR or LF in it. answer() is the reply, once at rest again and still usable().
  void ask(std::string command);
  [[nodiscard]] const Reply& answer() const { return answer_; }
  /// output() for people who watch: without passwords and the mail's text.
  [[nodiscard]] std::string shown_output() const;
  /// Says QUIT where that is possible; no mail can be sent any more.
  void quit();

 private:
  enum class Phase : std::uint8_t {
    greeting,
    ehlo,
    helo,
    starttls,
    tls,
    auth_plain,
    auth_login,
    auth_user,
    auth_password,
    ready,
    envelope,
    content,
    eod,
    chunk,  // commands, BDAT and content, and then their replies
    abandon,
    noop,
    asked,
    quit,
    over
  };

  void on_reply(const Reply& reply, bool more_bytes);
  bool on_opening_reply(const Reply& reply, bool more_bytes);
  void on_hello(const Reply& reply);
  void authenticate();
  void on_envelope_reply(const Reply& reply);
  void on_transaction();
  void on_end_of_data(const Reply& reply);
  void write_content();
  void write_chunk();
  void announce_next(bool reset_first);
  [[nodiscard]] bool chunks() const;
  [[nodiscard]] bool end_sent(std::size_t written) const;
  void say(Phase phase, std::string text);
  void give_up(Cause cause, std::string_view detail);
  void refused(const Reply& reply);
  void refused_for_good(const Reply& reply, Stage at);
  void finish(SendOutcome::Kind kind, Stage stage);

  ClientOptions options_;
  Phase phase_;
  bool sending_ = false;  // a send() waits for its outcome
  bool secure_ = false;
  bool reset_first_ = false;  // the server may hold a transaction that failed
  ReplyParser parser_;
  std::size_t replies_ = 0;
  Capabilities capabilities_;
  std::optional<Failure> failure_;
  Reply answer_;  // to ask()

  Transaction transaction_;  // of the mail being sent, or announced
  Transaction ahead_;        // of the next mail, while this one's end is awaited
  Envelope mail_;
  ContentTraits traits_;
  std::optional<Envelope> next_;
  SendOutcome outcome_;

  std::string line_;                      // what output_ points to, for single commands
  std::vector<std::string_view> output_;  // waiting to be written
  std::size_t content_end_ = 0;           // in output_, counted in bytes
  std::size_t commands_ = 0;              // bytes of output_ before the content
};

}  // namespace todoku::smtp
