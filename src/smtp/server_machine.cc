#include "smtp/server_machine.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"

namespace todoku::smtp {
namespace {

constexpr std::size_t kLineLimit = 12'288;  // what AUTH may need (RFC 4954 section 4)

constexpr std::size_t kNameLimit = 255;

bool is_name(std::string_view text) {
  auto control = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; };
  return !text.empty() && text.size() <= kNameLimit && std::ranges::none_of(text, control);
}

}  // namespace

ServerMachine::ServerMachine(ServerOptions options, std::string peer) : options_(std::move(options)) {
  visit_.peer = std::move(peer);
}

ServerMachine::Action ServerMachine::next() {
  for (;;) {
    if (asking_) return Action::decide;
    if (state_ == State::over) return output_.empty() ? Action::close : Action::write;
    if (state_ == State::tls) return output_.empty() ? Action::start_tls : Action::write;
    if (!step()) return output_.empty() ? Action::read : Action::write;
  }
}

void ServerMachine::received(std::string_view bytes) {
  if (state_ == State::over) return;
  // Usually nothing is left over, and a content needs no buffer of its own.
  if (state_ == State::content && input_.empty() && content_.read(bytes)) {
    ++progress_;
    on_content_end();
  }
  input_ += bytes;
}

bool ServerMachine::step() {
  auto rest = std::string_view(input_).substr(taken_);
  if (state_ == State::content) {
    bool end = !rest.empty() && content_.read(rest);
    taken_ = input_.size() - rest.size();
    if (end) ++progress_, on_content_end();
    if (content_.size() > 2 * options_.size_limit + kLineLimit) dismiss("552 5.3.4 message too big");
    if (end) return true;
  } else if (auto end = rest.find('\n'); end != rest.npos) {
    auto line = rest.substr(0, end);
    taken_ += end + 1;
    ++progress_;
    if (std::exchange(skipping_, false) || line.size() > kLineLimit)
      refuse(500, "5.5.6 line too long");
    else if (!line.ends_with('\r') || line.find('\r') != line.size() - 1)
      refuse(500, "5.5.2 lines end in CR LF");
    else
      on_line(line.substr(0, line.size() - 1));
    return true;
  } else if (rest.size() > kLineLimit) {
    skipping_ = true;
    taken_ = input_.size();
  }
  input_.erase(0, std::exchange(taken_, 0));
  return state_ == State::over;
}

void ServerMachine::written() { output_.clear(); }

void ServerMachine::reply(int code, std::string_view text) {
  for (auto number = std::to_string(code);;) {
    auto end = text.find('\n');
    output_ += number;
    output_ += end == text.npos ? ' ' : '-';
    output_ += text.substr(0, end);
    output_ += "\r\n";
    if (end == text.npos) break;
    text.remove_prefix(end + 1);
  }
  if (code == 421) state_ = State::over;
}

void ServerMachine::refuse(int code, std::string_view text) {
  reply(code, text);
  if (++errors_ >= options_.errors_limit) reply(421, "4.7.0 too many errors");
}

void ServerMachine::dismiss(std::string_view why) {
  asking_ = false;
  output_ += why;
  output_ += "\r\n";
  state_ = State::over;
}

void ServerMachine::ask(Question question) {
  question_ = question;
  asking_ = true;
}

void ServerMachine::clear_mail() {
  in_mail_ = false;
  visit_.sender.clear();
  visit_.recipients.clear();
  visit_.content.clear();
  visit_.smtputf8 = visit_.eight_bit = false;
}

void ServerMachine::tls_started() {
  visit_.secure = true;
  visit_.helo.clear();
  visit_.user.clear();
  clear_mail();
  state_ = State::command;
}

void ServerMachine::answer(const Answer& answer) {
  asking_ = false;
  switch (question_) {
    case Question::connect:
      if (answer.positive()) return greet();
      reply(answer.code, answer.text);
      state_ = State::over;  // RFC 5321 section 3.1 lets the client QUIT; whoever refuses here wants no talk
      return;
    case Question::hello:
      if (answer.positive()) return say_capabilities();
      visit_.helo.clear();
      break;
    case Question::auth:
      if (answer.positive()) visit_.user = credentials_.user;
      credentials_ = {};
      if (answer.positive()) return reply(235, "2.7.0 welcome");
      return refuse(answer.code, answer.text);
    case Question::mail:
      in_mail_ = answer.positive();
      if (in_mail_) visit_.sender = path_.address;
      break;
    case Question::rcpt:
      if (answer.positive()) visit_.recipients.push_back(path_.address);
      break;
    case Question::message:
      clear_mail();
      commands_ = 0;
      break;
  }
  reply(answer.code, answer.text);
}

void ServerMachine::greet() { reply(220, options_.hostname + " ESMTP Todoku"); }

void ServerMachine::on_line(std::string_view line) {
  if (state_ != State::command) return on_auth_line(line);
  on_command(parse_command(line));
}

void ServerMachine::on_command(const Command& command) {
  if (++commands_ > options_.commands_limit) return reply(421, "4.7.0 too many commands");
  switch (command.verb) {
    case Verb::helo:
    case Verb::ehlo:
      return on_hello(command);
    case Verb::mail:
      return on_mail(command.argument);
    case Verb::rcpt:
      return on_rcpt(command.argument);
    case Verb::data:
      return on_data();
    case Verb::starttls:
      return on_starttls();
    case Verb::auth:
      return on_auth(command.argument);
    case Verb::rset:
      clear_mail();
      return reply(250, "2.0.0 OK");
    case Verb::noop:
      return reply(250, "2.0.0 OK");
    case Verb::vrfy:
      return reply(252, "2.5.0 send it and see");
    case Verb::help:
      return reply(214, "2.0.0 RFC 5321");
    case Verb::quit:
      reply(221, "2.0.0 bye");
      state_ = State::over;
      return;
    case Verb::unknown:
      break;
  }
  refuse(500, "5.5.2 unknown command");
}

void ServerMachine::on_hello(const Command& command) {
  if (!is_name(command.argument)) return refuse(501, "5.5.4 say your name");
  clear_mail();
  visit_.helo = command.argument;
  visit_.extended = command.verb == Verb::ehlo;
  ask(Question::hello);
}

void ServerMachine::say_capabilities() {
  if (!visit_.extended) return reply(250, options_.hostname);
  std::vector<std::string> lines = {options_.hostname, "SIZE " + std::to_string(options_.size_limit), "8BITMIME",
                                    "ENHANCEDSTATUSCODES"};
  if (options_.offer_pipelining) lines.emplace_back("PIPELINING");
  if (options_.offer_smtputf8) lines.emplace_back("SMTPUTF8");
  if (options_.offer_starttls && !visit_.secure) lines.emplace_back("STARTTLS");
  if (options_.offer_auth && (visit_.secure || options_.auth_in_plain)) lines.emplace_back("AUTH PLAIN LOGIN");
  for (std::size_t i = 0; i < lines.size(); ++i)
    output_ += (i + 1 < lines.size() ? "250-" : "250 ") + lines[i] + "\r\n";
}

void ServerMachine::on_mail(std::string_view argument) {
  if (visit_.helo.empty()) return refuse(503, "5.5.1 say EHLO first");
  if (options_.auth_required && visit_.user.empty()) return refuse(530, "5.7.0 sign in first");
  if (in_mail_) return refuse(503, "5.5.1 one mail at a time");
  auto path = parse_path(argument, "FROM:");
  if (!path) return refuse(501, "5.5.4 MAIL FROM:<address>");
  if (path->unknown_parameter) return refuse(555, "5.5.4 unknown parameter");
  if (path->size.value_or(0) > options_.size_limit) return reply(552, "5.3.4 message size exceeds the limit");
  path_ = std::move(*path);
  announced_size_ = path_.size.value_or(0);
  visit_.smtputf8 = path_.smtputf8;
  visit_.eight_bit = path_.eight_bit;
  ask(Question::mail);
}

void ServerMachine::on_rcpt(std::string_view argument) {
  if (!in_mail_) return refuse(503, "5.5.1 MAIL first");
  auto path = parse_path(argument, "TO:");
  if (!path || path->address.empty()) return refuse(501, "5.5.4 RCPT TO:<address>");
  if (path->unknown_parameter || path->size) return refuse(555, "5.5.4 unknown parameter");
  if (visit_.recipients.size() >= options_.recipients_limit) return reply(452, "4.5.3 too many recipients");
  path_ = std::move(*path);
  ask(Question::rcpt);
}

void ServerMachine::on_data() {
  if (!in_mail_) return refuse(503, "5.5.1 MAIL first");
  if (visit_.recipients.empty()) return refuse(554, "5.5.1 no valid recipients");
  content_.begin(options_.size_limit, announced_size_);
  state_ = State::content;
  reply(354, "end with <CRLF>.<CRLF>");
}

void ServerMachine::on_content_end() {
  state_ = State::command;
  bool too_big = content_.too_big();
  if (too_big || content_.bare_line_end()) {
    clear_mail();
    if (too_big) return reply(552, "5.3.4 message size exceeds the limit");
    return refuse(550, "5.6.11 lines end in CR LF");
  }
  visit_.content = content_.take();
  ask(Question::message);
}

void ServerMachine::on_starttls() {
  if (!options_.offer_starttls || visit_.secure) return refuse(503, "5.5.1 no STARTTLS here");
  // Commands behind STARTTLS were put there by somebody on the way (RFC 3207, CVE-2011-0411).
  if (taken_ < input_.size()) return dismiss("554 5.5.1 text behind STARTTLS");
  reply(220, "2.0.0 go ahead");
  state_ = State::tls;
}

void ServerMachine::on_auth(std::string_view argument) {
  if (!options_.offer_auth || !visit_.user.empty() || in_mail_) return refuse(503, "5.5.1 no AUTH here");
  if (!visit_.secure && !options_.auth_in_plain) return refuse(538, "5.7.11 start TLS first");
  auto end = argument.find(' ');
  auto mechanism = argument.substr(0, end);
  auto initial = end == argument.npos ? std::string_view() : base::trim(argument.substr(end));
  if (base::iequals(mechanism, "PLAIN")) {
    state_ = State::auth_plain;
    return initial.empty() ? reply(334, "") : on_auth_line(initial);
  }
  if (!base::iequals(mechanism, "LOGIN")) return refuse(504, "5.5.4 PLAIN or LOGIN");
  state_ = State::auth_user;
  return initial.empty() ? reply(334, "VXNlcm5hbWU6") : on_auth_line(initial);
}

void ServerMachine::on_auth_line(std::string_view line) {
  auto state = std::exchange(state_, State::command);
  if (line == "*") return refuse(501, "5.7.0 given up");
  if (state == State::auth_plain) {
    auto credentials = parse_plain_response(line);
    if (!credentials) return refuse(501, "5.5.2 not a PLAIN response");
    credentials_ = std::move(*credentials);
    return ask(Question::auth);
  }
  auto text = from_base64(line);
  if (!text) return refuse(501, "5.5.2 not base64");
  if (state == State::auth_user) {
    credentials_.user = std::move(*text);
    state_ = State::auth_password;
    return reply(334, "UGFzc3dvcmQ6");
  }
  credentials_.password = base::Secret(std::move(*text));
  ask(Question::auth);
}

}  // namespace todoku::smtp
