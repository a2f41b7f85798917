// The hash of a mail's body in the relaxed form, mail after mail of one campaign.
//
// Mails of a campaign begin with the same octets up to the first merge field. What they have in common is found by
// itself and hashed only once; the hash goes on from there. A mail that begins otherwise is hashed as it is: nothing is
// taken for granted. From time to time it is found anew, as another campaign may have begun.
#pragma once
#include <string>
#include <string_view>

#include "authentication/sha256.h"

namespace todoku::authentication {

class DkimBodyHash {
 public:
  /// `body` in CRLF lines.
  [[nodiscard]] Sha256Digest operator()(std::string_view body);

  /// Octets at the beginning that are hashed already.
  [[nodiscard]] std::size_t known() const { return known_.size(); }

 private:
  void learn(std::string_view body);

  std::string known_;  // a body's beginning, whole lines of which the last is not empty
  Sha256 at_known_;    // the hash there
  Sha256 hash_;
  std::string canonical_;
  int learnt_ = 0;
  unsigned hashed_ = 0;
};

}  // namespace todoku::authentication
