// The demonstration's readers and newsletter, which are part of the program.
#pragma once
#include <filesystem>

namespace todoku::app {

/// Writes readers.csv and newsletter/ into the folder, which is made 0700 where missing. Throws where that fails.
void write_demo_files(const std::filesystem::path& folder);

}  // namespace todoku::app
