// SHA-256 in steps. What was hashed so far can be kept and gone on from any number of times.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

struct evp_md_ctx_st;

namespace todoku::authentication {

using Sha256Digest = std::array<unsigned char, 32>;

class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  ~Sha256();

  /// Forgets what was added.
  void begin();
  /// Goes on from where `other` stands, which stays there.
  void begin_at(const Sha256& other);
  void add(std::string_view bytes);
  /// Ends it; begin() or begin_at() come next.
  [[nodiscard]] Sha256Digest end();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

[[nodiscard]] Sha256Digest sha256(std::string_view bytes);

}  // namespace todoku::authentication
