// One text part of a message: its fixed stretches encoded beforehand, so that filling in a merge field never encodes
// them again.
//
// Quoted-printable: a soft line break may stand anywhere, so each stretch begins in column 0 after one. Base64: a
// stretch can begin on any of three bytes of a group, so it is kept encoded in three forms, and the writer takes the
// one that goes on where the filled-in text ended.
//
// Short lines: where a line breaks depends on what is filled in, so nothing is encoded beforehand.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "campaign/liquid.h"
#include "mail/transfer_encoding.h"

namespace todoku::campaign {

/// A fixed stretch in base64, after k bytes of it went to complete the group before: whole lines, and what is left
/// over.
struct Base64Form {
  std::string lines;
  std::string rest;
};

struct BodyPiece {
  bool fixed = false;
  std::string text;                  // 7bit and quoted-printable: as it goes out; base64, short lines: the bytes
  std::array<Base64Form, 3> base64;  // by the bytes taken from its beginning
  liquid::Segment segment;           // of a piece to be rendered
};

/// How the text's own lines, seen once it is decoded, are laid out (mail/short_lines.h).
enum class Lines : std::uint8_t { as_written, flowed, short_html };

class MessageBody {
 public:
  /// The program's text ends with a line end.
  explicit MessageBody(liquid::Program program, Lines lines = Lines::as_written);

  [[nodiscard]] mail::TransferEncoding encoding() const { return encoding_; }
  [[nodiscard]] Lines lines() const { return lines_; }
  [[nodiscard]] const liquid::Program& program() const { return program_; }
  [[nodiscard]] const std::vector<BodyPiece>& pieces() const { return pieces_; }
  [[nodiscard]] std::size_t fixed_size() const;

 private:
  void add_fixed(std::string_view text);

  liquid::Program program_;
  Lines lines_;
  mail::TransferEncoding encoding_;
  std::vector<BodyPiece> pieces_;
};

/// Fills bodies in; keeps its memory.
class BodyWriter {
 public:
  base::Result<void> write(const MessageBody& body, const liquid::RenderInput& input, std::string& out);

 private:
  base::Result<void> render(const liquid::Segment& segment);
  base::Result<void> write_in_short_lines(const MessageBody& body, std::string& out);
  void write_quoted(std::string& out);
  void write_base64(const BodyPiece& piece, std::string& out);

  liquid::Renderer renderer_;
  std::string rendered_;  // of one segment
  std::string pending_;   // bytes that wait for their group's third
};

/// Rendered text fit for a body: control characters but for tabs and line ends dropped, malformed UTF-8 replaced.
void clean_text(std::string& text);

}  // namespace todoku::campaign
