// The progress of a send: a bar with rate and time left on a terminal, a line every ten seconds elsewhere.
#pragma once
#include <chrono>

#include "app/sending.h"
#include "bounce/explanation.h"
#include "campaign/status.h"

namespace todoku::app {

class SendingProgress {
 public:
  explicit SendingProgress(bounce::Language language);
  void show(const campaign::Status& status);
  void finish(const campaign::Status& status, Sending::End end);

 private:
  bounce::Language language_;
  bool terminal_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point shown_{};
  std::int64_t done_before_ = -1;  // final outcomes when this send began
};

}  // namespace todoku::app
