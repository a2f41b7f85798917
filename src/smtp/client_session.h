// An SMTP client session over the network: a ClientMachine driven over a stream, each step within its time limit
// (RFC 5321 section 4.5.3.2).
#pragma once
#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/stream.h"
#include "net/task.h"
#include "smtp/client_machine.h"
#include "smtp/witness.h"

namespace todoku::smtp {

/// The transport security that one server needs, where that is not what the session's options say.
struct Security {
  std::optional<TlsMode> tls = {};  // in the place of ClientOptions::tls (but not of TLS from the first byte)
  net::TlsProof proof = net::TlsProof::none;
  std::vector<net::TlsaRecord> tlsa = {};     // for TlsProof::dane
  std::string name = {};                      // for SNI and the certificate; empty: the host's
  std::vector<std::string> other_names = {};  // that the certificate may bear instead
  std::string why = {};                       // who asks for it, in words: "DANE for mx.example.jp"
};

struct Target {
  std::string host;     // for SNI, the certificate and the log
  std::string address;  // in numbers
  std::uint16_t port = 25;
  Security security = {};
};

/// A reply's limit holds for the whole reply, however slowly its bytes come; a block's for each part of a content.
struct SessionLimits {
  using Minutes = std::chrono::minutes;
  base::Duration connect{std::chrono::seconds(30)};
  base::Duration greeting{Minutes(5)};
  base::Duration command{Minutes(5)};  // EHLO, STARTTLS and its handshake, AUTH, MAIL, RCPT, RSET, NOOP
  base::Duration data{Minutes(2)};
  base::Duration block{Minutes(3)};
  base::Duration end_of_data{Minutes(10)};
  base::Duration quit{std::chrono::seconds(5)};
  base::Duration opening{Minutes(10)};  // all of open()
  base::Duration mail{Minutes(60)};     // all of one send()
};

struct SessionOptions {
  ClientOptions client;
  SessionLimits limits;
  std::string source_address;                // empty: the system's choice
  net::TlsClientContext* tls = nullptr;      // lives longer than the session; null: no TLS, whatever client.tls says
  bool plain_after_failed_handshake = true;  // where TLS is opportunistic: connect again without
  std::shared_ptr<Witness> witness = {};     // may be null; shared, since who watches may go before the session
};

class ClientSession;

struct Opened {
  std::unique_ptr<ClientSession> session;  // null: see failure
  Failure failure;
  explicit operator bool() const { return session != nullptr; }
};

/// Of one task on one I/O thread.
class ClientSession {
 public:
  /// Connects and opens up to where mails can be sent. Never throws for what a peer does.
  [[nodiscard]] static net::Task<Opened> open(Target target, SessionOptions options);
  ~ClientSession();

  /// Only while usable(). With `next`, its commands go out behind this content where the server pipelines: then the
  /// next send() must be of that very mail (or none: quit). Both live until that send() returns.
  [[nodiscard]] net::Task<SendOutcome> send(const Envelope& mail, const Envelope* next = nullptr);

  /// False after a failure: destroy it.
  [[nodiscard]] bool usable() const { return machine_.usable(); }
  /// Why it is not usable; null while it is.
  [[nodiscard]] const Failure* failure() const { return machine_.failure(); }

  /// For a session that waits for mails. Does nothing where a mail is announced.
  [[nodiscard]] net::Task<> noop();
  /// One command of the caller's own and its reply; code 0 where the session failed. See ClientMachine::ask().
  [[nodiscard]] net::Task<Reply> ask(std::string command);
  /// Parts politely where the protocol allows, and closes.
  [[nodiscard]] net::Task<> quit();

  [[nodiscard]] const Capabilities& capabilities() const { return machine_.capabilities(); }
  [[nodiscard]] const net::TlsInfo* tls() const { return stream_.tls(); }
  /// Our own address, in numbers.
  [[nodiscard]] std::string local() const { return stream_.local().address; }
  /// "mx.example.jp [192.0.2.1]"
  [[nodiscard]] std::string remote() const { return target_.host + " [" + target_.address + "]"; }

 private:
  ClientSession(net::Stream stream, Target target, SessionOptions options);
  static net::Task<Opened> open_once(Target target, SessionOptions options);
  net::Task<> drive();
  net::Task<> write();
  net::Task<> read();
  net::Task<> start_tls();
  net::Task<bool> hear_last_words();
  [[nodiscard]] base::Duration limit() const;
  [[nodiscard]] base::Duration time_left();
  void io_failed(net::IoStatus status, std::size_t written);
  void show(Witness::Kind kind, std::string_view text = {}) const {
    if (options_.witness) options_.witness->saw(kind, text);
  }

  net::Stream stream_;
  Target target_;
  SessionOptions options_;
  ClientMachine machine_;
  std::size_t timed_reply_ = static_cast<std::size_t>(-1);  // the reply that deadline_ is for
  std::chrono::steady_clock::time_point deadline_;
  std::array<char, 4096> buffer_;
};

}  // namespace todoku::smtp
