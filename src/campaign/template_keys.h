// The keys of a template, from template.toml or from the head of a single file.
#pragma once
#include <optional>
#include <string_view>

#include "base/result.h"
#include "campaign/template.h"

namespace todoku::campaign {

/// Fills in subject, preheader, from and reply-to. An unknown key is a fault.
base::Result<void> read_toml_keys(const TemplateFile& file, Template& into);

/// The same from "key: value" lines between two lines of "---" at the beginning of the file; what follows is the body.
/// A file that does not begin so is all body.
base::Result<SourceText> read_head(const TemplateFile& file, Template& into);

/// A whole file, without its byte order mark. Fault: bytes that are not UTF-8.
base::Result<SourceText> whole_text(const TemplateFile& file);

}  // namespace todoku::campaign
