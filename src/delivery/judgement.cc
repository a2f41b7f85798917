#include "delivery/judgement.h"

#include <fmt/format.h>

#include "bounce/reason.h"

namespace todoku::delivery {
namespace {

using bounce::Reason;
using queue::Result;
using smtp::Cause;
using smtp::Stage;

constexpr std::size_t kTextLimit = 1000;

std::string clipped(std::string_view text) { return std::string(text.substr(0, kTextLimit)); }

queue::Outcome outcome_of(const Attempt& attempt, Result result) {
  queue::Outcome outcome;
  outcome.campaign = attempt.campaign;
  outcome.contact = attempt.contact;
  outcome.result = result;
  outcome.attempt = attempt.number;
  outcome.at = attempt.at;
  outcome.site = attempt.site;
  outcome.remote = attempt.remote;
  return outcome;
}

bool about_the_mail(Stage stage) { return stage == Stage::rcpt || stage == Stage::data || stage == Stage::eod; }

/// Causes that pass by themselves or once we have mended something, whatever the code.
bool passes(Reason reason) {
  return reason == Reason::rate_limited || reason == Reason::too_many_connections || reason == Reason::blocked ||
         reason == Reason::tls_failed;
}

void set_reply(queue::Outcome& outcome, const smtp::Reply& reply, Stage stage) {
  outcome.stage = smtp::to_string(stage);
  outcome.reply_code = reply.code;
  if (reply.status) outcome.status = reply.status->to_string();
  outcome.text = clipped(fmt::format("{} {}", reply.code, reply.text()));
}

queue::Outcome of_reply(const bounce::Rules& rules, const Attempt& attempt, const smtp::Reply& reply, Stage stage) {
  const bounce::Diagnosis diagnosis = bounce::diagnose(rules, reply, stage, attempt.recipient, attempt.remote);
  const bool final = reply.permanent() && (about_the_mail(stage) || stage == Stage::mail) && !passes(diagnosis.reason);
  queue::Outcome outcome = outcome_of(attempt, final ? Result::failed : Result::deferred);
  outcome.reason = bounce::to_string(diagnosis.reason);
  set_reply(outcome, reply, stage);
  return outcome;
}

/// Causes that the same server will have again for the same mail.
bool lasts(Cause cause) {
  return cause == Cause::too_big || cause == Cause::no_eight_bit || cause == Cause::no_smtputf8 ||
         cause == Cause::bare_line_end || cause == Cause::bad_address;
}

queue::Outcome of_cause(const Attempt& attempt, Cause cause, Stage stage, std::string_view text) {
  queue::Outcome outcome = outcome_of(attempt, lasts(cause) ? Result::failed : Result::deferred);
  outcome.reason = bounce::to_string(reason_of(cause));
  outcome.stage = smtp::to_string(stage);
  outcome.text = clipped(text);
  return outcome;
}

}  // namespace

Reason reason_of(Cause cause) {
  switch (cause) {
    case Cause::tls_failed:
    case Cause::tls_missing:
      return Reason::tls_failed;
    case Cause::auth_missing:
      return Reason::security_refused;
    case Cause::too_big:
      return Reason::message_too_big;
    case Cause::no_eight_bit:
    case Cause::no_smtputf8:
    case Cause::bare_line_end:
      return Reason::not_rfc_compliant;
    case Cause::bad_address:
      return Reason::user_unknown;
    case Cause::protocol_error:
      return Reason::protocol_error;
    case Cause::none:
    case Cause::connect_failed:
    case Cause::timeout:
    case Cause::closed:
    case Cause::network:
    case Cause::cancelled:
      return Reason::network_error;
  }
  return Reason::unknown;
}

queue::Outcome judge(const bounce::Rules& rules, const Attempt& attempt, const smtp::SendOutcome& sent) {
  if (sent.accepted()) {
    queue::Outcome outcome = outcome_of(attempt, Result::delivered);
    set_reply(outcome, sent.reply, sent.stage);
    return outcome;
  }
  if (sent.reply.code > 0) return of_reply(rules, attempt, sent.reply, sent.stage);
  return of_cause(attempt, sent.cause, sent.stage, sent.text());
}

queue::Outcome judge(const bounce::Rules& rules, const Attempt& attempt, const smtp::Failure& failure) {
  if (failure.reply.code > 0) return of_reply(rules, attempt, failure.reply, failure.stage);
  return of_cause(attempt, failure.cause, failure.stage, failure.text());
}

queue::Outcome judge(const Attempt& attempt, Reason reason, bool final, std::string_view text) {
  queue::Outcome outcome = outcome_of(attempt, final ? Result::failed : Result::deferred);
  outcome.reason = bounce::to_string(reason);
  outcome.text = clipped(text);
  return outcome;
}

void expire(queue::Outcome& outcome) {
  outcome.result = Result::failed;
  if (outcome.reason == bounce::to_string(Reason::network_error) ||
      outcome.reason == bounce::to_string(Reason::unknown)) {
    outcome.reason = bounce::to_string(Reason::expired);
  }
}

}  // namespace todoku::delivery
