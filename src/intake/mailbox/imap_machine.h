// The client's side of IMAP (RFC 9051, RFC 3501; IDLE, MOVE, UIDPLUS, SASL-IR) as far as reading a mailbox needs it,
// without I/O: bytes in, actions out.
//
// Whoever drives it asks next() and does that. It opens by itself: greeting, capabilities, STARTTLS, signing in, the
// folder. Then at rest one operation after the other is asked for. Mails are fetched without marking them as seen.
#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "intake/mailbox/account.h"
#include "intake/mailbox/imap_reader.h"

namespace todoku::intake::mailbox {

class ImapMachine {
 public:
  enum class Action : std::uint8_t {
    write,
    read,
    start_tls,
    hand_over,  // take_mails(), then go on: enough have gathered
    rest,       // an operation is over; or trouble() is why the session is
  };

  struct Options {
    Login login;
    Tls tls = Tls::immediate;
    std::string folder = "INBOX";
    bool changes = false;  // mails will be moved or removed
    Limits limits = {};
  };

  explicit ImapMachine(Options options);

  [[nodiscard]] Action next() const;
  [[nodiscard]] std::string_view output() const { return output_; }
  void written() { output_.clear(); }
  void received(std::string_view bytes);
  void tls_started();
  void failed(Trouble trouble);

  [[nodiscard]] bool usable() const { return phase_ == Phase::ready && !trouble_.any(); }
  [[nodiscard]] const Trouble& trouble() const { return trouble_; }
  [[nodiscard]] bool can(std::string_view capability) const { return capabilities_.contains(capability); }
  [[nodiscard]] std::uint32_t validity() const { return validity_; }
  /// The last operation was refused by the server, which said this; empty: it was done.
  [[nodiscard]] const std::string& refusal() const { return refusal_; }

  // Operations, while usable().
  /// UIDs from this one on; found() has them afterwards, ascending.
  void search(std::uint32_t from);
  [[nodiscard]] const std::vector<std::uint32_t>& found() const { return found_; }
  /// Mails may have come since the last search() was asked for.
  [[nodiscard]] bool news() const { return news_; }
  void fetch(std::span<const std::uint32_t> uids);
  [[nodiscard]] std::vector<FetchedMail> take_mails();
  void remove(std::span<const std::uint32_t> uids);
  void move(std::span<const std::uint32_t> uids, std::string_view folder);
  /// Waits for news: reads until some come (then it comes to rest) or end_idle().
  void idle();
  [[nodiscard]] bool idling() const { return phase_ == Phase::idling; }
  void end_idle();
  void logout();

 private:
  enum class Phase : std::uint8_t {
    greeting,
    capability,
    starttls,
    tls,
    login,
    login_answer,
    select,
    ready,
    command,
    idle_begin,
    idling,
    idle_end,
    logout,
    over
  };

  void on_response(const ImapResponse& response);
  void on_greeting(std::string_view text);
  void on_untagged(const ImapResponse& response);
  void on_continuation();
  void on_tagged(std::string_view status, std::string_view text);
  void on_opened(bool ok, std::string_view text);
  void on_fetch(ImapScanner& scanner);
  void note_capabilities(std::string_view text);
  void note_code(std::string_view text);
  void say(Phase phase, std::string_view command);
  void sign_in();
  void authenticate(std::string_view mechanism, std::string response);
  void select();
  void after_capabilities();
  void next_step();
  void trouble(Trouble::Kind kind, std::string words);

  Options options_;
  Phase phase_;
  bool secure_ = false;
  bool signed_in_ = false;
  bool news_ = false;
  bool capabilities_known_ = false;
  ImapReader reader_;
  std::string output_;
  std::string answer_;        // to the next continuation
  std::string error_answer_;  // to the one after it, which tells of an error
  unsigned tag_ = 0;
  std::vector<std::string> steps_;  // further commands of the operation
  Trouble trouble_;
  std::string refusal_;
  std::set<std::string, std::less<>> capabilities_;
  std::uint32_t validity_ = 0;
  std::vector<std::uint32_t> found_;
  std::vector<FetchedMail> mails_;
  std::size_t gathered_ = 0;
};

}  // namespace todoku::intake::mailbox
