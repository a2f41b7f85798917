// The mail of the benchmarks: an HTML newsletter in Japanese, personalised in subject, text and HTML.
#pragma once
#include <cstddef>
#include <vector>

#include "campaign/campaign.h"

namespace todoku::app {

/// A template whose mails have about `size` bytes as they go over the wire (at least some 3 kB).
[[nodiscard]] std::vector<campaign::TemplateFile> bench_template(const campaign::Campaign& draft, std::size_t size);

/// Bytes of its mail to a reader whose fields are empty.
[[nodiscard]] std::size_t bench_mail_size(const campaign::Campaign& draft,
                                          const std::vector<campaign::TemplateFile>& files);

}  // namespace todoku::app
