#include "smtp/client_machine.h"

#include <cassert>

namespace todoku::smtp {
namespace {

/// Refused at RCPT it was sent for nothing.
constexpr std::size_t kLargestChunk = 65'536;
constexpr std::string_view kLineEnd = "\r\n";

/// Where the limit can be read later, by whoever splits the mail.
std::string size_words(const Envelope& mail, const Capabilities& server) {
  return std::to_string(mail.content.size()) + " bytes; at most " + std::to_string(server.size_limit) +
         " are taken (SIZE)";
}

/// What stands behind the + of a return path may be a token that tells who sent what to whom.
void hide_tokens(std::string& commands) {
  constexpr std::string_view kMail = "MAIL FROM:<";
  for (std::size_t at = commands.find(kMail); at != std::string::npos; at = commands.find(kMail, at + 1)) {
    const std::size_t end = commands.find('>', at);
    const std::size_t plus = commands.find('+', at);
    const std::size_t host = end == std::string::npos ? end : commands.rfind('@', end);
    if (host == std::string::npos || plus > host) continue;
    commands.replace(plus + 1, host - plus - 1, "***");
  }
}

}  // namespace

ClientMachine::Action ClientMachine::next() const {
  if (phase_ == Phase::over || phase_ == Phase::ready) return Action::rest;
  if (phase_ == Phase::tls) return Action::start_tls;
  if (!output_.empty()) return Action::write;
  // An announced mail waits for its send().
  if (phase_ == Phase::envelope && !sending_) return Action::rest;
  return Action::read;
}

Stage ClientMachine::stage() const {
  switch (phase_) {
    case Phase::greeting:
      return Stage::connect;
    case Phase::ehlo:
    case Phase::helo:
      return Stage::ehlo;
    case Phase::starttls:
    case Phase::tls:
      return Stage::starttls;
    case Phase::auth_plain:
    case Phase::auth_login:
    case Phase::auth_user:
    case Phase::auth_password:
      return Stage::auth;
    case Phase::envelope:
    case Phase::chunk:
      return transaction_.awaited();
    case Phase::content:
      return Stage::data;
    case Phase::eod:
    case Phase::abandon:
      return Stage::eod;
    case Phase::quit:
      return Stage::quit;
    case Phase::noop:
    case Phase::asked:
    case Phase::ready:
    case Phase::over:
      break;
  }
  return Stage::none;
}

bool ClientMachine::usable() const {
  return !failure_ && !sending_ && (phase_ == Phase::ready || phase_ == Phase::envelope);
}

void ClientMachine::say(Phase phase, std::string text) {
  phase_ = phase;
  line_ = std::move(text);
  line_ += "\r\n";
  output_.assign(1, line_);
}

void ClientMachine::written() {
  output_.clear();
  if (phase_ == Phase::envelope) transaction_.output_sent();
  const bool content = phase_ == Phase::content || phase_ == Phase::chunk;
  if (phase_ == Phase::content) phase_ = Phase::eod;
  if (content && ahead_.state() == Transaction::State::waiting) ahead_.output_sent();
}

void ClientMachine::received(std::string_view bytes) {
  while (phase_ != Phase::over) {
    auto step = parser_.parse(bytes);
    if (step != ReplyParser::Step::more) ++replies_;
    if (step == ReplyParser::Step::more) return;
    if (step == ReplyParser::Step::broken) return failed(Cause::protocol_error, parser_.error());
    on_reply(parser_.reply(), !bytes.empty());
    if (bytes.empty()) return;
  }
}

void ClientMachine::on_reply(const Reply& reply, bool more_bytes) {
  if (on_opening_reply(reply, more_bytes)) return;
  switch (phase_) {
    case Phase::envelope:
    case Phase::chunk: {
      if (!transaction_.awaits_reply()) break;
      return on_envelope_reply(reply);
    }
    case Phase::content: {
      // A word while the content is still going out can only be a last one.
      if (reply.positive()) break;
      return refused_for_good(reply, Stage::eod);
    }
    case Phase::eod:
      return on_end_of_data(reply);
    case Phase::abandon: {
      reset_first_ = true;
      if (reply.code == 421) refused(reply);
      return finish(SendOutcome::Kind::refused, transaction_.outcome().stage);
    }
    case Phase::noop:
      if (reply.code == 421) return refused(reply);
      phase_ = Phase::ready;
      return;
    case Phase::asked:
      if (reply.code == 421) return refused(reply);
      answer_ = reply;
      phase_ = Phase::ready;
      return;
    case Phase::quit:
      phase_ = Phase::over;
      return;
    default:
      break;
  }
  // Nobody asked: 421 says why the server is about to close; anything else we cannot place.
  if (reply.code == 421) return refused(reply);
  failed(Cause::protocol_error, "a reply to nothing: " + reply.text());
}

void ClientMachine::on_envelope_reply(const Reply& reply) {
  auto at = stage();
  transaction_.on_reply(reply);
  if (reply.code == 421) return refused_for_good(reply, at);
  if (sending_) on_transaction();
}

void ClientMachine::send(const Envelope& mail, const Envelope* next) {
  assert(usable());
  mail_ = mail;
  traits_ = inspect(mail.content);
  mail_.eight_bit = mail_.eight_bit || traits_.eight_bit;
  sending_ = true;
  bool announced = phase_ == Phase::envelope;
  auto cause = traits_.bare_line_end ? Cause::bare_line_end : local_refusal(mail_, capabilities_);
  if (announced && (cause != Cause::none || !transaction_.is_for(mail_, capabilities_))) {
    sending_ = false;
    give_up(Cause::cancelled, "another mail was announced");
  }
  if (cause != Cause::none || failure_) {
    transaction_.outcome() = {};
    transaction_.outcome().cause = cause != Cause::none ? cause : Cause::cancelled;
    if (cause == Cause::too_big) transaction_.outcome().detail = size_words(mail_, capabilities_);
    return finish(SendOutcome::Kind::not_sent, Stage::none);
  }
  next_.reset();
  if (next && capabilities_.pipelining) {
    next_ = *next;
    auto traits = inspect(next->content);
    next_->eight_bit = next_->eight_bit || traits.eight_bit;
    // What cannot be sent is not announced: its own send() says so.
    if (traits.bare_line_end || local_refusal(*next_, capabilities_) != Cause::none) next_.reset();
  }
  if (!announced && chunks()) return write_chunk();
  if (!announced) transaction_.begin(mail_, capabilities_, std::exchange(reset_first_, false));
  phase_ = Phase::envelope;
  on_transaction();
}

// What the transaction's state asks for now.
void ClientMachine::on_transaction() {
  switch (transaction_.state()) {
    case Transaction::State::waiting:
      if (phase_ == Phase::chunk) return;
      if (auto commands = transaction_.output(); !commands.empty()) output_.assign(1, commands);
      return;
    case Transaction::State::go_ahead:
      return write_content();
    case Transaction::State::abandon:
      return say(Phase::abandon, ".");
    case Transaction::State::refused:
      reset_first_ = true;
      return finish(SendOutcome::Kind::refused, transaction_.outcome().stage);
    case Transaction::State::answered:
      return on_end_of_data(parser_.reply());
    case Transaction::State::broken:
    case Transaction::State::idle:
      break;
  }
  failed(Cause::protocol_error, "unexpected reply: " + parser_.reply().text());
}

void ClientMachine::write_content() {
  phase_ = Phase::content;
  output_.clear();
  commands_ = 0;
  append_stuffed(mail_.content, traits_, output_);
  content_end_ = 0;
  for (auto piece : output_) content_end_ += piece.size();
  announce_next(false);
}

bool ClientMachine::chunks() const {
  return options_.chunking && capabilities_.chunking && capabilities_.pipelining &&
         mail_.content.size() <= kLargestChunk;
}

// After a BDAT that was refused the server may still be in this mail's transaction, so the next one begins with RSET.
void ClientMachine::write_chunk() {
  const std::string_view end = traits_.ends_in_crlf ? std::string_view() : kLineEnd;
  phase_ = Phase::chunk;
  transaction_.begin_chunk(mail_, capabilities_, std::exchange(reset_first_, false), mail_.content.size() + end.size());
  output_.assign({transaction_.output(), mail_.content});
  if (!end.empty()) output_.push_back(end);
  commands_ = output_.front().size();
  content_end_ = commands_ + mail_.content.size() + end.size();
  transaction_.output_sent();  // a refusal may come before all of it is out
  announce_next(true);
}

void ClientMachine::announce_next(bool reset_first) {
  ahead_.clear();
  if (!next_) return;
  ahead_.begin(*next_, capabilities_, reset_first);
  output_.push_back(ahead_.output());
}

void ClientMachine::on_end_of_data(const Reply& reply) {
  if (reply.code / 100 == 3) return failed(Cause::protocol_error, "unexpected reply: " + reply.text());
  transaction_.outcome().reply = reply;
  if (reply.code == 421) refused(reply);
  if (phase_ == Phase::chunk && !reply.positive()) reset_first_ = true;
  finish(reply.positive() ? SendOutcome::Kind::accepted : SendOutcome::Kind::refused, Stage::eod);
}

// The server refuses and will hear no more.
void ClientMachine::refused_for_good(const Reply& reply, Stage at) {
  transaction_.outcome().reply = reply;
  if (!failure_) failure_ = Failure{at, Cause::none, reply, {}};
  phase_ = Phase::over;
  if (sending_) finish(SendOutcome::Kind::refused, at);
}

void ClientMachine::finish(SendOutcome::Kind kind, Stage stage) {
  // Copied, not moved: the transaction's strings keep their memory for the next mail.
  outcome_ = transaction_.outcome();
  outcome_.kind = kind;
  outcome_.stage = stage;
  sending_ = false;
  // Answered before all of it went out: what the server would take the rest for, nobody knows.
  if (phase_ == Phase::chunk && !output_.empty()) give_up(Cause::closed, "the mail was refused while it was sent");
  output_.clear();
  transaction_.clear();
  std::swap(transaction_, ahead_);
  if (phase_ == Phase::over) return;
  phase_ = transaction_.state() == Transaction::State::idle ? Phase::ready : Phase::envelope;
}

// A last word of the server: the session is over, whatever it was about.
void ClientMachine::refused(const Reply& reply) {
  if (!failure_) failure_ = Failure{stage(), Cause::none, reply, {}};
  if (!sending_) phase_ = Phase::over;
}

void ClientMachine::give_up(Cause cause, std::string_view detail) {
  if (!failure_) failure_ = Failure{stage(), cause, {}, std::string(detail)};
  phase_ = Phase::over;
  output_.clear();
}

/// Whether the server may have all of the mail.
bool ClientMachine::end_sent(std::size_t written) const {
  if (phase_ == Phase::eod || (phase_ == Phase::chunk && output_.empty())) return true;
  return (phase_ == Phase::content || phase_ == Phase::chunk) && written >= content_end_;
}

void ClientMachine::failed(Cause cause, std::string_view detail, std::size_t written) {
  const bool may_have_it = end_sent(written);
  auto at = stage();
  if (sending_) {
    auto& outcome = transaction_.outcome();
    const bool commands = phase_ == Phase::envelope || phase_ == Phase::chunk;
    bool known = phase_ == Phase::abandon || (commands && outcome.stage != Stage::none);
    if (!known) {
      outcome.reply = {};
      outcome.cause = cause;
      outcome.detail = detail;
    }
    give_up(cause, detail);
    auto kind = known         ? SendOutcome::Kind::refused
                : may_have_it ? SendOutcome::Kind::in_doubt
                              : SendOutcome::Kind::lost;
    return finish(kind, known ? outcome.stage : at);
  }
  give_up(cause, detail);
}

void ClientMachine::ask(std::string command) {
  assert(usable() && phase_ == Phase::ready && command.find_first_of("\r\n") == std::string::npos);
  answer_ = {};
  say(Phase::asked, std::move(command));
}

std::string ClientMachine::shown_output() const {
  switch (phase_) {
    case Phase::auth_plain:
      return "AUTH PLAIN ***\r\n";
    case Phase::auth_user:
    case Phase::auth_password:
      return "***\r\n";
    default:
      break;
  }
  const bool content = phase_ == Phase::content || phase_ == Phase::chunk;
  std::string before, after;
  std::size_t bytes = 0;
  for (const std::string_view piece : output_) {
    bytes += piece.size();
    // Commands stand before and behind the content, in pieces of their own.
    if (!content || bytes <= commands_) {
      before += piece;
    } else if (bytes > content_end_) {
      after += piece;
    }
  }
  hide_tokens(before);
  hide_tokens(after);
  if (!content) return before;
  return before + "(the mail, " + std::to_string(content_end_ - commands_) + " bytes)\r\n" + after;
}

bool ClientMachine::noop() {
  if (phase_ != Phase::ready || failure_) return false;
  say(Phase::noop, "NOOP");
  return true;
}

void ClientMachine::quit() {
  // With a mail announced the server may be waiting for its content: only closing gets out of that.
  if (phase_ != Phase::ready) {
    phase_ = Phase::over;
    return;
  }
  say(Phase::quit, "QUIT");
}

}  // namespace todoku::smtp
