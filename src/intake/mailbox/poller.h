// Fetches what comes into one mailbox, for as long as the program runs, and hands it to intake.
//
// A mail counts as fetched once the Taker has returned; only then the place in the mailbox moves on. What an
// interruption lets come twice is known by its content. The mailbox is left as it is, unless the operator wants mails
// removed or moved: that is done to those alone that a mail system wrote, never to a person's.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "bounce/rules.h"
#include "dns/resolver.h"
#include "intake/arrival.h"
#include "intake/mailbox/account.h"
#include "intake/mailbox/settings.h"
#include "intake/mailbox/tokens.h"
#include "net/runtime.h"
#include "net/stream.h"
#include "net/tls.h"
#include "store/store.h"

namespace todoku::intake::mailbox {

class ImapMachine;
class Pop3Machine;
struct Line;

/// All live longer than the runtime's tasks.
struct Parts {
  Taker& taker;
  const bounce::Rules& rules;
  store::Store& store;
  net::Runtime& runtime;
  dns::Resolver& resolver;
  const base::Clock& clock;
  HttpsPost post;
  /// Says what is wrong with the mailbox; empty: nothing. From an I/O thread.
  std::function<void(std::string_view mailbox, std::string_view words)> say;
};

class Poller {
 public:
  /// Errors: authorities that cannot be read.
  [[nodiscard]] static base::Result<std::unique_ptr<Poller>> make(Settings settings, Parts parts);

  /// Once. Ends when the runtime closes, which is before this is gone.
  void start();

 private:
  Poller(Settings settings, Parts parts, std::unique_ptr<net::TlsClientContext> tls);

  net::Task<> run();
  net::Task<Trouble> visit();
  net::Task<base::Result<net::Stream>> connect();
  net::Task<base::Result<std::vector<std::string>>> addresses();
  net::Task<Trouble> visit_imap(Line& line, Login login);
  net::Task<Trouble> read_imap(ImapMachine& machine, Line& line);
  net::Task<Trouble> fetch_imap(ImapMachine& machine, Line& line, std::span<const std::uint32_t> uids);
  net::Task<Trouble> clear_imap(ImapMachine& machine, Line& line, std::vector<std::uint32_t> uids);
  net::Task<Trouble> idle(ImapMachine& machine, Line& line);
  net::Task<Trouble> visit_pop3(Line& line, Login login);
  net::Task<Trouble> fetch_pop3(Pop3Machine& machine, Line& line, std::span<const std::uint32_t> numbers,
                                const std::map<std::uint32_t, std::string>& names);
  net::Task<std::vector<std::uint64_t>> take(std::vector<FetchedMail> mails);
  [[nodiscard]] std::vector<std::uint64_t> take_now(std::vector<FetchedMail> mails);
  void well();

  const Settings settings_;
  const std::string key_;
  Parts parts_;
  std::unique_ptr<net::TlsClientContext> tls_;
  LoginSource logins_;
  int failures_ = 0;  // in a row
};

}  // namespace todoku::intake::mailbox
