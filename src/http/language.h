// Which of our languages a client wants (Accept-Language, RFC 9110 section 12.5.4).
#pragma once
#include <span>
#include <string_view>

namespace todoku::http {

/// The offered language of the highest quality, by its primary tag; the first one offered where none fits.
[[nodiscard]] std::string_view preferred_language(std::string_view accept, std::span<const std::string_view> offered);

}  // namespace todoku::http
