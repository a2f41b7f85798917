// From what a notice holds on one recipient to its Diagnosis: the rules judge its texts from the most specific to the
// widest, until one of them says why in words; a bare code or status counts only where no text does.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bounce/delivery_status.h"
#include "bounce/diagnosis.h"
#include "bounce/reply_scan.h"
#include "bounce/rules.h"

namespace todoku::bounce {

/// All that is known of one recipient's failure.
struct Finding {
  std::string address;
  std::string original_recipient;  // as in Diagnosis
  std::vector<std::string> texts;  // the most specific first; the first is the diagnosis's `diagnostic`
  /// More of them, asked for where those do not tell; may be empty.
  std::function<std::vector<std::string>()> wider;
  std::optional<smtp::EnhancedStatus> status;  // the report's Status field
  std::string remote_mta;
  smtp::Stage stage = smtp::Stage::none;  // of the session, where the notice tells it
  Action action = Action::failed;
  bool sure = true;  // that it is this address; none is given up for dead on a likelihood
};

class Verdicts {
 public:
  explicit Verdicts(const Rules& rules) : rules_(rules) {}
  [[nodiscard]] Diagnosis diagnose(Finding finding);

 private:
  struct Judged {
    Verdict verdict;
    bool plain = false;  // plain words, so that nothing wider need be asked
  };
  bool judge_all(Diagnosis& diagnosis, const std::vector<std::string>& texts, int& best);
  Judged judge_text(const std::string& words, const ReplyFacts& facts, const Diagnosis& so_far);
  const Verdict& judge(const Observation& seen);

  const Rules& rules_;
  // Of many recipients few texts tell, in turn: each is judged once while it is among the latest.
  struct Known {
    std::string key;
    Verdict verdict;
  };
  static constexpr std::size_t kRemembered = 64;
  std::vector<Known> known_;
  std::size_t oldest_ = 0;  // in known_, once it is full
};

/// For what is no failure, or none of the address: complaint, auto_reply, delivered.
[[nodiscard]] Diagnosis plain_diagnosis(std::string address, Reason reason);

}  // namespace todoku::bounce
