// A template's files on disk.
#include <algorithm>
#include <fstream>
#include <iterator>

#include "campaign/attach_files.h"
#include "campaign/template.h"
#include "campaign/template_images.h"

namespace todoku::campaign {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;

constexpr std::size_t kMostBytes = std::size_t{30} << 20;
constexpr std::size_t kMostFiles = 1000;

class Files {
 public:
  explicit Files(fs::path folder) : folder_(std::move(folder)) {}
  explicit Files(std::vector<TemplateFile> found) : found_(std::move(found)) {
    for (const TemplateFile& file : found_) total_ += file.content.size();
  }

  base::Result<void> add(const fs::path& path, std::string name) {
    std::error_code failed;
    const auto size = fs::file_size(path, failed);
    if (failed) return io("cannot be read: " + failed.message(), path);
    if (total_ + size > kMostBytes || found_.size() >= kMostFiles) {
      return Error{ErrorCode::limit, "the template's files are more than 30 MB, or more than 1,000",
                   "make images smaller, or link to large files instead", path.string()};
    }
    std::ifstream in(path, std::ios::binary);
    std::string content(std::istreambuf_iterator<char>(in), {});
    if (!in) return io("cannot be read", path);
    total_ += content.size();
    found_.push_back({std::move(name), std::move(content)});
    return base::done;
  }

  base::Result<void> add_folder() {
    std::error_code failed;
    fs::recursive_directory_iterator at(folder_, failed);
    for (; !failed && at != fs::recursive_directory_iterator(); at.increment(failed)) {
      const std::string name = at->path().filename().string();
      const bool hidden = name.starts_with('.') || name.ends_with('~');
      if (hidden && at->is_directory(failed)) at.disable_recursion_pending();
      if (hidden || !at->is_regular_file(failed)) continue;
      if (auto r = add(at->path(), at->path().lexically_relative(folder_).generic_string()); !r) return r;
    }
    if (failed) return io("cannot be read: " + failed.message(), folder_);
    std::ranges::sort(found_, {}, &TemplateFile::path);
    return base::done;
  }

  /// The images that an HTML file shows, as far as they are there; what is missing parse_template() tells.
  base::Result<void> add_images(const std::string& html) {
    for (const ImageReference& reference : image_references(html)) {
      const fs::path relative = fs::path(reference.path).lexically_normal();
      const bool outside = relative.is_absolute() || relative.empty() || *relative.begin() == "..";
      const bool known = std::ranges::find(found_, reference.path, &TemplateFile::path) != found_.end();
      std::error_code failed;
      if (outside || known || !fs::is_regular_file(folder_ / relative, failed)) continue;
      if (auto r = add(folder_ / relative, reference.path); !r) return r;
    }
    return base::done;
  }

  /// From elsewhere, to be attached.
  base::Result<void> attach(const fs::path& path) {
    const std::string name = "attachments/" + path.filename().string();
    std::error_code failed;
    if (!fs::is_regular_file(path, failed)) {
      return Error{ErrorCode::not_found, "there is no file to attach here", "check the path", path.string()};
    }
    if (std::ranges::find(found_, name, &TemplateFile::path) != found_.end()) {
      return Error{ErrorCode::exists, "a file of that name is attached already", "rename one of them", path.string()};
    }
    return add(path, name);
  }

  std::vector<TemplateFile> take() && { return std::move(found_); }
  [[nodiscard]] const TemplateFile& first() const { return found_.front(); }

 private:
  static Error io(std::string message, const fs::path& path) {
    return {ErrorCode::io, std::move(message), "check the path and its rights", path.string()};
  }

  fs::path folder_;
  std::vector<TemplateFile> found_;
  std::size_t total_ = 0;
};

}  // namespace

base::Result<std::vector<TemplateFile>> read_template(const fs::path& path) {
  std::error_code failed;
  if (fs::is_directory(path, failed)) {
    Files files(path);
    if (auto r = files.add_folder(); !r) return std::move(r).error();
    return std::move(files).take();
  }
  if (!fs::is_regular_file(path, failed)) {
    return Error{ErrorCode::not_found, "there is no template here", "give a folder, or a .html or .txt file",
                 path.string()};
  }
  const std::string ending = path.extension().string();
  if (ending != ".html" && ending != ".htm" && ending != ".txt") {
    return Error{ErrorCode::invalid, "a template of one file ends in .html or .txt", "rename it, or give a folder",
                 path.string()};
  }
  Files files(path.parent_path());
  if (auto r = files.add(path, path.filename().string()); !r) return std::move(r).error();
  if (ending != ".txt") {
    const std::string html = files.first().content;
    if (auto r = files.add_images(html); !r) return std::move(r).error();
  }
  return std::move(files).take();
}

base::Result<void> attach_files(std::vector<TemplateFile>& files, std::span<const fs::path> paths) {
  Files all(files);
  for (const fs::path& path : paths) {
    if (auto r = all.attach(path); !r) return r;
  }
  files = std::move(all).take();
  std::ranges::sort(files, {}, &TemplateFile::path);
  return base::done;
}

}  // namespace todoku::campaign
