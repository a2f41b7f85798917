// The two ends of a TlsEngine for OpenSSL: bytes that came and bytes that are to go, in memory that is kept.
//
// OpenSSL's own memory BIO clears its whole buffer each time it was emptied. Internal to net.
#pragma once
#include <openssl/bio.h>

#include <string>
#include <string_view>

namespace todoku::net {

class TlsBuffer {
 public:
  /// A BIO over this buffer, which must outlive it; null where there is no memory. Reading from an empty one says
  /// "later".
  [[nodiscard]] BIO* bio();

  [[nodiscard]] std::string_view content() const { return std::string_view(bytes_).substr(read_); }
  void append(std::string_view bytes) { bytes_ += bytes; }
  void skip(std::size_t bytes);

 private:
  std::string bytes_;
  std::size_t read_ = 0;
};

}  // namespace todoku::net
