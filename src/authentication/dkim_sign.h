// The public-key operation itself, prepared once and done for mail after mail.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "authentication/dkim_key.h"
#include "authentication/sha256.h"

namespace todoku::authentication {

/// One for each thread. Keeps a copy of the key of its own: threads that share one wait for each other at RSA's
/// blinding.
class DkimSign {
 public:
  explicit DkimSign(const DkimKey& key);
  DkimSign(DkimSign&&) noexcept;
  DkimSign& operator=(DkimSign&&) noexcept;
  ~DkimSign();

  /// b=, not encoded; valid until the next call.
  [[nodiscard]] std::string_view operator()(const Sha256Digest& hash);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Whether `signature` is of the hash by the public key `key`, which is p= of a key record, decoded.
enum class DkimMatch : std::uint8_t { matches, differs, bad_key, weak_key };
[[nodiscard]] DkimMatch check_signature(DkimAlgorithm algorithm, std::string_view key, const Sha256Digest& hash,
                                        std::string_view signature);

}  // namespace todoku::authentication
