// Images that an HTML body shows by their relative path, and how they travel inside the mail.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "campaign/template.h"

namespace todoku::campaign {

struct ImageReference {
  std::size_t offset = 0;  // of the value in the HTML
  std::size_t length = 0;
  std::string path;  // decoded: what file it names
};

/// The values of src and background attributes that name a file beside the HTML: no scheme, no //, no merge tags.
[[nodiscard]] std::vector<ImageReference> image_references(std::string_view html);

/// Rewrites them to cid: and adds the files to `images`; every other byte stays. A file that is not there is a fault.
base::Result<void> attach_images(SourceText& html, std::span<const TemplateFile> files,
                                 std::vector<mail::MimeFile>& images);

}  // namespace todoku::campaign
