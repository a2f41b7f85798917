#include "app/demo_files.h"

#include <fstream>
#include <span>
#include <stdexcept>

#include "base/embedded_file.h"

namespace todoku::app {

std::span<const base::EmbeddedFile> embedded_demo();  // generated from data/demo

void write_demo_files(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
  for (const base::EmbeddedFile& embedded : embedded_demo()) {
    const std::filesystem::path path = folder / embedded.path;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream file(path, std::ios::binary);
    file.write(embedded.content.data(), static_cast<std::streamsize>(embedded.content.size()));
    file.close();
    if (!file) throw std::runtime_error("cannot write " + path.string());
  }
}

}  // namespace todoku::app
