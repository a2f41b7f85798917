// Whatever a server says, a client that sends mails ends at rest or reads on, and never has a mail accepted that it did
// not send whole.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "smtp/client_machine.h"

namespace {

using namespace todoku::smtp;

constexpr std::string_view kEnd = "hello\r\n.\r\n";

class Play {
 public:
  explicit Play(std::uint8_t kind)
      : machine_({.helo = "us.example",
                  .tls = kind & 1 ? TlsMode::opportunistic : TlsMode::off,
                  .credentials = {kind & 2 ? "user" : "", todoku::base::Secret("pass")},
                  .auth_in_plain = true}),
        announce_((kind & 4) != 0) {}

  void hears(std::string_view bytes) {
    act();
    if (machine_.next() == ClientMachine::Action::read) machine_.received(bytes);
    act();
  }

 private:
  void act() {
    for (int turns = 0;; ++turns) {
      if (turns > 1000) std::abort();  // a machine that goes round by itself
      switch (machine_.next()) {
        case ClientMachine::Action::read:
          return;
        case ClientMachine::Action::write:
          write();
          break;
        case ClientMachine::Action::start_tls:
          machine_.tls_started();
          break;
        case ClientMachine::Action::rest:
          if (std::exchange(sending_, false)) look();
          if (!machine_.usable() || ++mails_ > 100) return;
          machine_.send(mail_, announce_ ? &mail_ : nullptr);
          content_sent_ = false;
          sending_ = true;
      }
    }
  }
  void write() {
    std::string text;
    for (auto piece : machine_.output()) text += piece;
    if (text.empty()) std::abort();
    content_sent_ = content_sent_ || text.find(kEnd) != text.npos;
    machine_.written();
  }
  void look() {
    auto outcome = machine_.take_outcome();
    if (outcome.accepted() && !content_sent_) std::abort();
    if (outcome.kind == SendOutcome::Kind::refused && outcome.reply.code < 400) std::abort();
    if (outcome.kind == SendOutcome::Kind::in_doubt && !content_sent_) std::abort();
  }

  ClientMachine machine_;
  bool announce_;
  int mails_ = 0;
  bool sending_ = false, content_sent_ = false;
  std::string_view to_ = "a@example.jp";
  Envelope mail_{.sender = "s@us.example", .recipients = {&to_, 1}, .content = "hello\r\n"};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  Play play(data[0]);
  std::size_t piece = 1 + data[1];
  std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) play.hears(text.substr(0, piece));
  return 0;
}
