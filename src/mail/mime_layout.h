// The MIME structure of a mail (RFC 2045–2049, 2183, 2387), laid out once by GMime with places for the text parts.
//
// multipart/mixed( multipart/related( multipart/alternative( text, html ), inline images ), attachments ), each level
// only where it has something to hold. Boundaries follow from the content, so the same parts give the same bytes; they
// cannot occur in quoted-printable or base64. The texts themselves are put in afterwards, transfer-encoded by the
// caller.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "mail/transfer_encoding.h"

namespace todoku::mail {

/// A file inside the mail.
struct MimeFile {
  std::string name;          // as the reader sees it; may be Japanese
  std::string content_type;  // "image/png"; empty: by the name's ending
  std::string content;
  std::string content_id;  // inline images: without <>, as the HTML's cid: has it
};

/// A place for text, which is always in UTF-8.
struct TextPart {
  std::string subtype;  // "plain", "html"
  TransferEncoding encoding = TransferEncoding::quoted_printable;
  bool flowed = false;  // as flowed() writes it (short_lines.h)
};

struct MimeParts {
  std::vector<TextPart> texts;         // one, or two that are alternatives, the best last
  std::vector<MimeFile> inline_files;  // shown inside the HTML
  std::vector<MimeFile> attachments;
};

/// What stands around the texts: pieces[0], first text, pieces[1], …; one piece more than texts. pieces[0] begins with
/// MIME-Version and the other MIME fields of the message's header, and ends after the blank line before the first text.
/// CRLF line ends. A text must end with a line end.
struct MimeLayout {
  std::vector<std::string> pieces;
};

base::Result<MimeLayout> lay_out(const MimeParts& parts);

/// "image/png" for "logo.PNG"; "application/octet-stream" where the ending says nothing.
[[nodiscard]] std::string_view content_type_of(std::string_view file_name);

}  // namespace todoku::mail
