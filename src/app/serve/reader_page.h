// The plain page that readers see who follow a link of a mail: one heading, a few words, nothing loaded or run.
#pragma once
#include <string_view>

#include "bounce/explanation.h"
#include "http/message.h"

namespace todoku::app {

/// Japanese or English, as the request prefers.
[[nodiscard]] bounce::Language reader_language(const http::Request& request);

/// `title` is text, `content` HTML.
[[nodiscard]] http::Response reader_page(int status, bounce::Language language, std::string_view title,
                                         std::string_view content);

}  // namespace todoku::app
