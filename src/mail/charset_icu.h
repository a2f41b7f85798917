// ICU's converter as a value that closes itself.
#pragma once
#include <unicode/ucnv.h>

#include <string>

#include "base/owned.h"

namespace todoku::mail {

using Converter = base::Owned<UConverter, ucnv_close>;

/// Stops at invalid bytes instead of replacing them. Null where ICU does not know the name.
Converter open_converter(const std::string& charset);

}  // namespace todoku::mail
