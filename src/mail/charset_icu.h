// ICU's converter as a value that closes itself.
#pragma once
#include <unicode/ucnv.h>

#include <memory>
#include <string>

namespace todoku::mail {

struct ConverterClose {
  void operator()(UConverter* converter) const { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, ConverterClose>;

/// Stops at invalid bytes instead of replacing them. Null where ICU does not know the name.
Converter open_converter(const std::string& charset);

}  // namespace todoku::mail
