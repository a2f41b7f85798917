#include "bounce/analyser.h"

#include <algorithm>
#include <optional>

#include "base/ascii.h"
#include "bounce/address_scan.h"
#include "bounce/delivery_status.h"
#include "bounce/formats/format.h"
#include "bounce/freeform.h"
#include "bounce/heading.h"
#include "bounce/kind.h"
#include "bounce/notice.h"
#include "bounce/original_recipient.h"
#include "bounce/reply_scan.h"
#include "bounce/verdicts.h"

namespace todoku::bounce {
namespace {

constexpr std::size_t kRecipientLimit = 1000;
constexpr std::size_t kShortestOwn = 4;
constexpr std::size_t kLookedBehind = 256 << 10;  // bytes
constexpr int kNoticesInNotices = 2;

OriginalMail original_of(const Notice& notice) {
  const auto value = [&](std::string_view name) {
    return mail::decoded_header(mail::find_field(notice.original, name));
  };
  const auto bare = [](std::string text) {
    const std::size_t open = text.find('<');
    if (open != std::string::npos) text.erase(0, open + 1);
    return text.substr(0, text.find('>'));
  };
  std::string id = bare(value("Message-ID"));
  // Italy's certified mail returns nothing of the mail but its name.
  if (id.empty()) id = bare(mail::decoded_header(notice.header("X-Riferimento-Message-ID")));
  return {std::move(id), bare(value("Return-Path")), value("Subject"), value("From"), value("To"), value("Date")};
}

class Analysis {
 public:
  Analysis(const Rules& rules, std::string_view bytes, int depth = 0)
      : rules_(rules), notice_(bytes), verdicts_(rules), depth_(depth) {}

  Report run() {
    report_.limited = notice_.mail.limited();
    if (!may_be_notice(notice_)) return std::move(report_);
    notice_.read_words();
    status_ = read_delivery_status(notice_.status.empty() ? fields_among_words() : notice_.status, kRecipientLimit);
    const Recognised recognised = recognise(notice_, status_);
    report_.kind = recognised.kind;
    if (report_.kind == Kind::other) {
      if (reports_authentication(notice_)) doubted();
      return std::move(report_);
    }
    const bool passed_on = passes_on(notice_);
    if (report_.kind == Kind::bounce && !recognised.use_status &&
        (passed_on || notice_.sent_on() || !notice_.has_original)) {
      if (take_notice_inside()) return std::move(report_);
      if (passed_on) {
        report_.kind = Kind::other;
        return std::move(report_);
      }
    }
    report_.original = original_of(notice_);
    switch (report_.kind) {
      case Kind::complaint:
        complained();
        break;
      case Kind::auto_reply:
        answered();
        break;
      case Kind::bounce:
      case Kind::delay:
      case Kind::delivered:
        failed(recognised.use_status);
        keep_the_old_address();
        if ((recognised.only_if_read && !read()) || (may_be_letter(notice_) && names_nobody())) report_ = {};
        break;
      case Kind::other:
        break;
    }
    return std::move(report_);
  }

 private:
  /// A notice sent on: what it says counts, not the words around it.
  bool take_notice_inside() {
    if (notice_.notice_inside.empty() || depth_ >= kNoticesInNotices) return false;
    Report inside = Analysis(rules_, notice_.notice_inside, depth_ + 1).run();
    if (inside.recipients.empty() || inside.recipients.front().address.empty()) return false;
    report_ = std::move(inside);
    return true;
  }

  /// A report's fields where they stand among the words, its parts having got lost.
  std::string_view fields_among_words() const {
    for (const std::string_view field :
         {"\nReporting-MTA:", "\nFinal-Recipient:", "\nOriginal-Recipient:", "\nAction:"}) {
      const std::size_t at = notice_.words.find(field);
      if (at != std::string_view::npos && notice_.words.find("\nFinal-Recipient:") != std::string_view::npos)
        return notice_.words.substr(at + 1);
    }
    return {};
  }

  void complained() {
    report_.format = format_name(notice_, false) == "amazon-sns" ? "amazon-sns" : "arf";
    for (Finding& finding : read_format(notice_, report_.format)) {
      report_.recipients.push_back(plain_diagnosis(std::move(finding.address), Reason::complaint));
    }
    if (!report_.recipients.empty()) return;
    for (std::string& address : complaint_recipients(notice_)) {
      report_.recipients.push_back(plain_diagnosis(std::move(address), Reason::complaint));
    }
  }

  /// A receiver tells that our mail, or one in our name, failed authentication; the mail's own fate is another matter.
  void doubted() {
    report_.format = "arf";
    report_.original = original_of(notice_);
    for (std::string& address : complaint_recipients(notice_))
      report_.recipients.push_back(plain_diagnosis(std::move(address), Reason::authentication_failed));
  }

  void answered() {
    report_.format = "auto-reply";
    report_.recipients.push_back(plain_diagnosis(notice_.from_address, Reason::auto_reply));
  }

  void failed(bool use_status) {
    report_.format = format_name(notice_, use_status);
    std::vector<Finding> findings = use_status ? from_status() : from_format();
    if (findings.size() > kRecipientLimit) findings.resize(kRecipientLimit);
    const bool originals = names_original_recipients(notice_.words);
    for (Finding& finding : findings) {
      if (originals && finding.original_recipient.empty())
        finding.original_recipient = original_recipient_of(notice_.words, finding.address);
      if (base::iequals(finding.original_recipient, finding.address)) finding.original_recipient.clear();
      finding.address = beyond_own_network(std::move(finding.address));
      finding.sure = finding.sure && !notice_.mail.torn();  // what was lost may have said otherwise
      const bool arrived = report_.kind == Kind::delivered || finding.action == Action::delivered ||
                           finding.action == Action::relayed || finding.action == Action::expanded;
      if (arrived) {
        report_.recipients.push_back(plain_diagnosis(std::move(finding.address), Reason::delivered));
      } else {
        report_.recipients.push_back(diagnosis_of(std::move(finding)));
      }
    }
  }

  Diagnosis diagnosis_of(Finding finding) {
    if (report_.kind == Kind::delay) finding.action = Action::delayed;
    Diagnosis made = verdicts_.diagnose(std::move(finding));
    if (report_.kind == Kind::delay) late(made);
    if (report_.format == "sieve") by_own_rule(made);
    // A dead address that nobody knows is nobody's to stop.
    if (made.address.empty() && made.effect == Effect::hard) made.effect = Effect::soft;
    return made;
  }

  /// A notice that somebody has moved names the new address beside the old one, after it.
  void keep_the_old_address() {
    std::vector<Diagnosis>& all = report_.recipients;
    if (report_.format != "freeform" || all.empty() ||
        !std::ranges::all_of(all, [](const Diagnosis& said) { return said.reason == Reason::moved; }))
      return;
    all.resize(1);
    if (!all.front().address.empty()) return;
    const auto found = find_addresses(notice_.words, 1);
    if (!found.empty()) all.front().address = found.front().in(notice_.words);
  }

  /// Nobody but the one whom it is for, who has got it.
  bool names_nobody() const {
    return std::ranges::all_of(report_.recipients, [&](const Diagnosis& said) {
      return said.address.empty() || owner_of(notice_, said.address) == Owner::addressee;
    });
  }

  /// Whether the words told of each recipient what became of the mail.
  bool read() const {
    return std::ranges::all_of(report_.recipients, [](const Diagnosis& said) {
      return !said.address.empty() && said.reason != Reason::unknown;
    });
  }

  /// A notice of delay that names no cause says one thing: that time is running out.
  static void late(Diagnosis& diagnosis) {
    if (diagnosis.reason != Reason::unknown) return;
    diagnosis.reason = Reason::expired;
    settle(diagnosis);
  }

  /// The recipient's own rule refuses, in words of the recipient's own.
  static void by_own_rule(Diagnosis& diagnosis) {
    if (diagnosis.reason != Reason::unknown) return;
    diagnosis.reason = Reason::recipient_refused;
    settle(diagnosis);
  }

  /// "neko@desk" is a name of the reporter's own network; the returned mail has the address as the world knows it.
  std::string beyond_own_network(std::string address) const {
    const std::size_t at = address.find('@');
    if (at == std::string::npos || address.find('.', at) != std::string::npos) return address;
    const std::string_view to = mail::find_field(notice_.original, "To");
    for (const FoundAddress& found : find_addresses(to, 20)) {
      const std::string_view known = found.in(to);
      if (base::iequals(known.substr(0, known.find('@')), std::string_view(address).substr(0, at)))
        return std::string(known);
    }
    return address;
  }

  std::vector<Finding> from_status() {
    std::vector<Finding> out;
    const bool single = status_.recipients.size() == 1;
    const smtp::Stage stage = single ? only_stage(notice_.words, notice_.cues) : smtp::Stage::none;
    for (RecipientStatus& one : status_.recipients) {
      Finding finding;
      if (std::string whole = whole_reply(notice_.words, one.diagnostic); !whole.empty())
        one.diagnostic = std::move(whole);
      finding.texts.push_back(std::move(one.diagnostic));
      finding.wider = [this, &one, single] { return words_on(one, single); };
      finding.address = one.address;
      if (single && finding.address.find('@', 1) == std::string::npos) {
        const std::string named = passages().size() == 1    ? passages().front().address
                                  : finding.address.empty() ? last_resort()
                                                            : "";
        if (!named.empty()) finding.address = named;
        finding.sure = passages().size() == 1 && passages().front().sure;
      }
      if (one.original.find('@', 1) != std::string::npos) finding.original_recipient = one.original;
      finding.status = one.status;
      finding.stage = single ? stage : stage_of(one);
      finding.remote_mta = std::move(one.remote_mta);
      finding.action = one.action == Action::none ? Action::failed : one.action;
      out.push_back(std::move(finding));
    }
    return out;
  }

  /// Whether a transcript (Sendmail's) has a server's words before any command; a delivery program is greeted by
  /// nobody.
  static bool answers_the_greeting(std::string_view words) {
    constexpr std::string_view kTalk = "while talking to ";
    const std::size_t talk = words.find(kTalk);
    const std::size_t end = talk == std::string_view::npos ? talk : words.find('\n', talk);
    if (end == std::string_view::npos) return false;
    const std::string_view whom = words.substr(talk + kTalk.size(), end - talk - kTalk.size());
    return whom.find('.') != std::string_view::npos && base::trim(words.substr(end, 80)).starts_with("<<< ");
  }

  /// The command that the server refused, where the words beside a report name one and no other: the report has no
  /// field for it.
  static smtp::Stage only_stage(std::string_view words, std::span<const CueHit> cues) {
    smtp::Stage stage = smtp::Stage::none;
    for (const CueHit& cue : cues) {
      const bool sent = words.substr(0, cue.begin).ends_with(">>> ");  // a transcript's ">>> RCPT To:<a@b.c>"
      if (cue.cue != Cue::stage || (cue.format.empty() && !sent)) continue;
      if (stage != smtp::Stage::none && stage != cue.stage) return smtp::Stage::none;
      stage = cue.stage;
    }
    return stage == smtp::Stage::none && answers_the_greeting(words) ? smtp::Stage::connect : stage;
  }

  smtp::Stage stage_of(const RecipientStatus& one) {
    const auto passage =
        std::ranges::find_if(passages(), [&](const Passage& p) { return base::iequals(p.address, one.address); });
    return passage == passages().end() ? smtp::Stage::none : only_stage(passage->own, find_cues(passage->own));
  }

  /// What the notice's words say of a recipient of its report.
  std::vector<std::string> words_on(const RecipientStatus& one, bool single) {
    std::vector<std::string> out;
    const auto same = [&](const Passage& p) {
      return base::iequals(p.address, one.address) || base::iequals(p.address, one.original);
    };
    const auto passage = std::ranges::find_if(passages(), same);
    if (passage != passages().end()) {
      out.push_back(passage->own);
      if (passage->own.empty()) out.push_back(passage->after);
    } else if (passages().size() == 1 && single) {
      out.push_back(passages().front().own);
    } else {
      out.push_back(named_lines().around(one.address));
    }
    if (single) out.push_back(without_filler(notice_.words));
    return out;
  }

  const std::vector<Passage>& passages() {
    if (!passages_) passages_ = find_passages(notice_, kRecipientLimit);
    return *passages_;
  }

  std::vector<Finding> from_format() {
    std::vector<Finding> out = read_format(notice_, report_.format);
    if (!out.empty()) return out;
    for (const Passage& passage : passages()) {
      Finding finding;
      finding.texts = {passage.own};
      finding.wider = [this, &passage] { return words_around(passage); };
      finding.address = passage.address;
      finding.sure = passage.sure;
      out.push_back(std::move(finding));
    }
    if (!out.empty()) return out;
    Finding finding;
    finding.address = last_resort();
    finding.sure = false;
    finding.texts = {without_filler(notice_.words), subject_beyond_form()};
    out.push_back(std::move(finding));
    return out;
  }

  /// What stands behind an address is looked at as long as that does not read the same words hundreds of times.
  std::vector<std::string> words_around(const Passage& passage) {
    std::vector<std::string> out{named_lines().naming(passage.address)};
    looked_behind_ += passage.after.size();
    if (looked_behind_ <= kLookedBehind) out.push_back(without_filler(passage.after));
    out.push_back(shared_words());
    return out;
  }

  /// The notice's words without those that belong to one of several recipients, and without filler.
  const std::string& shared_words() {
    if (shared_words_) return *shared_words_;
    std::string out(notice_.words);
    for (const Passage& passage : passages()) {
      if (passages().size() < 2) break;
      const std::size_t at = passage.own.size() < kShortestOwn ? std::string::npos : out.find(passage.own);
      if (at != std::string::npos) out.erase(at, passage.own.size());
    }
    shared_words_ = without_filler(out);
    return *shared_words_;
  }

  const NamedLines& named_lines() {
    if (!named_lines_) named_lines_.emplace(notice_);
    return *named_lines_;
  }

  /// The subject without the words that only say that it is a notice.
  std::string subject_beyond_form() const {
    std::string out = notice_.subject;
    for (const CueHit& cue : notice_.subject_cues) {
      if (cue.cue == Cue::subject || cue.cue == Cue::failed || cue.cue == Cue::refused)
        std::fill(out.begin() + cue.begin, out.begin() + cue.end, ' ');
    }
    return std::string(base::trim(out));
  }

  /// The list that a list's own mailbox speaks for: "dev-owner@…" and "owner-dev@…" for "dev@…".
  static std::string list_of(const std::string& address) {
    const std::size_t at = address.find('@');
    if (base::istarts_with(address, "owner-") && at != std::string::npos) return address.substr(6);
    for (const std::string_view end : {"-owner", "-bounces", "-request", "-admin"}) {
      if (at != std::string::npos && at > end.size() && address.substr(0, at).ends_with(end))
        return address.substr(0, at - end.size()) + address.substr(at);
    }
    return {};
  }

  /// Whom the returned mail was for, where the notice itself names nobody.
  std::string last_resort() const {
    for (const std::string_view name : {"X-Original-To", "To"}) {
      const std::string_view value = mail::find_field(notice_.original, name);
      const auto found = find_addresses(value, 1);
      if (!found.empty()) return std::string(found.front().in(value));
    }
    if (notice_.refused_by_mailbox()) return notice_.from_address;
    if (std::string carried = recipient_in_return_path(notice_.header("To")); !carried.empty()) return carried;
    if (!notice_.says(Cue::list)) return {};
    std::string list = list_of(notice_.from_address);
    for (const FoundAddress& found : find_addresses(notice_.words, 20)) {
      if (list.empty()) list = list_of(std::string(found.in(notice_.words)));
    }
    return list;
  }

  const Rules& rules_;
  Notice notice_;
  Verdicts verdicts_;
  int depth_;
  DeliveryStatus status_;
  // Made when first asked for: a notice of a thousand recipients asks a thousand times.
  std::optional<std::vector<Passage>> passages_;
  std::optional<NamedLines> named_lines_;
  std::optional<std::string> shared_words_;
  std::size_t looked_behind_ = 0;  // bytes
  Report report_;
};

}  // namespace

Report Analyser::analyse(std::string_view mail) const { return Analysis(rules_, mail).run(); }

}  // namespace todoku::bounce
