// Where an export is written to: a file, or standard output.
#pragma once
#include <cstdio>
#include <functional>
#include <string>

#include "app/command.h"

namespace todoku::app {

/// Calls `write` with what becomes the file of that name; "-": standard output. The file is there whole or as it was
/// before: it gets its name only at the end (NAME.part until then). What fails is the command's error, with the name.
void write_output(Context& context, const std::string& name, const std::function<void(std::FILE*)>& write);

}  // namespace todoku::app
