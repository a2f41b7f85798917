// The client's side of POP3 (RFC 1939; CAPA, STLS, UIDL, PIPELINING, SASL) as far as reading a mailbox needs it,
// without I/O: bytes in, actions out.
//
// Whoever drives it asks next() and does that. It opens by itself: greeting, capabilities, STLS, signing in, and the
// list of the mails' lasting names (UIDL). Then at rest one operation after the other is asked for. What is marked for
// removal is removed by a quit() that the server confirms.
#pragma once
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "intake/mailbox/account.h"

namespace todoku::intake::mailbox {

class Pop3Machine {
 public:
  enum class Action : std::uint8_t { write, read, start_tls, hand_over, rest };  // as ImapMachine's

  struct Options {
    Login login;
    Tls tls = Tls::immediate;
    Limits limits = {};
  };

  struct Listed {
    std::uint32_t number = 0;  // in this session
    std::string name;          // lasting, at most 70 printable characters
  };

  explicit Pop3Machine(Options options)
      : options_(std::move(options)), phase_(options_.tls == Tls::immediate ? Phase::tls : Phase::greeting) {}

  [[nodiscard]] Action next() const;
  [[nodiscard]] std::string_view output() const { return output_; }
  void written() { output_.clear(); }
  void received(std::string_view bytes);
  void tls_started();
  void failed(Trouble trouble);

  [[nodiscard]] bool usable() const { return phase_ == Phase::ready && !trouble_.any(); }
  [[nodiscard]] const Trouble& trouble() const { return trouble_; }
  [[nodiscard]] const std::vector<Listed>& listed() const { return listed_; }

  // Operations, while usable().
  void retrieve(std::span<const std::uint32_t> numbers);
  [[nodiscard]] std::vector<FetchedMail> take_mails();
  /// Numbers of the last retrieve() that the server would not give.
  [[nodiscard]] const std::vector<std::uint32_t>& refused() const { return refused_; }
  void remove(std::span<const std::uint32_t> numbers);
  /// Afterwards no trouble(): what was marked is gone.
  void quit();

 private:
  enum class Phase : std::uint8_t { greeting, capa, stls, tls, auth, user, pass, uidl, ready, retr, dele, quit, over };

  void on_line(std::string_view line);
  void on_status(bool ok, std::string_view words);
  void on_opening(bool ok, std::string_view words);
  void on_body_line(std::string_view line);
  void end_body();
  void note_listed(std::string_view line);
  void after_capabilities();
  void sign_in();
  void say(Phase phase, std::string_view command);
  void send_requests();
  [[nodiscard]] bool takes(std::string_view mechanism) const;
  void trouble(Trouble::Kind kind, std::string words) { trouble_ = {kind, std::move(words)}; }

  Options options_;
  Phase phase_;
  bool secure_ = false;
  bool body_ = false;  // lines up to a dot follow
  std::string line_;
  std::string output_;
  std::string answer_;        // to a continuation of AUTH
  std::string error_answer_;  // to the one after it, which tells of an error
  Trouble trouble_;
  std::set<std::string, std::less<>> capabilities_;
  std::vector<Listed> listed_;
  std::vector<std::uint32_t> asked_;  // of the operation; answered ones before answered_, sent ones before sent_
  std::size_t answered_ = 0, sent_ = 0;
  std::vector<std::uint32_t> refused_;
  std::vector<FetchedMail> mails_;
  std::size_t gathered_ = 0;
};

}  // namespace todoku::intake::mailbox
