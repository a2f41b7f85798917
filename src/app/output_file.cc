#include "app/output_file.h"

#include <cerrno>
#include <memory>
#include <system_error>

namespace todoku::app {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const {
    if (file != stdout) std::fclose(file);
  }
};

}  // namespace

void write_output(Context& context, const std::string& name, const std::function<void(std::FILE*)>& write) {
  const std::unique_ptr<std::FILE, CloseFile> file(name == "-" ? stdout : std::fopen(name.c_str(), "wbe"));
  if (file) write(file.get());
  if (!file || std::fflush(file.get()) != 0 || std::ferror(file.get()) != 0)
    context.fail({base::ErrorCode::io, std::generic_category().message(errno), "", name});
}

}  // namespace todoku::app
