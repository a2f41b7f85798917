// A file of the source tree that the build put into the binary (cmake/embed.py).
#pragma once
#include <string_view>

namespace todoku::base {

struct EmbeddedFile {
  std::string_view path;  // below the embedded folder, with '/'
  std::string_view content;
};

}  // namespace todoku::base
