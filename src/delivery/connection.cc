#include "delivery/connection.h"

#include <chrono>
#include <utility>

#include "base/log.h"
#include "delivery/judgement.h"
#include "delivery/observer.h"
#include "delivery/tls_results.h"

namespace todoku::delivery {
namespace {

constexpr int kServiceClosing = 421;
constexpr base::Duration kLongestCommit{24 * 3'600'000};
constexpr base::Duration kShortWait{50};      // for which a connection always waits
constexpr base::Duration kLongestSleep{500};  // then it looks whether its mail is still to be sent

base::Duration since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration_cast<base::Duration>(std::chrono::steady_clock::now() - start);
}

/// The site ended a session that had worked before: the mail is simply sent over another one.
bool worth_another_session(const smtp::SendOutcome& sent, int sent_before) {
  const bool lost = sent.kind == smtp::SendOutcome::Kind::lost;
  const bool farewell = sent.kind == smtp::SendOutcome::Kind::refused && sent.reply.code == kServiceClosing;
  return sent_before > 0 && (lost || farewell);
}

}  // namespace

net::Task<> Connection::run(Shard* shard, Lane* lane, std::size_t source, Openings::Ticket opening,
                            Running /*running*/) {
  {
    Connection connection(*shard, *lane, source, opening);
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
  const bool opened = co_await open();
  shard_.openings_.end(opening_);
  if (!opened) {
    refused();
    co_return;
  }
  receiver_.shape.opened(source_, shard_.around_.clock.now());
  co_await use();
  if (session_) co_await session_->quit();
  session_.reset();
  receiver_.shape.closed(source_);
  give_back();
  if (lane_.failures >= shard_.around_.options.failures_per_site) give_up();
}

void Connection::drop_withdrawn(Prepared& place) {
  if (!place.turn || !place.turn->work->withdrawn()) return;
  shard_.put_back(*place.turn);
  place.turn.reset();
  take_back_grant(place);
}

void Connection::take_back_grant(Prepared& place) {
  if (std::exchange(place.asked, base::Time{}) != base::Time{}) receiver_.shape.unsent(source_);
}

net::Task<> Connection::use() {
  const auto goes_on = [this] {
    return session_->usable() && sent_ < receiver_.shape.allowance().limits.mails_per_connection &&
           !receiver_.shape.wants_one_gone(shard_.around_.clock.now());
  };
  while (goes_on() && prepare(current())) {
    if (current().unfinished) co_await finish(current());
    if (!co_await permitted(current()) || !co_await deliver()) break;
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
    if (kept_back(*place.turn)) {
      place.turn.reset();
      continue;
    }
    queue::BatchMails& mails = place.turn->work->mails();
    if (mails.mail(place.turn->contact, place.mail, why)) {
      place.unfinished = mails.unfinished(place.mail);
      break;
    }
    record_skipped(*place.turn, why);
    place.turn.reset();
  }
  return true;
}

/// While the receiver refuses its campaign, a mail waits as if it had been refused for now.
bool Connection::kept_back(const Turn& turn) {
  const queue::Batch& batch = turn.work->batch();
  if (batch.priority != queue::Priority::bulk) return false;
  const queue::Outcome* const cause = receiver_.refusals.keeps_back(batch.campaign, shard_.around_.clock.now());
  if (cause == nullptr) return false;
  queue::Outcome outcome = *cause;
  outcome.contact = turn.contact;
  outcome.result = queue::Result::deferred;
  outcome.attempt = batch.attempt;
  outcome.at = shard_.around_.clock.now();
  outcome.site = lane_.site();
  shard_.settle(lane_, turn, std::move(outcome));
  return true;
}

net::Task<> Connection::finish(Prepared& place) {
  queue::BatchMails& mails = place.turn->work->mails();
  co_await shard_.around_.runtime.offload([&mails, &place] { mails.finish(place.mail); });
  place.unfinished = false;
}

bool Connection::announces() const {
  return session_->capabilities().pipelining && sent_ + 1 < receiver_.shape.allowance().limits.mails_per_connection;
}

bool Connection::granted(Prepared& place) {
  if (place.asked != base::Time{}) return true;
  const base::Time now = shard_.around_.clock.now();
  if (receiver_.shape.ask(source_, now) > now) return false;
  place.asked = now;
  return true;
}

net::Task<bool> Connection::permitted(Prepared& place) {
  while (!granted(place)) {
    const base::Time now = shard_.around_.clock.now();
    const base::Duration wait = receiver_.shape.free_at(source_, now) - now;
    if (!worth_waiting(wait)) co_return false;
    receiver_.shape.falls_asleep();
    const bool awake = co_await net::sleep(std::clamp(wait, base::Duration(1), kLongestSleep));
    receiver_.shape.wakes();
    drop_withdrawn(place);
    if (!awake || !place.turn) co_return false;
  }
  co_return true;
}

/// One connection that waits is enough, and none waits while others want its place.
bool Connection::worth_waiting(base::Duration wait) const {
  if (wait <= kShortWait) return true;
  return wait <= receiver_.shape.allowance().limits.idle && receiver_.shape.asleep() == 0 && !shard_.starving();
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
  const auto start = std::chrono::steady_clock::now();
  smtp::SessionOptions options = session_options();
  if (Observer* observer = shard_.around_.options.observer) {
    options.witness = observer->witness(receiver_.name(), lane_.site(), target.host);
  }
  smtp::Opened opened = co_await smtp::ClientSession::open(target, std::move(options));
  note_tls(target, opened);
  session_ = std::move(opened.session);
  if (Observer* observer = shard_.around_.options.observer) {
    observer->session({receiver_.name(), session_ != nullptr, since(start), session_ ? session_->tls() : nullptr});
  }
  if (session_) co_return true;
  failed_ = std::move(opened.failure);
  base::log::info("session_refused", {{"site", lane_.site()}, {"remote", remote_}, {"cause", failed_.text()}});
  co_return false;
}

void Connection::note_tls(const smtp::Target& target, const smtp::Opened& opened) const {
  const auto policy = lane_.route.policies.find(target.host);
  if (shard_.around_.tls_results == nullptr || policy == lane_.route.policies.end()) return;
  shard_.around_.tls_results->session(lane_.site(), policy->second, target, opened);
}

smtp::SessionOptions Connection::session_options() const {
  smtp::SessionOptions options = shard_.around_.options.session;
  const Source& source = receiver_.shape.sources().source(source_);
  if (!source.address.empty()) options.source_address = source.address;
  if (!source.helo.empty()) options.client.helo = source.helo;
  const provider::Limits& limits = receiver_.shape.allowance().limits;
  if (limits.connect.count() > 0) options.limits.connect = limits.connect;
  if (limits.tls_required && options.client.tls == smtp::TlsMode::opportunistic) {
    options.client.tls = smtp::TlsMode::required;
  }
  return options;
}

/// No session: others of this lane may go on with fewer, or the receiver rests for a moment; else everybody waits for
/// the next attempt.
void Connection::refused() {
  give_back();
  const base::Time now = shard_.around_.clock.now();
  if (failed_.cause == smtp::Cause::cancelled) {  // we are closing: nobody's fault
    receiver_.shape.refused(source_, {.sign = Sign::lost}, now);
    return;
  }
  Attempt attempt;
  attempt.site = lane_.site();
  attempt.remote = remote_;
  attempt.at = now;
  const queue::Outcome outcome = judge(shard_.around_.rules, attempt, failed_);
  const Answer answer = answer_of(outcome);
  receiver_.announce(receiver_.shape.refused(source_, answer, now), outcome);
  const bool too_many = answer.sign == Sign::slow_down || answer.sign == Sign::too_many_connections;
  if (lane_.connections > 1 && answer.sign != Sign::blocked) {
    if (!too_many) lane_.limit = lane_.connections - 1;  // of too many, the shape has taken note
    return;
  }
  if (receiver_.shape.rests_shortly(now) || (too_many && receiver_.shape.connections() > 0)) return;
  shard_.give_up(lane_, outcome);
}

void Connection::give_back() {
  for (Prepared& prepared : prepared_) {
    take_back_grant(prepared);
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
  shard_.settle(lane_, turn, std::move(outcome));
}

void Connection::answered(const queue::Outcome& outcome) {
  const base::Time asked = std::exchange(current().asked, base::Time{});
  receiver_.announce(receiver_.shape.answered(source_, answer_of(outcome), asked, outcome.at), outcome);
  if (current().turn->work->batch().priority != queue::Priority::bulk) return;  // each is a mail of its own
  receiver_.announce(receiver_.refusals.answered(outcome), outcome);
}

/// "421 too fast": the mail goes out again at once, but the words count.
void Connection::learn_from_farewell(const smtp::SendOutcome& sent) {
  if (sent.reply.code == 0) return;
  const queue::Outcome outcome = judge(shard_.around_.rules, attempt_of(current()), sent);
  const Sign sign = sign_of(outcome);
  if (sign == Sign::blocked || sign == Sign::too_many_connections || outcome.reason == "rate_limited") {
    answered(outcome);
  }
}

net::Task<bool> Connection::deliver() {
  const smtp::Envelope envelope = current().envelope();
  smtp::Envelope following;
  const bool prepared = announces() && prepare(next());
  if (prepared && next().unfinished) co_await finish(next());
  const bool more = prepared && granted(next());
  if (more) following = next().envelope();
  const auto start = std::chrono::steady_clock::now();
  const smtp::SendOutcome sent = co_await session_->send(envelope, more ? &following : nullptr);
  if (Observer* observer = shard_.around_.options.observer) observer->sent(receiver_.name(), since(start));
  if (worth_another_session(sent, sent_)) {
    learn_from_farewell(sent);
    co_return false;
  }
  const Turn turn = *current().turn;
  if (sent.kind == smtp::SendOutcome::Kind::lost && sent.cause == smtp::Cause::cancelled) {
    take_back_grant(current());
    shard_.put_back(turn);
    co_return true;
  }
  ++sent_;
  queue::Outcome outcome = judge(shard_.around_.rules, attempt_of(current()), sent);
  const bool carried = sent.reply.code > 0 && sent.reply.code != kServiceClosing;
  lane_.failures = carried ? 0 : lane_.failures + 1;
  if (!carried) last_ = outcome;
  answered(outcome);
  const net::Signal durable = shard_.settle(lane_, turn, std::move(outcome));
  co_await durable.wait(kLongestCommit);
  co_return true;
}

}  // namespace todoku::delivery
