#include "audience/csv_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace todoku::audience {
namespace {

constexpr std::size_t kPiece = std::size_t{128} << 10;

base::Error io_error(const std::filesystem::path& path, std::string hint) {
  return {base::ErrorCode::io, std::generic_category().message(errno), std::move(hint), path.string()};
}

}  // namespace

base::Result<OpenFile> OpenFile::open(const std::filesystem::path& path) {
  const int descriptor =
      ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a pipe without writer must not hang
  if (descriptor < 0) return io_error(path, "check the name and the permissions");
  struct stat status{};
  ::fstat(descriptor, &status);
  OpenFile file(path, descriptor, static_cast<std::uint64_t>(status.st_size));
  if (!S_ISREG(status.st_mode)) {
    return base::Error{base::ErrorCode::invalid, "not a regular file", "save it as a file first: it is read twice",
                       path.string()};
  }
  return file;
}

OpenFile::OpenFile(OpenFile&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_) {}

OpenFile::~OpenFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

base::Result<std::size_t> OpenFile::read(std::string& into) {
  for (;;) {
    const auto got = ::read(descriptor_, into.data(), into.size());
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return io_error(path_, "check the disk");
  }
}

base::Result<CsvFile> CsvFile::open(const std::filesystem::path& path, const Format& format, ByteSink* sink) {
  auto file = OpenFile::open(path);
  if (!file) return std::move(file).error();
  auto decoder = mail::Decoder::open(format.charset, mail::OnInvalid::refuse);
  if (!decoder) return std::move(decoder).error();
  return CsvFile(std::move(file).value(), std::move(decoder).value(), format, sink);
}

CsvFile::CsvFile(OpenFile file, mail::Decoder decoder, const Format& format, ByteSink* sink)
    : file_(std::move(file)),
      decoder_(std::move(decoder)),
      charset_(format.charset),
      reader_(file_.name(), format.delimiter),
      sink_(sink) {}

base::Result<bool> CsvFile::next(CsvRecord& record) {
  for (;;) {
    const auto step = reader_.next(record);
    if (!step) return step.error();
    if (*step == CsvReader::Step::record) return true;
    if (*step == CsvReader::Step::end) return false;
    if (broken_byte_) {
      return base::Error{base::ErrorCode::invalid, "bytes that mean nothing in " + charset_,
                         "name the file's charset with --encoding, or save it as UTF-8", reader_.where_fed_ends()};
    }
    if (auto read = read_on(); !read) return std::move(read).error();
  }
}

base::Result<void> CsvFile::read_on() {
  piece_.resize(kPiece);
  const auto got = file_.read(piece_);
  if (!got) return got.error();
  piece_.resize(*got);
  bytes_read_ += *got;
  if (sink_) sink_->bytes(piece_);
  text_.clear();
  const auto decoded = *got > 0 ? decoder_.feed(piece_, text_) : decoder_.finish(text_);
  reader_.feed(text_);
  if (!decoded) {
    broken_byte_ = decoder_.failed_at();
  } else if (*got == 0) {
    reader_.finish();
  }
  return base::done;
}

}  // namespace todoku::audience
