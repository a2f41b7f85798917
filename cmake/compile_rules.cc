// Part of the build: compile_rules OUTPUT writes what bounce/compiled_rules.h tells of, from the texts that are
// embedded in the library. An error in them is told and fails the build.
#include <cstdio>
#include <fstream>

#include "bounce/compiled_rules.h"

namespace todoku::bounce {

// The program has them from what this one writes.
std::span<const std::uint64_t> compiled_all() { return {}; }

}  // namespace todoku::bounce

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const auto compiled = todoku::bounce::compile_all();
  if (!compiled) {
    std::fprintf(stderr, "%s\n", compiled.error().text().c_str());
    return 1;
  }
  std::ofstream out(argv[1], std::ios::binary);
  const auto bytes = std::as_bytes(std::span(*compiled));
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return out.flush() ? 0 : 1;
}
