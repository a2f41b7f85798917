#include "intake/mailbox/pop3_machine.h"

#include <algorithm>

#include "base/ascii.h"
#include "intake/mailbox/imap_reader.h"
#include "intake/mailbox/sasl_token.h"
#include "smtp/sasl.h"

namespace todoku::intake::mailbox {
namespace {

constexpr std::size_t kPipelined = 20;  // requests under way
constexpr std::size_t kMostWords = 300;
constexpr std::size_t kMostCapabilities = 100;
constexpr std::size_t kLongestName = 70;  // RFC 1939 section 7

std::string said(std::string_view what, std::string_view words) {
  std::string text(words.substr(0, kMostWords));
  std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20U; }, ' ');
  return std::string(what) + (text.empty() ? "" : "; the server says: " + text);
}

/// No line end, which would begin another command.
bool fits(std::string_view text) { return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos; }

}  // namespace

Pop3Machine::Action Pop3Machine::next() const {
  if (trouble_.any()) return Action::rest;
  if (!output_.empty()) return Action::write;
  if (phase_ == Phase::tls) return Action::start_tls;
  if (phase_ == Phase::ready || phase_ == Phase::over) return Action::rest;
  return gathered_ >= options_.limits.pending ? Action::hand_over : Action::read;
}

void Pop3Machine::failed(Trouble trouble) {
  if (phase_ != Phase::over) trouble_ = std::move(trouble);
}

void Pop3Machine::tls_started() {
  secure_ = true;
  capabilities_.clear();
  if (options_.tls == Tls::immediate) {
    phase_ = Phase::greeting;
  } else {
    say(Phase::capa, "CAPA");
  }
}

void Pop3Machine::received(std::string_view bytes) {
  if (phase_ == Phase::tls)
    return trouble(Trouble::Kind::tls, "the server spoke before TLS was begun: somebody injects");
  while (!bytes.empty() && !trouble_.any()) {
    const std::size_t end = bytes.find('\n');
    line_.append(bytes.substr(0, end));
    const bool content = body_ && phase_ == Phase::retr;
    if (line_.size() > (content ? options_.limits.mail : options_.limits.line))
      return trouble(Trouble::Kind::protocol, "the server's line is longer than allowed");
    if (end == std::string_view::npos) return;
    bytes.remove_prefix(end + 1);
    if (line_.ends_with('\r')) line_.pop_back();
    const std::string line = std::exchange(line_, {});
    on_line(line);
    if (phase_ == Phase::tls && !bytes.empty())
      return trouble(Trouble::Kind::tls, "the server spoke before TLS was begun: somebody injects");
  }
}

void Pop3Machine::on_line(std::string_view line) {
  if (body_) return line == "." ? end_body() : on_body_line(line.starts_with('.') ? line.substr(1) : line);
  if (line.starts_with('+') && !base::istarts_with(line, "+OK") && phase_ == Phase::auth) {
    output_ = std::exchange(answer_, error_answer_) + "\r\n";
    return;
  }
  const bool ok = base::istarts_with(line, "+OK"), refused = base::istarts_with(line, "-ERR");
  if (!ok && !refused) return trouble(Trouble::Kind::protocol, said("this is not POP3", line));
  on_status(ok, base::trim(line.substr(ok ? 3 : 4)));
}

void Pop3Machine::on_status(bool ok, std::string_view words) {
  switch (phase_) {
    case Phase::retr:
      if (ok) {
        body_ = true;
        mails_.push_back({asked_[answered_], {}});
        return;
      }
      refused_.push_back(asked_[answered_]);
      [[fallthrough]];
    case Phase::dele:  // one that is refused is gone already
      ++answered_;
      return send_requests();
    case Phase::quit:
      phase_ = Phase::over;
      if (!ok) trouble(Trouble::Kind::refused, said("the server did not remove the mails", words));
      return;
    default:
      return on_opening(ok, words);
  }
}

void Pop3Machine::on_opening(bool ok, std::string_view words) {
  switch (phase_) {
    case Phase::greeting:
      if (!ok) return trouble(Trouble::Kind::refused, said("the server takes no session", words));
      return say(Phase::capa, "CAPA");
    case Phase::capa:
      body_ = ok;
      if (!ok) after_capabilities();  // a server of old
      return;
    case Phase::stls:
      if (!ok) return trouble(Trouble::Kind::tls, said("the server refuses STLS", words));
      phase_ = Phase::tls;
      return;
    case Phase::user:
      if (ok) return say(Phase::pass, "PASS " + std::string(options_.login.password.reveal()));
      [[fallthrough]];
    case Phase::auth:
    case Phase::pass:
      if (!ok) return trouble(Trouble::Kind::login, said("the server refuses user, password or token", words));
      return say(Phase::uidl, "UIDL");
    case Phase::uidl:
      if (!ok) return trouble(Trouble::Kind::missing, said("the server has no lasting names of mails (UIDL)", words));
      body_ = true;
      return;
    default:
      return;
  }
}

void Pop3Machine::on_body_line(std::string_view line) {
  if (phase_ == Phase::capa) {
    if (capabilities_.size() >= kMostCapabilities) return;
    std::string name(line);
    std::ranges::transform(name, name.begin(), [](char c) { return base::ascii_upper(c); });
    capabilities_.insert(std::move(name));
  } else if (phase_ == Phase::uidl) {
    note_listed(line);
  } else {
    std::string& content = mails_.back().content;
    const std::size_t before = content.size();
    content.append(line).append("\r\n");
    content.resize(std::min(content.size(), options_.limits.mail));  // the rest is read over
    gathered_ += content.size() - before;
  }
}

void Pop3Machine::note_listed(std::string_view line) {
  const std::size_t blank = line.find(' ');
  const auto number = imap_number(line.substr(0, blank));
  const std::string_view name = blank == std::string_view::npos ? "" : base::trim(line.substr(blank));
  const bool printable = std::ranges::all_of(name, [](char c) { return c > ' ' && c < '\x7f'; });
  if (!number || name.empty() || name.size() > kLongestName || !printable)
    return trouble(Trouble::Kind::protocol, said("a mail's lasting name (UIDL) cannot be one", line));
  if (listed_.size() < options_.limits.most_mails) listed_.push_back({*number, std::string(name)});
}

void Pop3Machine::end_body() {
  body_ = false;
  if (phase_ == Phase::capa) return after_capabilities();
  if (phase_ == Phase::uidl) {
    phase_ = Phase::ready;
    return;
  }
  gathered_ += 1;
  ++answered_;
  send_requests();
}

void Pop3Machine::after_capabilities() {
  if (options_.tls == Tls::starttls && !secure_) {
    if (!capabilities_.contains("STLS")) return trouble(Trouble::Kind::tls, "the server offers no STLS");
    return say(Phase::stls, "STLS");
  }
  sign_in();
}

void Pop3Machine::sign_in() {
  if (!fits(options_.login.user) || !fits(options_.login.password.reveal()))
    return trouble(Trouble::Kind::login, "user or password holds a line end");
  if (options_.login.access_token.empty()) return say(Phase::user, "USER " + options_.login.user);
  const auto token = token_sign_in(options_.login, [this](std::string_view name) { return takes(name); });
  if (!token) return trouble(Trouble::Kind::login, "the server takes no OAuth 2 tokens (XOAUTH2, OAUTHBEARER)");
  answer_ = token->response;
  error_answer_ = token->on_error;
  // Microsoft takes no initial response here; Google takes both.
  say(Phase::auth, "AUTH " + std::string(token->mechanism));
}

/// Who does not list what it takes may take XOAUTH2.
bool Pop3Machine::takes(std::string_view mechanism) const {
  for (const std::string& line : capabilities_) {
    if (line.starts_with("SASL ")) return (line + ' ').find(' ' + std::string(mechanism) + ' ') != std::string::npos;
  }
  return mechanism == "XOAUTH2";
}

void Pop3Machine::say(Phase phase, std::string_view command) {
  phase_ = phase;
  output_.append(command).append("\r\n");
}

void Pop3Machine::retrieve(std::span<const std::uint32_t> numbers) {
  asked_.assign(numbers.begin(), numbers.end());
  refused_.clear();
  answered_ = sent_ = 0;
  phase_ = Phase::retr;
  send_requests();
}

void Pop3Machine::remove(std::span<const std::uint32_t> numbers) {
  asked_.assign(numbers.begin(), numbers.end());
  answered_ = sent_ = 0;
  phase_ = Phase::dele;
  send_requests();
}

void Pop3Machine::send_requests() {
  if (answered_ == asked_.size()) {
    phase_ = Phase::ready;
    return;
  }
  const std::size_t most = capabilities_.contains("PIPELINING") ? kPipelined : 1;
  // A window's next half at once, so that requests share packets.
  if (sent_ - answered_ > most / 2) return;
  for (; sent_ < asked_.size() && sent_ - answered_ < most; ++sent_)
    say(phase_, (phase_ == Phase::retr ? "RETR " : "DELE ") + std::to_string(asked_[sent_]));
}

std::vector<FetchedMail> Pop3Machine::take_mails() {
  gathered_ = 0;
  std::vector<FetchedMail> whole;
  const bool last_is_open = body_ && !mails_.empty();
  FetchedMail open;
  if (last_is_open) {
    open = std::move(mails_.back());
    mails_.pop_back();
  }
  whole.swap(mails_);
  if (last_is_open) mails_.push_back(std::move(open));
  return whole;
}

void Pop3Machine::quit() { say(Phase::quit, "QUIT"); }

}  // namespace todoku::intake::mailbox
