#include "delivery/connection.h"

#include <utility>

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

smtp::Envelope Connection::Prepared::envelope() {
  recipients = {mail.recipient};
  return {.sender = mail.sender,
          .recipients = recipients,
          .content = mail.content,
          .smtputf8 = mail.smtputf8,
          .eight_bit = mail.eight_bit};
}

net::Task<> Connection::serve() {
  while (wanted() && lane_.failures < shard_.around_.options.failures_per_site) {
    if (!co_await open()) {
      refused();
      co_return;
    }
    co_await use();
    if (session_) co_await session_->quit();
    session_.reset();
  }
  give_back();
  if (lane_.failures >= shard_.around_.options.failures_per_site) give_up();
}

bool Connection::wanted() {
  drop_withdrawn(current());
  return current().turn || lane_.waiting() > 0;
}

void Connection::drop_withdrawn(Prepared& place) {
  if (!place.turn || !place.turn->work->withdrawn()) return;
  shard_.put_back(*place.turn);
  place.turn.reset();
}

net::Task<> Connection::use() {
  while (session_->usable() && sent_ < shard_.around_.options.mails_per_connection && prepare(current())) {
    if (!co_await deliver()) break;
    current().turn.reset();
    current_ = 1 - current_;
    if (current().turn && current().turn->work->withdrawn()) break;  // announced, and not to be sent any more
  }
}

bool Connection::prepare(Prepared& place) {
  drop_withdrawn(place);
  std::string why;
  while (!place.turn) {
    place.turn = lane_.take();
    if (!place.turn) return false;
    if (place.turn->work->mails().mail(place.turn->contact, place.mail, why)) break;
    record_skipped(*place.turn, why);
    place.turn.reset();
  }
  return true;
}

bool Connection::announces() const {
  return session_->capabilities().pipelining && sent_ + 1 < shard_.around_.options.mails_per_connection;
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
void Connection::refused() {
  give_back();
  if (failed_.cause == smtp::Cause::cancelled) return;  // we are closing: nobody's fault
  if (lane_.connections > 1) {
    lane_.limit = lane_.connections - 1;
    return;
  }
  Attempt attempt;
  attempt.site = lane_.site();
  attempt.remote = remote_;
  shard_.give_up(lane_, judge(shard_.around_.rules, attempt, failed_));
}

void Connection::give_back() {
  for (Prepared& prepared : prepared_) {
    const std::optional<Turn> turn = std::exchange(prepared.turn, std::nullopt);
    if (!turn) continue;
    if (turn->work->withdrawn() || failed_.cause == smtp::Cause::cancelled) {
      shard_.put_back(*turn);
    } else {
      lane_.give_back(*turn);
    }
  }
}

/// Session after session ended without anything brought over: it will not be better for the next recipient.
void Connection::give_up() {
  lane_.failures = 0;
  shard_.give_up(lane_, last_);
}

Attempt Connection::attempt_of(const Prepared& prepared) const {
  const queue::Batch& batch = prepared.turn->work->batch();
  return {.campaign = batch.campaign,
          .contact = prepared.turn->contact,
          .number = batch.attempt,
          .at = shard_.around_.clock.now(),
          .recipient = prepared.mail.recipient,
          .site = batch.site,
          .remote = remote_};
}

void Connection::record_skipped(const Turn& turn, const std::string& why) {
  queue::Outcome outcome;
  outcome.campaign = turn.work->batch().campaign;
  outcome.contact = turn.contact;
  outcome.result = queue::Result::skipped;
  outcome.attempt = turn.work->batch().attempt;
  outcome.at = shard_.around_.clock.now();
  outcome.reason = why;
  outcome.site = lane_.site();
  shard_.settle(turn, std::move(outcome));
}

net::Task<bool> Connection::deliver() {
  const smtp::Envelope envelope = current().envelope();
  smtp::Envelope following;
  const bool more = announces() && prepare(next());
  if (more) following = next().envelope();
  const smtp::SendOutcome sent = co_await session_->send(envelope, more ? &following : nullptr);
  if (worth_another_session(sent, sent_)) co_return false;
  const Turn turn = *current().turn;
  if (sent.kind == smtp::SendOutcome::Kind::lost && sent.cause == smtp::Cause::cancelled) {
    shard_.put_back(turn);
    co_return true;
  }
  ++sent_;
  queue::Outcome outcome = judge(shard_.around_.rules, attempt_of(current()), sent);
  const bool carried = sent.reply.code > 0 && sent.reply.code != kServiceClosing;
  lane_.failures = carried ? 0 : lane_.failures + 1;
  if (!carried) last_ = outcome;
  const net::Signal durable = shard_.settle(turn, std::move(outcome));
  co_await durable.wait(kLongestCommit);
  co_return true;
}

}  // namespace todoku::delivery
