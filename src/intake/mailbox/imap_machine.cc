#include "intake/mailbox/imap_machine.h"

#include <algorithm>

#include "base/ascii.h"
#include "intake/mailbox/sasl_token.h"
#include "smtp/sasl.h"

namespace todoku::intake::mailbox {
namespace {

constexpr std::size_t kSlack = 4096;     // beyond a mail's limit: what servers add
constexpr std::size_t kMostWords = 300;  // of a server's words
constexpr std::size_t kMostCapabilities = 200;

std::string_view take_word(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

std::string upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return base::ascii_upper(c); });
  return out;
}

/// What a server says, fit for a log line.
std::string words_of(std::string_view text) {
  std::string words(text.substr(0, kMostWords));
  std::ranges::replace_if(words, [](char c) { return static_cast<unsigned char>(c) < 0x20U; }, ' ');
  return words;
}

std::string said(std::string_view what, std::string_view words) {
  return std::string(what) + (words.empty() ? "" : "; the server says: " + words_of(words));
}

}  // namespace

ImapMachine::ImapMachine(Options options)
    : options_(std::move(options)),
      phase_(options_.tls == Tls::immediate ? Phase::tls : Phase::greeting),
      reader_(options_.limits.line, options_.limits.mail + kSlack) {}

ImapMachine::Action ImapMachine::next() const {
  if (trouble_.any()) return Action::rest;
  if (!output_.empty()) return Action::write;
  if (phase_ == Phase::tls) return Action::start_tls;
  if (phase_ == Phase::ready || phase_ == Phase::over) return Action::rest;
  return gathered_ >= options_.limits.pending ? Action::hand_over : Action::read;
}

void ImapMachine::failed(Trouble trouble) {
  if (phase_ == Phase::logout) phase_ = Phase::over;
  if (phase_ != Phase::over) trouble_ = std::move(trouble);
}

void ImapMachine::trouble(Trouble::Kind kind, std::string words) { trouble_ = {kind, std::move(words)}; }

void ImapMachine::tls_started() {
  secure_ = true;
  capabilities_.clear();
  capabilities_known_ = false;
  if (options_.tls == Tls::immediate) {
    phase_ = Phase::greeting;
  } else {
    say(Phase::capability, "CAPABILITY");
  }
}

void ImapMachine::received(std::string_view bytes) {
  if (phase_ == Phase::tls)
    return trouble(Trouble::Kind::tls, "the server spoke before TLS was begun: somebody injects");
  reader_.feed(bytes);
  while (!trouble_.any()) {
    const auto response = reader_.take();
    if (!response) break;
    on_response(*response);
    if (phase_ == Phase::tls && reader_.holds_more())
      trouble(Trouble::Kind::tls, "the server spoke before TLS was begun: somebody injects");
  }
  if (reader_.bad() && !trouble_.any())
    trouble(Trouble::Kind::protocol, "the server's response is longer than allowed");
}

void ImapMachine::on_response(const ImapResponse& response) {
  std::string_view text = response.text;
  if (phase_ == Phase::greeting) return on_greeting(text);
  if (text.starts_with("* ")) return on_untagged(response);
  if (text.starts_with('+')) return on_continuation();
  const std::string_view tag = take_word(text);
  if (tag != "a" + std::to_string(tag_))
    return trouble(Trouble::Kind::protocol, said("this is not IMAP", response.text));
  const std::string status = upper(take_word(text));
  on_tagged(status, text);
}

void ImapMachine::on_greeting(std::string_view text) {
  const std::string_view whole = text;
  take_word(text);
  const std::string status = upper(take_word(text));
  if (!whole.starts_with("* ") || (status != "OK" && status != "PREAUTH" && status != "BYE"))
    return trouble(Trouble::Kind::protocol, said("this is not IMAP", whole));
  if (status == "BYE") return trouble(Trouble::Kind::refused, said("the server takes no session", text));
  if (status == "PREAUTH" && options_.tls == Tls::starttls)
    return trouble(Trouble::Kind::tls, "the server signs us in before TLS: somebody may be in between");
  signed_in_ = status == "PREAUTH";
  note_code(text);
  if (capabilities_known_) return after_capabilities();
  say(Phase::capability, "CAPABILITY");
}

void ImapMachine::note_capabilities(std::string_view text) {
  capabilities_.clear();
  capabilities_known_ = true;
  while (!text.empty() && capabilities_.size() < kMostCapabilities) capabilities_.insert(upper(take_word(text)));
}

/// "[CAPABILITY …]", "[UIDVALIDITY n]" at the beginning of a response's text.
void ImapMachine::note_code(std::string_view text) {
  const std::size_t end = text.find(']');
  if (!text.starts_with('[') || end == std::string_view::npos) return;
  text = text.substr(1, end - 1);
  const std::string code = upper(take_word(text));
  if (code == "CAPABILITY") note_capabilities(text);
  if (code == "UIDVALIDITY") validity_ = imap_number(text).value_or(0);
}

void ImapMachine::on_untagged(const ImapResponse& response) {
  ImapScanner scanner(response);
  scanner.next();  // *
  const std::string first = upper(scanner.next().text);
  if (first == "OK") return note_code(base::trim(scanner.rest()));
  if (first == "CAPABILITY") return note_capabilities(base::trim(scanner.rest()));
  if (first == "BYE" && phase_ != Phase::logout)
    return trouble(Trouble::Kind::lost, said("the server ended the session", base::trim(scanner.rest())));
  if (first == "SEARCH") {
    for (ImapToken token = scanner.next(); token.kind == ImapToken::Kind::atom; token = scanner.next()) {
      const auto uid = imap_number(token.text);
      if (uid && *uid > 0 && found_.size() < options_.limits.most_mails) found_.push_back(*uid);
    }
    return;
  }
  if (!imap_number(first)) return;
  const std::string second = upper(scanner.next().text);
  if (second == "FETCH") return on_fetch(scanner);
  if (second != "EXISTS") return;
  news_ = phase_ >= Phase::ready;
  end_idle();
}

void ImapMachine::on_fetch(ImapScanner& scanner) {
  if (scanner.next().kind != ImapToken::Kind::open) return;
  std::optional<std::uint32_t> uid;
  std::optional<std::string> content;
  for (ImapToken name = scanner.next(); name.kind == ImapToken::Kind::atom; name = scanner.next()) {
    const std::string word = upper(name.text);
    if (word == "UID") {
      uid = imap_number(scanner.next().text);
    } else if (word.starts_with("BODY[]")) {
      const ImapToken value = scanner.next();
      content = value.literal != nullptr ? *value.literal : std::string(value.text);
    } else {
      scanner.skip_value();
    }
  }
  if (!uid || !content || phase_ != Phase::command) return;  // news of a flag
  gathered_ += content->size() + 1;
  mails_.push_back({*uid, *std::move(content)});
}

void ImapMachine::on_continuation() {
  if (phase_ == Phase::idle_begin) {
    phase_ = Phase::idling;
    if (news_) end_idle();
  } else if (phase_ == Phase::login_answer) {
    output_ = std::exchange(answer_, error_answer_) + "\r\n";
  }
}

void ImapMachine::on_tagged(std::string_view status, std::string_view text) {
  const bool ok = status == "OK";
  if (phase_ == Phase::logout) {
    phase_ = Phase::over;
    return;
  }
  if (phase_ < Phase::ready) return on_opened(ok, text);
  // What was asked for between IDLE and its end does not matter.
  if (phase_ == Phase::command) refusal_ = ok ? "" : words_of(text.empty() ? status : text);
  phase_ = Phase::ready;
  if (!ok) steps_.clear();
  next_step();
}

void ImapMachine::on_opened(bool ok, std::string_view text) {
  switch (phase_) {
    case Phase::capability:
      if (!ok) return trouble(Trouble::Kind::protocol, said("the server tells no capabilities", text));
      return after_capabilities();
    case Phase::starttls:
      if (!ok) return trouble(Trouble::Kind::tls, said("the server refuses STARTTLS", text));
      phase_ = Phase::tls;
      return;
    case Phase::login:
    case Phase::login_answer:
      if (!ok) return trouble(Trouble::Kind::login, said("the server refuses user, password or token", text));
      signed_in_ = true;
      capabilities_known_ = false;  // they may differ now
      note_code(text);
      return capabilities_known_ ? select() : say(Phase::capability, "CAPABILITY");
    case Phase::select:
      if (!ok)
        return trouble(Trouble::Kind::missing, said("the folder '" + options_.folder + "' cannot be opened", text));
      if (validity_ == 0)
        return trouble(Trouble::Kind::missing, "the folder's mails have no lasting numbers (UIDVALIDITY)");
      phase_ = Phase::ready;
      return;
    default:
      return;
  }
}

void ImapMachine::after_capabilities() {
  if (signed_in_) return select();
  if (options_.tls == Tls::starttls && !secure_) {
    if (!can("STARTTLS")) return trouble(Trouble::Kind::tls, "the server offers no STARTTLS");
    return say(Phase::starttls, "STARTTLS");
  }
  sign_in();
}

void ImapMachine::sign_in() {
  if (!options_.login.access_token.empty()) {
    const auto token =
        token_sign_in(options_.login, [this](std::string_view m) { return can("AUTH=" + std::string(m)); });
    if (!token) return trouble(Trouble::Kind::login, "the server takes no OAuth 2 tokens (XOAUTH2, OAUTHBEARER)");
    error_answer_ = token->on_error;
    return authenticate(token->mechanism, token->response);
  }
  if (can("AUTH=PLAIN"))
    return authenticate("PLAIN", smtp::plain_response({options_.login.user, options_.login.password}));
  const auto user = imap_quoted(options_.login.user), password = imap_quoted(options_.login.password.reveal());
  if (can("LOGINDISABLED") || !user || !password)
    return trouble(Trouble::Kind::login, "the server offers no way to sign in with this password");
  say(Phase::login, "LOGIN " + *user + ' ' + *password);
}

void ImapMachine::authenticate(std::string_view mechanism, std::string response) {
  std::string command = "AUTHENTICATE " + std::string(mechanism);
  const bool initial = can("SASL-IR");
  if (initial) command += ' ' + response;
  answer_ = initial ? error_answer_ : std::move(response);
  say(Phase::login_answer, command);
}

void ImapMachine::select() {
  const auto name = imap_quoted(imap_mailbox_name(options_.folder));
  if (!name) return trouble(Trouble::Kind::missing, "the folder's name cannot be one");
  say(Phase::select, (options_.changes ? "SELECT " : "EXAMINE ") + *name);
}

void ImapMachine::say(Phase phase, std::string_view command) {
  phase_ = phase;
  output_ = 'a' + std::to_string(++tag_) + ' ';
  output_.append(command).append("\r\n");
}

void ImapMachine::next_step() {
  if (steps_.empty()) return;
  const std::string step = std::move(steps_.front());
  steps_.erase(steps_.begin());
  say(Phase::command, step);
}

void ImapMachine::search(std::uint32_t from) {
  found_.clear();
  news_ = false;
  // "n:*" holds the last mail even where its number is below n (RFC 9051 section 9): whoever asks leaves it out.
  say(Phase::command, "UID SEARCH UID " + std::to_string(from) + ":*");
}

void ImapMachine::fetch(std::span<const std::uint32_t> uids) {
  say(Phase::command,
      "UID FETCH " + imap_set(uids) + " (UID BODY.PEEK[]<0." + std::to_string(options_.limits.mail) + ">)");
}

std::vector<FetchedMail> ImapMachine::take_mails() {
  gathered_ = 0;
  return std::exchange(mails_, {});
}

void ImapMachine::remove(std::span<const std::uint32_t> uids) {
  const std::string set = imap_set(uids);
  // Without UIDPLUS an EXPUNGE would remove what others have marked: the marks are left then.
  if (can("UIDPLUS")) steps_.push_back("UID EXPUNGE " + set);
  say(Phase::command, "UID STORE " + set + " +FLAGS.SILENT (\\Deleted)");
}

void ImapMachine::move(std::span<const std::uint32_t> uids, std::string_view folder) {
  const std::string set = imap_set(uids), name = imap_quoted(imap_mailbox_name(folder)).value_or("\"\"");
  if (can("MOVE")) return say(Phase::command, "UID MOVE " + set + ' ' + name);
  steps_.push_back("UID STORE " + set + " +FLAGS.SILENT (\\Deleted)");
  if (can("UIDPLUS")) steps_.push_back("UID EXPUNGE " + set);
  say(Phase::command, "UID COPY " + set + ' ' + name);
}

void ImapMachine::idle() { say(Phase::idle_begin, "IDLE"); }

void ImapMachine::end_idle() {
  if (phase_ != Phase::idling) return;
  phase_ = Phase::idle_end;
  output_ = "DONE\r\n";
}

void ImapMachine::logout() { say(Phase::logout, "LOGOUT"); }

}  // namespace todoku::intake::mailbox
