#include "remedy/status_check.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "audience/stops.h"
#include "authentication/message_proof.h"
#include "base/hex.h"

namespace todoku::remedy {
namespace {

using bounce::Language;
using bounce::Reason;

// Errors that no delivery has cleared, the newest first.
constexpr char kErrors[] =
    "select kind from contact_error where contact = ?1 and errors > 0 and cleared_by is null order by at desc";

struct Notice {
  std::string_view action;
  std::string_view ja;
  std::string_view en;
};

constexpr Notice kWrongAddress = {
    "correct_address",
    "ご登録のメールアドレスにメールを届けられません。アドレスが存在しないようです。正しいアドレスに変更してください。",
    "We cannot reach you by mail: your address does not seem to exist. Please correct it."};
constexpr Notice kFull = {"free_mailbox",
                          "ご登録のメールアドレスの受信箱が容量いっぱいのため、メールを届けられません。不要なメールを削"
                          "除するか、容量を増やしてください。",
                          "We cannot reach you by mail: your mailbox is full. Please delete mail that you no longer "
                          "need, or have it enlarged."};
constexpr Notice kRefused = {"allow_sender",
                             "ご登録のメールアドレスの受信拒否設定により、メールを届けられないようです。当サイトからの"
                             "メールを受信できるように設定してください。",
                             "We cannot reach you by mail: your settings seem to refuse it. Please allow mail from us, "
                             "or give another address."};
constexpr Notice kDisabled = {"contact_provider",
                              "ご登録のメールアドレスは利用停止中のため、メールを届けられません。メールサービスに確認す"
                              "るか、別のアドレスに変更してください。",
                              "We cannot reach you by mail: your mail account is disabled. Please ask your mail "
                              "service, or give another address."};
constexpr Notice kOther = {"contact_provider",
                           "ご登録のメールアドレスへのメールがエラーになっています。アドレスを確認するか、メールサービ"
                           "スにお問い合わせください。",
                           "Mail to your address is failing. Please check the address, or ask your mail service."};

const Notice& notice_of(Reason reason) {
  switch (reason) {
    case Reason::user_unknown:
    case Reason::moved:
    case Reason::host_unknown:
    case Reason::no_mail_accepted:
    case Reason::provider_suppressed:
      return kWrongAddress;
    case Reason::mailbox_full:
      return kFull;
    case Reason::recipient_refused:
      return kRefused;
    case Reason::account_disabled:
      return kDisabled;
    default:
      return kOther;
  }
}

/// What the owner of an address can do something about; the rest is between us and the receiving server.
bool concerns_owner(Reason reason) {
  const auto party = bounce::party_of(reason);
  return party == bounce::Party::sender_list || party == bounce::Party::recipient;
}

bool is_in_time(std::string_view expires, base::Time now) {
  std::int64_t seconds = 0;
  const auto [end, problem] = std::from_chars(expires.data(), expires.data() + expires.size(), seconds);
  if (problem != std::errc{} || end != expires.data() + expires.size()) return false;
  const auto today = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  return seconds > today && seconds <= today + kLongestExpiry.count();
}

}  // namespace

std::string sign_question(const base::Secret& secret, std::string_view address, std::string_view expires) {
  return base::to_hex(authentication::hmac_sha256(secret, std::string(address) + '\n' + std::string(expires)));
}

bool is_proved(const StatusCheckKey* key, const StatusQuestion& question, base::Time now) {
  static const base::Secret kNobody("nobody's");
  const std::string wanted = sign_question(key != nullptr ? key->secret : kNobody, question.address, question.expires);
  const bool signed_by_it = authentication::same_secret(wanted, question.signature);
  if (key == nullptr || !signed_by_it) return false;
  return is_in_time(question.expires, now) && (question.origin.empty() || question.origin == key->origin);
}

std::optional<Reason> failing_reason(store::Connection& db, std::string_view address) {
  const auto contact = audience::find_contact(db, address);
  if (!contact) return std::nullopt;
  if (contact->state == audience::State::stopped) {
    const auto stops = audience::find_stops(db, {.contact = contact->id});
    return stops.empty() ? Reason::unknown : stops.back().reason;
  }
  if (contact->state != audience::State::active && contact->state != audience::State::unconfirmed) return std::nullopt;
  auto rows = db.query(kErrors, {contact->id});
  while (rows.next()) {
    const auto reason = bounce::reason_of(rows.text(0));
    if (reason && concerns_owner(*reason)) return reason;
  }
  return std::nullopt;
}

std::string_view member_notice(Reason reason, Language language) {
  const Notice& notice = notice_of(reason);
  return language == Language::ja ? notice.ja : notice.en;
}

std::string_view member_action(Reason reason) { return notice_of(reason).action; }

}  // namespace todoku::remedy
