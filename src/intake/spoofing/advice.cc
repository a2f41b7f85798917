#include "intake/spoofing/advice.h"

namespace todoku::intake::spoofing {
namespace {

int strictness(std::string_view policy) {
  if (policy == "reject") return 2;
  return policy == "quarantine" ? 1 : 0;
}

bool own_fails(const Picture& picture, const AdviceLimits& limits) {
  return static_cast<double>(picture.own.unaligned) > limits.failing * static_cast<double>(picture.own.mails);
}

/// The next step on the way from none to reject.
Advice step(const Picture& picture) {
  const int now = strictness(picture.policy);
  if (now > 0 && picture.percent < 100) return Advice::raise_percent;
  if (now == 0) return Advice::start_quarantine;
  return now == 1 ? Advice::go_to_reject : Advice::stay;
}

}  // namespace

std::string_view to_string(Advice advice) {
  switch (advice) {
    case Advice::change_passwords:
      return "change_passwords";
    case Advice::repair_own:
      return "repair_own";
    case Advice::ask_for_reports:
      return "ask_for_reports";
    case Advice::wait_for_reports:
      return "wait_for_reports";
    case Advice::start_quarantine:
      return "start_quarantine";
    case Advice::raise_percent:
      return "raise_percent";
    case Advice::go_to_reject:
      return "go_to_reject";
    case Advice::close_subdomains:
      return "close_subdomains";
    case Advice::stay:
      return "stay";
  }
  return "";
}

std::vector<Advice> advise(const Picture& picture, const AdviceLimits& limits) {
  std::vector<Advice> all;
  // Mails from places unknown would pass any policy; whose they are is to be known first.
  const bool strangers = picture.authorised.mails >= limits.strange_mails;
  if (strangers) all.push_back(Advice::change_passwords);
  if (picture.reports == 0) {
    all.push_back(Advice::ask_for_reports);
    return all;
  }
  const bool fails = own_fails(picture, limits);
  if (fails) all.push_back(Advice::repair_own);
  const Advice next = step(picture);
  if (next == Advice::stay) {
    all.push_back(next);
  } else if (picture.report_days < limits.days || picture.own.mails + picture.forwarded.mails < limits.mails) {
    all.push_back(Advice::wait_for_reports);
  } else if (!fails && !strangers) {
    all.push_back(next);
  }
  const bool open_below = !picture.sub_policy.empty() && strictness(picture.sub_policy) < strictness(picture.policy);
  if (open_below) all.push_back(Advice::close_subdomains);
  return all;
}

Refusal would_be_refused(const Picture& picture) {
  return {.mails = picture.own.unaligned + picture.forwarded.unaligned + picture.authorised.unaligned +
                   picture.elsewhere.unaligned,
          .own = picture.own.unaligned,
          .forwarded = picture.forwarded.unaligned};
}

}  // namespace todoku::intake::spoofing
