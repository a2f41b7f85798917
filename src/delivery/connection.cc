#include "delivery/connection.h"

#include <array>

#include "base/log.h"
#include "delivery/judgement.h"

namespace todoku::delivery {
namespace {

constexpr int kServiceClosing = 421;
constexpr base::Duration kLongestCommit{24 * 3'600'000};

/// The site ended a session that had worked before: the mail is simply sent over another one.
bool worth_another_session(const smtp::SendOutcome& sent, int sent_before) {
  const bool lost = sent.kind == smtp::SendOutcome::Kind::lost;
  const bool farewell = sent.kind == smtp::SendOutcome::Kind::refused && sent.reply.code == kServiceClosing;
  return sent_before > 0 && (lost || farewell);
}

}  // namespace

net::Task<> Connection::run(Shard* shard, Lane* lane, Running /*running*/) {
  {
    Connection connection(*shard, *lane);
    co_await connection.serve();
  }
  shard->connection_ended(*lane);
}

net::Task<> Connection::serve() {
  std::optional<Turn> turn;  // taken, but its session ended before its mail was tried
  while (turn || (lane_.waiting() > 0 && lane_.failures < shard_.around_.options.failures_per_site)) {
    if (!co_await open()) {
      refused(turn);
      co_return;
    }
    turn = co_await use(std::move(turn));
    if (session_) co_await session_->quit();
    session_.reset();
  }
  if (lane_.failures >= shard_.around_.options.failures_per_site) give_up();
}

/// Sends mails over the session while it lasts. A turn that comes back is to be served over another session.
net::Task<std::optional<Turn>> Connection::use(std::optional<Turn> turn) {
  while (session_->usable() && sent_ < shard_.around_.options.mails_per_connection) {
    if (!turn) turn = lane_.take();
    if (!turn || !co_await deliver(*turn)) break;
    turn.reset();
  }
  co_return turn;
}

net::Task<bool> Connection::open() {
  for (const smtp::Target& target : lane_.route.targets) {
    if (co_await open(target)) co_return true;
    if (failed_.cause == smtp::Cause::cancelled) break;
  }
  co_return false;
}

net::Task<bool> Connection::open(smtp::Target target) {
  sent_ = 0;
  remote_ = target.host + " [" + target.address + "]";
  smtp::Opened opened = co_await smtp::ClientSession::open(std::move(target), shard_.around_.options.session);
  session_ = std::move(opened.session);
  if (session_) co_return true;
  failed_ = std::move(opened.failure);
  base::log::info("session_refused", {{"site", lane_.site()}, {"remote", remote_}, {"cause", failed_.text()}});
  co_return false;
}

/// No session: others of this lane may go on with fewer; else everybody waits for the next attempt.
void Connection::refused(const std::optional<Turn>& turn) {
  if (failed_.cause == smtp::Cause::cancelled) {  // we are closing: nobody's fault
    if (turn) shard_.put_back(*turn);
    return;
  }
  if (turn) shard_.settle(*turn, judge(shard_.around_.rules, attempt_of(*turn), failed_));
  if (lane_.connections > 1) {
    lane_.limit = lane_.connections - 1;
    return;
  }
  Attempt attempt;
  attempt.site = lane_.site();
  attempt.remote = remote_;
  shard_.give_up(lane_, judge(shard_.around_.rules, attempt, failed_));
}

/// Session after session ended without anything brought over: it will not be better for the next recipient.
void Connection::give_up() {
  lane_.failures = 0;
  shard_.give_up(lane_, last_);
}

Attempt Connection::attempt_of(const Turn& turn) const {
  const queue::Batch& batch = turn.work->batch();
  return {.campaign = batch.campaign,
          .contact = turn.contact,
          .number = batch.attempt,
          .at = shard_.around_.clock.now(),
          .recipient = mail_.recipient,
          .site = batch.site,
          .remote = remote_};
}

bool Connection::skip(const Turn& turn) {
  std::string why;
  if (turn.work->mails().mail(turn.contact, mail_, why)) return false;
  queue::Outcome outcome;
  outcome.campaign = turn.work->batch().campaign;
  outcome.contact = turn.contact;
  outcome.result = queue::Result::skipped;
  outcome.attempt = turn.work->batch().attempt;
  outcome.at = shard_.around_.clock.now();
  outcome.reason = why;
  outcome.site = lane_.site();
  shard_.settle(turn, std::move(outcome));
  return true;
}

net::Task<bool> Connection::deliver(const Turn& turn) {
  if (skip(turn)) co_return true;
  const std::array<std::string_view, 1> recipients = {mail_.recipient};
  const smtp::Envelope envelope{.sender = mail_.sender,
                                .recipients = recipients,
                                .content = mail_.content,
                                .smtputf8 = mail_.smtputf8,
                                .eight_bit = mail_.eight_bit};
  const smtp::SendOutcome sent = co_await session_->send(envelope);
  if (worth_another_session(sent, sent_)) co_return false;
  if (sent.kind == smtp::SendOutcome::Kind::lost && sent.cause == smtp::Cause::cancelled) {
    shard_.put_back(turn);
    co_return true;
  }
  ++sent_;
  const queue::Outcome outcome = judge(shard_.around_.rules, attempt_of(turn), sent);
  const bool carried = sent.reply.code > 0 && sent.reply.code != kServiceClosing;
  lane_.failures = carried ? 0 : lane_.failures + 1;
  if (!carried) last_ = outcome;
  const net::Signal durable = shard_.settle(turn, outcome);
  co_await durable.wait(kLongestCommit);
  co_return true;
}

}  // namespace todoku::delivery
