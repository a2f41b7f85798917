#include "app/mailbox_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/duration.h"

namespace todoku::app {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;
using intake::mailbox::After;
using intake::mailbox::Protocol;
using intake::mailbox::Settings;
using intake::mailbox::Tls;

constexpr base::Duration kShortestPoll{1'000};

/// Takes a value over; false: it cannot be that.
using Set = bool (*)(Settings& settings, const std::string& value);

struct Row {
  MailboxKey key;
  Set set;
};

template <auto member>
bool set_text(Settings& settings, const std::string& value) {
  settings.*member = value;
  return !value.empty();
}

bool set_protocol(Settings& settings, const std::string& value) {
  settings.protocol = value == "pop3" ? Protocol::pop3 : Protocol::imap;
  return value == "imap" || value == "pop3";
}

bool set_tls(Settings& settings, const std::string& value) {
  settings.tls = value == "off" ? Tls::off : value == "starttls" ? Tls::starttls : Tls::immediate;
  return value == "off" || value == "starttls" || value == "immediate";
}

bool set_after(Settings& settings, const std::string& value) {
  settings.after = value == "remove" ? After::remove : value == "move" ? After::move : After::keep;
  return value == "keep" || value == "remove" || value == "move";
}

bool set_port(Settings& settings, const std::string& value) {
  constexpr int kMost = 65'535;
  const int port =
      value.size() <= 5 && std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; }) && !value.empty()
          ? std::stoi(value)
          : 0;
  settings.port = static_cast<std::uint16_t>(port);
  return port > 0 && port <= kMost;
}

bool set_poll(Settings& settings, const std::string& value) {
  const auto poll = base::parse_duration(value);
  if (poll) settings.poll = *poll;
  return poll && *poll >= kShortestPoll;
}

constexpr auto kRows = std::to_array<Row>({
    {{"name", "What the mailbox is called in lists and logs."}, set_text<&Settings::name>},
    {{"protocol", "imap (the default) or pop3."}, set_protocol},
    {{"server", "Its host name, which the certificate must bear."}, set_text<&Settings::server>},
    {{"port", "Another port than 993, 143, 995 or 110."}, set_port},
    {{"tls", "immediate (the default: from the first byte), starttls, or off, for this machine alone."}, set_tls},
    {{"ca_file", "Authorities that vouch for the server, as a PEM file; without: the system's."},
     set_text<&Settings::ca_file>},
    {{"user", "Who signs in."}, set_text<&Settings::user>},
    {{"password", "The password."},
     [](Settings& s, const std::string& value) { return s.password = base::Secret(value), !value.empty(); }},
    {{"password_file", "A file that holds it instead; read at each connection."}, set_text<&Settings::password_file>},
    {{"folder", "IMAP: which folder; INBOX without."}, set_text<&Settings::folder>},
    {{"after", "What becomes of what was read: keep (the default), remove, or move (IMAP). Mails of people stay."},
     set_after},
    {{"move_to", "The folder to move to, which must be there."}, set_text<&Settings::move_to>},
    {{"poll", "Time between two looks where the server tells of no news (POP3, IMAP without IDLE); 1m without."},
     set_poll},
    {{"token_file", "OAuth 2: a file with an access token that another program renews; read at each connection."},
     [](Settings& s, const std::string& value) { return s.oauth.token_file = value, !value.empty(); }},
    {{"token_url", "OAuth 2: where access tokens are asked for, https."},
     [](Settings& s, const std::string& value) { return s.oauth.token_url = value, value.starts_with("https://"); }},
    {{"client_id", "OAuth 2: who we are there."},
     [](Settings& s, const std::string& value) { return s.oauth.client_id = value, !value.empty(); }},
    {{"client_secret", "OAuth 2: the secret that belongs to it, where there is one."},
     [](Settings& s, const std::string& value) { return s.oauth.client_secret = base::Secret(value), true; }},
    {{"refresh_token", "OAuth 2: what the access was granted with."},
     [](Settings& s, const std::string& value) { return s.oauth.refresh_token = base::Secret(value), !value.empty(); }},
    {{"scope", "OAuth 2: the scope to ask for, where the server wants one."},
     [](Settings& s, const std::string& value) { return s.oauth.scope = value, true; }},
});

constexpr auto kKeys = [] {
  std::array<MailboxKey, kRows.size()> keys{};
  std::ranges::transform(kRows, keys.begin(), &Row::key);
  return keys;
}();

bool is_secret(std::string_view key) { return key == "password" || key == "client_secret" || key == "refresh_token"; }

bool is_here(std::string_view server) { return server == "localhost" || server == "::1" || server.starts_with("127."); }

class Reader {
 public:
  explicit Reader(const std::string& file) : file_(file) {}

  Result<std::vector<Settings>> read(const toml::node& node) {
    const toml::array* tables = node.as_array();
    if (tables == nullptr) return wrong(node, "'mailbox' is a list", "write [[mailbox]], with two brackets");
    for (const toml::node& each : *tables) {
      const toml::table* table = each.as_table();
      if (table == nullptr) return wrong(each, "'mailbox' is a list of tables", "write [[mailbox]]");
      if (auto read = read_one(*table); !read) return std::move(read).error();
    }
    return std::move(mailboxes_);
  }

 private:
  [[nodiscard]] Error wrong(const toml::node& node, std::string message, std::string hint) const {
    return {ErrorCode::invalid, std::move(message), std::move(hint),
            fmt::format("{}:{}", file_, node.source().begin.line)};
  }

  Result<void> read_one(const toml::table& table) {
    Settings settings;
    for (const auto& [key, value] : table) {
      const auto row = std::ranges::find(kRows, key.str(), [](const Row& each) { return each.key.name; });
      if (row == kRows.end()) {
        return wrong(value, fmt::format("there is no setting 'mailbox.{}'", key.str()),
                     "docs/intake.md has all of them");
      }
      const auto* number = value.as_integer();
      const std::string text = number != nullptr ? std::to_string(number->get()) : value.value_or(std::string());
      if (!row->set(settings, text)) {
        return wrong(value, fmt::format("'mailbox.{}' cannot be '{}'", key.str(), is_secret(key.str()) ? "…" : text),
                     std::string(row->key.prose));
      }
    }
    if (auto checked = check(table, settings); !checked) return checked;
    mailboxes_.push_back(std::move(settings));
    return base::done;
  }

  Result<void> check(const toml::table& table, const Settings& s) {
    for (const auto& [name, text] : {std::pair("name", &s.name), {"server", &s.server}, {"user", &s.user}}) {
      if (text->empty()) return wrong(table, fmt::format("a mailbox without '{}'", name), "add it");
    }
    if (std::ranges::find(mailboxes_, s.name, &Settings::name) != mailboxes_.end())
      return wrong(table, fmt::format("two mailboxes are called '{}'", s.name), "names tell them apart");
    if (s.password.empty() && s.password_file.empty() && !s.oauth.used())
      return wrong(table, "a mailbox without a way to sign in", "add password, password_file, token_file or token_url");
    if (!s.oauth.token_url.empty() && (s.oauth.client_id.empty() || s.oauth.refresh_token.empty()))
      return wrong(table, "'token_url' wants 'client_id' and 'refresh_token'", "add them");
    if (s.tls == Tls::off && !is_here(s.server))
      return wrong(table, "a password must not travel in the clear", "tls = \"off\" is for localhost alone");
    if (s.after == After::move && (s.move_to.empty() || s.protocol == Protocol::pop3))
      return wrong(table, "after = \"move\" wants IMAP and 'move_to'", "name the folder");
    return base::done;
  }

  const std::string& file_;
  std::vector<Settings> mailboxes_;
};

}  // namespace

Result<std::vector<Settings>> read_mailboxes(const toml::table& settings, const std::string& file) {
  const toml::node* node = settings.get("mailbox");
  if (node == nullptr) return std::vector<Settings>();
  return Reader(file).read(*node);
}

std::span<const MailboxKey> mailbox_keys() { return kKeys; }

}  // namespace todoku::app
