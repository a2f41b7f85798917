// Texts of mail servers → reason, by the rules in data/rules and data/providers plus the operator's own.
//
// Pure: no I/O after loading. All patterns are one RE2::Set, so the time is linear in the text whatever the number of
// rules. Thread-safe once loaded.
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bounce/diagnosis.h"
#include "bounce/reason.h"
#include "smtp/reply.h"

namespace todoku::bounce {

/// Everything that is known about one failure before a verdict. Views live as long as the call.
struct Observation {
  std::string_view text;  // the server's words, code and status included or not
  smtp::Stage stage = smtp::Stage::none;
  std::optional<int> reply_code;
  std::optional<smtp::EnhancedStatus> status;
  std::string_view recipient;   // address, for providers that are known by the domain
  std::string_view remote_mta;  // host that answered, for providers that are known by their MX
  bool generic_status = false;  // the status is the reporter's own filler (5.0.0), not the server's
};

struct Verdict {
  Reason reason = Reason::unknown;
  std::optional<Reason> other_reason;
  std::string provider;            // name in data/providers, or empty
  std::vector<Evidence> evidence;  // decisive first
};

class Rules {
 public:
  /// The rules in the binary, and those of the operator's folder (*.toml) where given.
  /// Errors name file, rule and what is wrong with it.
  [[nodiscard]] static base::Result<std::unique_ptr<Rules>> load(const std::filesystem::path& own = {});
  virtual ~Rules() = default;

  /// Weighs text, status, code, stage and provider together; never fails: Reason::unknown where nothing fits.
  [[nodiscard]] virtual Verdict judge(const Observation& seen) const = 0;
};

/// A diagnosis of an SMTP reply of our own session: judge() plus the reason's effect and party.
[[nodiscard]] Diagnosis diagnose(const Rules& rules, const smtp::Reply& reply, smtp::Stage stage,
                                 std::string_view recipient, std::string_view host);

}  // namespace todoku::bounce
