// The server's side of an SMTP session (RFC 5321) without I/O: bytes in, actions out.
//
// Whoever drives it asks next() and does that: reads and calls received(); writes output() and calls written(); starts
// TLS and calls tls_started(); decides question() and calls answer(). Replies to pipelined commands are written
// together. The machine keeps the protocol and its limits; whom to take mail for is decided by answers alone: it
// knows no domains and no relaying.
//
// Strict where leniency is dangerous: a command or content with a CR or LF alone is refused, only <CRLF>.<CRLF> ends a
// content, and nothing sent before TLS counts after it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "smtp/command.h"
#include "smtp/content_reader.h"
#include "smtp/sasl.h"

namespace todoku::smtp {

struct ServerOptions {
  std::string hostname = "localhost";
  std::size_t size_limit = 50 << 20;
  std::size_t recipients_limit = 1000;  // of a mail
  std::size_t commands_limit = 1000;    // between two mails
  std::size_t errors_limit = 20;        // of a session
  bool offer_pipelining = true;
  bool offer_smtputf8 = true;
  bool offer_starttls = false;  // the driver has a certificate
  bool offer_auth = false;
  bool auth_in_plain = false;  // for tests alone
  bool auth_required = false;  // mail only from who has signed in
};

/// A reply decided outside the machine; '\n' in the text makes it one of several lines. Code 421 also ends the session.
struct Answer {
  int code = 250;
  std::string text = "2.0.0 OK";
  [[nodiscard]] bool positive() const { return code < 400; }
};

/// What is known of the client and its mail so far.
struct Visit {
  std::string peer;  // address in numbers
  std::string helo;
  bool extended = false;  // by EHLO
  bool secure = false;
  std::string user;  // signed in
  std::string sender;
  std::vector<std::string> recipients;  // taken
  bool smtputf8 = false;
  bool eight_bit = false;
  std::string content;  // at Question::message; may be moved away
};

class ServerMachine {
 public:
  enum class Action { read, write, start_tls, decide, close };
  enum class Question { connect, hello, auth, mail, rcpt, message };

  ServerMachine(ServerOptions options, std::string peer);

  [[nodiscard]] Action next();
  void received(std::string_view bytes);
  [[nodiscard]] std::string_view output() const { return output_; }
  void written();
  void tls_started();

  [[nodiscard]] Question question() const { return question_; }
  [[nodiscard]] Visit& visit() { return visit_; }
  /// The address that Question::mail and ::rcpt ask about.
  [[nodiscard]] const std::string& address() const { return path_.address; }
  [[nodiscard]] const Credentials& credentials() const { return credentials_; }
  void answer(const Answer& answer);

  /// Whether a content is being received, and how many commands came: for the driver's time limits.
  [[nodiscard]] bool receiving() const { return state_ == State::content; }
  [[nodiscard]] std::size_t progress() const { return progress_; }
  /// Nothing of a mail is there yet: a good moment to end the session.
  [[nodiscard]] bool idle() const { return state_ == State::command && !in_mail_; }
  /// Bytes of the client's that are kept here.
  [[nodiscard]] std::size_t held() const {
    return input_.size() + (receiving() ? content_.size() : visit_.content.size());
  }
  /// Says why and ends the session: "421 4.4.2 too slow".
  void dismiss(std::string_view why);

 private:
  enum class State : std::uint8_t { command, content, auth_plain, auth_user, auth_password, tls, over };

  bool step();  // takes one command or piece of content off the input; false: nothing complete there
  void on_line(std::string_view line);
  void on_command(const Command& command);
  void on_hello(const Command& command);
  void on_mail(std::string_view argument);
  void on_rcpt(std::string_view argument);
  void on_data();
  void on_content_end();
  void on_starttls();
  void on_auth(std::string_view argument);
  void on_auth_line(std::string_view line);
  void ask(Question question);
  void reply(int code, std::string_view text);
  void refuse(int code, std::string_view text);  // counted as an error
  void greet();
  void say_capabilities();
  void clear_mail();

  ServerOptions options_;
  Visit visit_;
  State state_ = State::command;
  Question question_ = Question::connect;
  bool asking_ = true;  // the first question: whether to talk at all
  bool in_mail_ = false;
  std::string input_;
  std::size_t taken_ = 0;  // of input_
  bool skipping_ = false;  // the rest of a line that is too long
  std::string output_;
  ContentReader content_;
  PathArgument path_;
  std::uint64_t announced_size_ = 0;
  Credentials credentials_;
  std::size_t errors_ = 0, commands_ = 0, progress_ = 0;
};

}  // namespace todoku::smtp
