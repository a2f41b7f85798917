// Which addresses the bounce domain has: only those that this program made, the two that RFC 5321 and RFC 2142 ask of
// every domain, and those that the operator names. Pure.
#pragma once
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tracking/token.h"

namespace todoku::intake {

enum class Recipient : std::uint8_t {
  return_path,  // bounces+TOKEN, signed by us
  unsubscribe,  // unsubscribe+TOKEN, likewise
  office,       // postmaster, abuse
  further,      // named in the settings
  forged,       // bounces+… that we did not sign: somebody sends mail in our name
  unknown,      // of our domain, and nobody's
  foreign,      // of another domain, or no address at all
};
inline constexpr int kRecipientCount = 7;
[[nodiscard]] std::string_view to_string(Recipient recipient);
/// Mail to it is for us; `forged` is not.
[[nodiscard]] bool is_ours(Recipient recipient);

class OwnAddresses {
 public:
  /// `domains`: at least one. `further`: whole addresses, of these or other domains. Errors: `invalid`.
  [[nodiscard]] static base::Result<OwnAddresses> make(const std::vector<std::string>& domains,
                                                       const std::vector<std::string>& further);

  /// `address` as RCPT has it, without <>.
  [[nodiscard]] Recipient find(std::string_view address, const tracking::Tokens& tokens) const;

 private:
  std::set<std::string, std::less<>> domains_;  // as in DNS
  std::set<std::string, std::less<>> further_;  // match keys
};

}  // namespace todoku::intake
