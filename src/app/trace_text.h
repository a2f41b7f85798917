// A watched SMTP session as lines for people, each with its time since the session's begin:
//
//     0.013 < 220 mx.example.jp ESMTP
//     0.013 > EHLO mta1.example.jp
//     0.041 * TLSv1.3 TLS_AES_256_GCM_SHA384, certificate verified
//
// A peer's bytes are shown as text that no terminal obeys, long lines cut.
#pragma once
#include <string>
#include <string_view>

#include "base/clock.h"
#include "smtp/witness.h"

namespace todoku::app {

class TraceText {
 public:
  /// Whole lines with their line ends; empty while a line of the peer is not complete.
  [[nodiscard]] std::string lines(smtp::Witness::Kind kind, std::string_view text, base::Duration since_begin);

 private:
  std::string half_;  // a line of the peer that goes on
};

}  // namespace todoku::app
