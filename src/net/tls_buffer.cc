#include "net/tls_buffer.h"

#include <algorithm>
#include <cstring>

#include "base/owned.h"

namespace todoku::net {
namespace {

constexpr std::size_t kKept = 32 * 1024;  // of an emptied buffer; what a long burst took more is given back

TlsBuffer& buffer_of(BIO* bio) { return *static_cast<TlsBuffer*>(BIO_get_data(bio)); }

int read(BIO* bio, char* into, int size) {
  TlsBuffer& buffer = buffer_of(bio);
  BIO_clear_retry_flags(bio);
  const std::string_view part = buffer.content().substr(0, static_cast<std::size_t>(std::max(size, 0)));
  if (part.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  std::memcpy(into, part.data(), part.size());
  buffer.skip(part.size());
  return static_cast<int>(part.size());
}

int write(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  if (size <= 0) return 0;
  buffer_of(bio).append({bytes, static_cast<std::size_t>(size)});
  return size;
}

long control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

using Method = base::Owned<BIO_METHOD, BIO_meth_free>;

const BIO_METHOD* method() {
  static const Method made = [] {
    Method method(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "buffer"));
    if (!method) return method;
    BIO_meth_set_read(method.get(), read);
    BIO_meth_set_write(method.get(), write);
    BIO_meth_set_ctrl(method.get(), control);
    return method;
  }();
  return made.get();
}

}  // namespace

BIO* TlsBuffer::bio() {
  BIO* bio = method() ? BIO_new(method()) : nullptr;
  if (!bio) return nullptr;
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  return bio;
}

void TlsBuffer::skip(std::size_t bytes) {
  read_ += std::min(bytes, bytes_.size() - read_);
  if (read_ < bytes_.size()) return;
  read_ = 0;
  bytes_.clear();
  if (bytes_.capacity() > kKept) bytes_.shrink_to_fit();
}

}  // namespace todoku::net
