#include "app/output_file.h"

#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>

namespace todoku::app {
namespace {

namespace fs = std::filesystem;

struct CloseFile {
  void operator()(std::FILE* file) const {
    if (file != stdout) std::fclose(file);
  }
};

[[noreturn]] void fail() { throw std::system_error(errno, std::generic_category()); }

/// Devices, pipes and links are written to as they are.
bool takes_its_name_at_once(const std::string& name) {
  const fs::file_status status = fs::symlink_status(name);
  return fs::exists(status) && !fs::is_regular_file(status);
}

void write_file(const std::string& name, const std::function<void(std::FILE*)>& write) {
  const std::unique_ptr<std::FILE, CloseFile> file(name == "-" ? stdout : std::fopen(name.c_str(), "wbe"));
  if (!file) fail();
  write(file.get());
  if (std::fflush(file.get()) != 0) fail();
}

}  // namespace

void write_output(Context& context, const std::string& name, const std::function<void(std::FILE*)>& write) {
  const bool at_once = name == "-" || takes_its_name_at_once(name);
  const std::string place = at_once ? name : name + ".part";
  try {
    write_file(place, write);
    if (!at_once) fs::rename(place, name);
  } catch (const std::system_error& error) {
    std::error_code ignored;  // it may never have been made
    if (!at_once) fs::remove(place, ignored);
    context.fail({base::ErrorCode::io, error.code().message(), "", name});
  }
}

}  // namespace todoku::app
