#include "app/explain_command_input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "app/explain_command_reply.h"
#include "base/ascii.h"

namespace todoku::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFrom = "From ";  // how an mbox begins
constexpr std::size_t kChunk = 256 * 1024;
/// What the buffer keeps after a big mail.
constexpr std::size_t kKept = 1024 * 1024;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ > 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return number_; }

 private:
  int number_;
};

base::Error cannot_read(const std::string& path, int error) {
  return {base::ErrorCode::io, "cannot be read: " + std::generic_category().message(error),
          "check the path and its rights", path};
}

/// Where in `text`, from `from` on, the next mail of an mbox begins: a "From " after an empty line.
std::size_t next_mail(std::string_view text, std::size_t from) {
  for (std::size_t pos = text.find("\nFrom ", from); pos != std::string_view::npos;
       pos = text.find("\nFrom ", pos + 1)) {
    if (pos > 0 && (text[pos - 1] == '\n' || (text[pos - 1] == '\r' && pos > 1 && text[pos - 2] == '\n')))
      return pos + 1;
  }
  return std::string_view::npos;
}

/// What a folder holds besides mails: hidden files, a mail store's own.
bool passed_over(const std::string& name) {
  for (const std::string_view own : {".", "dovecot.", "dovecot-uid", "dovecot-keywords", "dovecot-acl", "maildirsize",
                                     "maildirfolder", "courierimap"}) {
    if (name.starts_with(own)) return true;
  }
  return false;
}

}  // namespace

void Explainer::explain_path(const std::string& path) {
  if (path == "-") return stream(STDIN_FILENO, "-");
  std::error_code error;
  if (fs::is_directory(path, error)) return folder(path);
  file(path);
}

void Explainer::folder(const std::string& path) {
  std::vector<std::pair<std::string, bool>> entries;
  std::error_code error;
  for (auto entry = fs::directory_iterator(path, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    std::error_code ignored;
    const std::string name = entry->path().filename().string();
    const bool link = entry->is_symlink(ignored);
    const bool folder = entry->is_directory(ignored);
    if (!passed_over(name) && !(link && folder)) entries.emplace_back(name, folder);  // a link may lead round
  }
  if (error) fail_(cannot_read(path, error.value()));
  std::ranges::sort(entries);
  const bool maildir =
      std::ranges::count_if(entries, [](const auto& e) { return e.first == "cur" || e.first == "new"; }) == 2;
  for (const auto& [name, is_folder] : entries) {
    const std::string below = path.ends_with('/') ? path + name : path + "/" + name;
    if (maildir && name == "tmp") continue;  // not delivered yet
    is_folder ? folder(below) : file(below);
  }
}

void Explainer::file(const std::string& path) {
  const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (descriptor.get() < 0) return fail_(cannot_read(path, errno));
  stream(descriptor.get(), path);
}

void Explainer::stream(int descriptor, const std::string& name) {
  struct stat info{};
  const bool sized = ::fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode);
  const std::size_t size = sized ? static_cast<std::size_t>(info.st_size) : 0;
  buffer_.clear();
  bool begins_mbox = false;
  if (size > kChunk) {
    char start[kFrom.size()] = {};
    begins_mbox =
        ::pread(descriptor, start, sizeof start, 0) == sizeof start && kFrom == std::string_view(start, sizeof start);
  }
  // One byte more than its size tells that a file has ended.
  std::ptrdiff_t got = buffer_.append(descriptor, sized && !begins_mbox ? size + 1 : kChunk);
  if (got >= 0 && buffer_.bytes().starts_with(kFrom)) return mbox(descriptor, name);
  while (got > 0 && !(sized && buffer_.size() == size))
    got = buffer_.append(descriptor, std::max({kChunk, buffer_.size() / 2}));
  if (got < 0) return fail_(cannot_read(name, errno));
  mail({name, 0}, buffer_.bytes());
  if (buffer_.capacity() > kKept) buffer_.release();
}

void Explainer::mbox(int descriptor, const std::string& name) {
  int count = 0;
  std::size_t searched = 0;
  for (std::ptrdiff_t got = 1;;) {
    const std::size_t next = next_mail(buffer_.bytes(), searched);
    if (next == std::string_view::npos && got > 0) {
      searched = buffer_.size() > 8 ? buffer_.size() - 8 : 0;
      got = buffer_.append(descriptor, std::max(kChunk, buffer_.size() / 2));
      if (got < 0) fail_(cannot_read(name, errno));
      continue;
    }
    const bool only = next == std::string_view::npos && count == 0;
    mail({name, only ? 0 : ++count}, buffer_.bytes().substr(0, next));
    if (next == std::string_view::npos) break;
    buffer_.drop_front(next);
    searched = 0;
  }
  if (buffer_.capacity() > kKept) buffer_.release();
}

void Explainer::mail(const ExplainSource& source, std::string_view bytes) {
  print(printer_.mail(source, analyser_.analyse(bytes), first_));
}

void Explainer::explain_replies(const std::string& path) {
  const Descriptor descriptor(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (descriptor.get() < 0) return fail_(cannot_read(path, errno));
  int number = 0;
  buffer_.clear();
  for (std::ptrdiff_t got = 1; got > 0;) {
    got = buffer_.append(descriptor.get(), std::max(kChunk, buffer_.size() / 2));
    if (got < 0) return fail_(cannot_read(path, errno));
    if (got == 0 && buffer_.size() > 0 && buffer_.bytes().back() != '\n') buffer_.append("\n");
    const std::string_view bytes = buffer_.bytes();
    std::size_t begin = 0;
    for (std::size_t end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n', begin)) {
      reply_line(++number, bytes.substr(begin, end - begin));
      begin = end + 1;
    }
    buffer_.drop_front(begin);
  }
}

void Explainer::reply_line(int number, std::string_view line) {
  line = base::trim(line);
  if (!line.empty()) print(printer_.reply(number, explain_reply_line(rules_, line), first_));
}

void Explainer::print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  first_ = false;
}

void Explainer::finish() {
  const std::string end = printer_.end(first_);
  std::fwrite(end.data(), 1, end.size(), stdout);
  if (std::fflush(stdout) != 0)
    fail_({base::ErrorCode::io, "cannot write to standard output", "is the disk full?", ""});
}

}  // namespace todoku::app
