// Whom a mail had been sent to, where a forwarding, an alias or a return path says it and the recipient that failed is
// another or is not named.
#pragma once
#include <string>
#include <string_view>

namespace todoku::bounce {

/// The address that `address` was made of on its way: "b@c.d (expanded from <a@b.c>)", "generated from a@b.c",
/// "Original address: a@b.c" behind it in the notice's words. Empty where they do not say.
[[nodiscard]] std::string original_recipient_of(std::string_view words, std::string_view address);

/// Whether the words say so of anybody, so that original_recipient_of() need be asked.
[[nodiscard]] bool names_original_recipients(std::string_view words);

/// The recipient in a return path that carries it (VERP): "b-17-aoi=example.jp@news.example" is of aoi@example.jp. What
/// stands before the last "-" or "+" is taken for the sender's. Empty where it carries none.
[[nodiscard]] std::string recipient_in_return_path(std::string_view return_path);

}  // namespace todoku::bounce
