// The two forms in which DKIM hashes a mail (RFC 6376 section 3.4), so that harmless changes on its way do not matter.
//
// Everything is appended to `out`. Mails have CRLF line ends; a CR or LF alone is an octet like any other.
#pragma once
#include <string>
#include <string_view>

namespace todoku::authentication {

/// Relaxed: blanks at line ends gone, other runs of blanks one space, no empty lines at the end. An empty body stays
/// empty.
void append_relaxed_body(std::string& out, std::string_view body);

/// Simple: as it is, but for empty lines at the end. An empty body becomes one line end.
void append_simple_body(std::string& out, std::string_view body);

/// Relaxed: `field` is one whole header field with its name, its line end may lack. Name in lower case, one line, runs
/// of blanks one space, none around the colon or at the end; ends with CRLF.
void append_relaxed_field(std::string& out, std::string_view field);

}  // namespace todoku::authentication
