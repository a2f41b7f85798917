#include "base/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <stdexcept>

namespace todoku::base {
namespace {

constexpr int kGzip = 15 + 16;  // the largest window, with gzip's header
constexpr int kMemory = 8;

Bytef* bytes_of(std::string_view text) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));  // NOLINT: zlib writes none of its input
}

}  // namespace

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzip, kMemory, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("zlib fails");
  }
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = bytes_of(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = bytes_of(out);
  stream.avail_out = static_cast<uInt>(out.size());
  const bool whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (!whole) throw std::runtime_error("zlib fails");
  return out;
}

Result<std::string> gunzip(std::string_view compressed, std::size_t limit) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzip) != Z_OK) throw std::runtime_error("zlib fails");
  stream.next_in = bytes_of(compressed);
  stream.avail_in = static_cast<uInt>(compressed.size());
  std::string out;
  int state = Z_OK;
  while (state == Z_OK && out.size() <= limit) {
    const std::size_t before = out.size();
    out.resize(before + std::clamp<std::size_t>(compressed.size() * 2, 1 << 10, 1 << 20));
    stream.next_out = bytes_of(out) + before;
    stream.avail_out = static_cast<uInt>(out.size() - before);
    state = inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (out.size() > limit) return Error{ErrorCode::limit, "the gzip file holds too much", "", ""};
  if (state != Z_STREAM_END) return Error{ErrorCode::invalid, "this is no whole gzip file", "", ""};
  return out;
}

}  // namespace todoku::base
