#include "authentication/dkim_key_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace todoku::authentication {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::size_t kMostPem = 16 * 1024;
constexpr mode_t kOthers = S_IRWXG | S_IRWXO;

class File {
 public:
  File(const std::filesystem::path& path, int flags, mode_t mode = 0) : fd_(::open(path.c_str(), flags, mode)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int fd() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

Error failed(const char* what, const std::filesystem::path& path) {
  const int problem = errno;
  const ErrorCode code = problem == ENOENT   ? ErrorCode::not_found
                         : problem == EEXIST ? ErrorCode::exists
                                             : ErrorCode::io;
  return Error{code, std::string(what) + ": " + std::generic_category().message(problem), "", path.string()};
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(fd) == 0;
}

bool make_private_folders(const std::filesystem::path& folder) {
  std::error_code problem;
  std::filesystem::create_directories(folder.parent_path().parent_path(), problem);
  for (const auto& path : {folder.parent_path(), folder}) {
    if (::mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) return false;
  }
  return true;
}

}  // namespace

std::filesystem::path dkim_key_path(const std::filesystem::path& folder, std::string_view domain,
                                    std::string_view selector) {
  return folder / domain / (std::string(selector) + ".pem");
}

base::Result<void> save_dkim_key(const std::filesystem::path& path, const DkimKey& key) {
  if (!make_private_folders(path.parent_path())) return failed("the folder for the key cannot be made", path);
  const File file(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  if (!file) return failed("the key cannot be stored", path);
  if (!write_all(file.fd(), key.pem().reveal())) return failed("the key cannot be written", path);
  const File folder(path.parent_path(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (!folder || ::fsync(folder.fd()) != 0) return failed("the key's folder cannot be written", path);
  return base::done;
}

base::Result<DkimKey> load_dkim_key(const std::filesystem::path& path) {
  const File file(path, O_RDONLY | O_CLOEXEC);
  if (!file) return failed("the key cannot be read", path);
  struct stat about{};
  if (::fstat(file.fd(), &about) != 0) return failed("the key cannot be read", path);
  if ((about.st_mode & kOthers) != 0) {
    return Error{ErrorCode::refused, "others may read this private key", "chmod 600 it", path.string()};
  }
  std::string text(kMostPem, '\0');
  const ssize_t size = ::read(file.fd(), text.data(), text.size());
  if (size < 0) return failed("the key cannot be read", path);
  text.resize(static_cast<std::size_t>(size));
  auto key = DkimKey::from_pem(base::Secret(std::move(text)));
  if (key) return key;
  Error error = std::move(key).error();
  error.where = path.string();
  return error;
}

}  // namespace todoku::authentication
