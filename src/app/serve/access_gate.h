// Who may see the inside of this program (metrics, reasons of ill health): this machine itself, and who has the token.
#pragma once
#include <mutex>

#include "base/secret.h"
#include "http/message.h"

namespace todoku::app {

/// Thread-safe.
class AccessGate {
 public:
  explicit AccessGate(base::Secret token) : token_(std::move(token)) {}
  void set_token(base::Secret token);

  /// From a loopback address and through no proxy, or with "Authorization: Bearer TOKEN".
  [[nodiscard]] bool admits(const http::Request& request) const;

 private:
  mutable std::mutex mutex_;
  base::Secret token_;  // guarded by mutex_; empty: nobody has one
};

}  // namespace todoku::app
