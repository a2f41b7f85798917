// One connection to one receiving site: opens it, sends mail after mail, each only when the last one's outcome is on
// disk. Where the server pipelines, the next mail's envelope goes out behind the content of the one before it; its
// content waits for the disk all the same.
#pragma once
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "delivery/judgement.h"
#include "delivery/lane.h"
#include "delivery/shard.h"
#include "net/task.h"
#include "queue/mail_source.h"
#include "smtp/client_session.h"

namespace todoku::delivery {

class Connection {
 public:
  /// Serves the lane over one session, from one of our addresses, as long as somebody waits and the receiver's shape
  /// allows it; shard and lane outlive the task.
  static net::Task<> run(Shard* shard, Lane* lane, std::size_t source, Openings::Ticket opening, Running running);

 private:
  Connection(Shard& shard, Lane& lane, std::size_t source, Openings::Ticket opening)
      : shard_(shard), lane_(lane), receiver_(*lane.receiver), source_(source), opening_(opening) {}

  /// A recipient whose mail is made. Kept from one mail to the next, so that its buffers are used again.
  struct Prepared {
    std::optional<Turn> turn;  // empty: nobody
    base::Time asked{};        // when its sending was granted; 1970: it is not
    queue::Mail mail;
    bool unfinished = false;  // it is not to be announced yet
    std::array<std::string_view, 1> recipients;
    [[nodiscard]] smtp::Envelope envelope();
  };

  net::Task<> serve();
  /// Sends mails over the session while it lasts.
  net::Task<> use();
  /// Tries the route's targets in order. False: none took us; `failed_` says why.
  net::Task<bool> open();
  net::Task<bool> open(smtp::Target target);
  void note_tls(const smtp::Target& target, const smtp::Opened& opened) const;
  /// Takes the lane's next recipient who may be mailed, and makes the mail. False: nobody waits.
  bool prepare(Prepared& place);
  [[nodiscard]] bool kept_back(const Turn& turn);
  /// Signs the mail on a worker, beside the other connections' I/O.
  net::Task<> finish(Prepared& place);
  /// Waits until the mail may be sent. False: that takes too long to hold a connection.
  net::Task<bool> permitted(Prepared& place);
  /// Whether it may be sent at once.
  bool granted(Prepared& place);
  [[nodiscard]] bool worth_waiting(base::Duration wait) const;
  void take_back_grant(Prepared& place);
  void learn_from_farewell(const smtp::SendOutcome& sent);
  /// Tells the shape how the current mail went.
  void answered(const queue::Outcome& outcome);
  [[nodiscard]] smtp::SessionOptions session_options() const;
  /// Sends the current mail. False: the session is over and the mail is still to be sent.
  net::Task<bool> deliver();
  void drop_withdrawn(Prepared& place);
  [[nodiscard]] bool announces() const;
  void record_skipped(const Turn& turn, const std::string& why);
  void refused();
  /// What was taken and not sent goes back to the lane.
  void give_back();
  void give_up();
  [[nodiscard]] Attempt attempt_of(const Prepared& prepared) const;
  Prepared& current() { return prepared_[current_]; }
  Prepared& next() { return prepared_[1 - current_]; }

  Shard& shard_;
  Lane& lane_;
  Receiver& receiver_;
  std::size_t source_;
  Openings::Ticket opening_;  // until it is open or was refused
  std::unique_ptr<smtp::ClientSession> session_;
  smtp::Failure failed_;
  std::string remote_;  // "mx.example.jp [192.0.2.1]"
  int sent_ = 0;        // over this session
  std::array<Prepared, 2> prepared_;
  std::size_t current_ = 0;
  queue::Outcome last_;  // of the mail at which the last session broke
};

}  // namespace todoku::delivery
