// RFC 2047 encoded-words: text beyond ASCII in header fields.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace todoku::mail {

/// Appends UTF-8 text as encoded-words, B or Q, whichever is shorter. The first begins in `column` of the present line;
/// the others stand on lines of their own. Each is at most 75 characters, on lines of at most 76, and holds whole
/// characters only. Only letters that are safe in a phrase (section 5, rule 3) stay bare in Q.
void append_encoded_words(std::string& out, std::string_view text, std::size_t column);

}  // namespace todoku::mail
