#include "intake/maildir.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace todoku::intake {
namespace {

namespace fs = std::filesystem;

class File {
 public:
  File(const fs::path& path, int flags) : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, 0600)), path_(path) {
    if (descriptor_ < 0) fail();
  }
  ~File() { ::close(descriptor_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::write(descriptor_, bytes.data(), bytes.size());
      if (n < 0 && errno != EINTR) fail();
      if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  void sync() {
    if (::fsync(descriptor_) != 0) fail();
  }

 private:
  [[noreturn]] void fail() const { throw std::system_error(errno, std::generic_category(), path_.string()); }
  int descriptor_;
  fs::path path_;
};

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

}  // namespace

void deliver_to_maildir(const fs::path& maildir, std::string_view key, std::string_view content) {
  for (const char* sub : {"tmp", "new", "cur"}) fs::create_directories(maildir / sub);
  const std::string name = hex(key) + ".todoku";
  {
    File file(maildir / "tmp" / name, O_WRONLY | O_CREAT | O_TRUNC);
    file.write(content);
    file.sync();
  }
  fs::rename(maildir / "tmp" / name, maildir / "new" / name);
  File(maildir / "new", O_RDONLY | O_DIRECTORY).sync();
}

base::Result<std::vector<fs::path>> new_mails(const fs::path& maildir, std::size_t most) {
  std::error_code error;
  std::vector<fs::path> found;
  fs::directory_iterator entry(maildir / "new", error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (entry->path().filename().string().starts_with('.')) continue;
    if (entry->is_regular_file(error)) found.push_back(entry->path());
  }
  if (error) {
    return base::Error{base::ErrorCode::io, error.message(),
                       "it must be a Maildir (with new/ and cur/) that this program may read and write",
                       maildir.string()};
  }
  const std::size_t n = std::min(most, found.size());
  std::ranges::partial_sort(found, found.begin() + static_cast<std::ptrdiff_t>(n));
  found.resize(n);
  return found;
}

void mark_as_met(const fs::path& mail) {
  std::string name = mail.filename().string();
  name = name.substr(0, name.find(':')) + ":2,";
  fs::create_directories(mail.parent_path().parent_path() / "cur");
  std::error_code error;
  fs::rename(mail, mail.parent_path().parent_path() / "cur" / name, error);
  if (error && error != std::errc::no_such_file_or_directory) throw std::system_error(error, mail.string());
}

}  // namespace todoku::intake
