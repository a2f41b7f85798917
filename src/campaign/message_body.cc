#include "campaign/message_body.h"

#include <algorithm>

#include "mail/short_lines.h"
#include "mail/utf8.h"

namespace todoku::campaign {
namespace {

using mail::TransferEncoding;

bool ends_line(std::string_view text) { return text.ends_with('\n') || text.ends_with('\r'); }

/// By the fixed text alone: what is filled in is small, and not known yet.
TransferEncoding choose(const liquid::Program& program, Lines lines) {
  std::string fixed;
  for (const liquid::Segment& segment : program.segments()) fixed += segment.text;
  return program.fixed() && lines == Lines::as_written ? mail::choose_encoding(fixed) : mail::shorter_encoding(fixed);
}

std::array<Base64Form, 3> base64_forms(std::string_view text) {
  std::array<Base64Form, 3> forms;
  for (std::size_t taken = 0; taken < forms.size(); ++taken) {
    const std::string_view bytes = text.substr(std::min(taken, text.size()));
    const std::size_t whole = bytes.size() / 3 * 3;
    mail::append_base64(forms[taken].lines, bytes.substr(0, whole));
    forms[taken].rest = bytes.substr(whole);
  }
  return forms;
}

}  // namespace

MessageBody::MessageBody(liquid::Program program, Lines lines)
    : program_(std::move(program)), lines_(lines), encoding_(choose(program_, lines)) {
  for (const liquid::Segment& segment : program_.segments()) {
    if (segment.fixed) {
      add_fixed(segment.text);
    } else {
      BodyPiece piece;
      piece.segment = segment;
      pieces_.push_back(std::move(piece));
    }
  }
}

void MessageBody::add_fixed(std::string_view text) {
  BodyPiece piece;
  piece.fixed = true;
  if (lines_ != Lines::as_written) {
    piece.text = text;
  } else if (encoding_ == TransferEncoding::quoted_printable) {
    mail::append_quoted_printable(piece.text, text);
    if (!ends_line(text)) piece.text += mail::kSoftBreak;
  } else {
    mail::append_crlf(piece.text, text);
    if (encoding_ == TransferEncoding::base64) piece.base64 = base64_forms(piece.text);
  }
  pieces_.push_back(std::move(piece));
}

std::size_t MessageBody::fixed_size() const {
  std::size_t size = 0;
  for (const BodyPiece& piece : pieces_) {
    if (lines_ != Lines::as_written) {
      size += piece.text.size() * 3 / 2;  // about what either encoding makes of it
      continue;
    }
    size += encoding_ == TransferEncoding::base64 ? piece.base64[0].lines.size() + 6 : piece.text.size();
  }
  return size;
}

base::Result<void> BodyWriter::write(const MessageBody& body, const liquid::RenderInput& input, std::string& out) {
  const bool base64 = body.encoding() == TransferEncoding::base64;
  renderer_.begin(body.program(), input);
  pending_.clear();
  if (body.lines() != Lines::as_written) return write_in_short_lines(body, out);
  for (const BodyPiece& piece : body.pieces()) {
    if (piece.fixed && base64) {
      write_base64(piece, out);
    } else if (piece.fixed) {
      out += piece.text;
    } else {
      if (auto r = render(piece.segment); !r) return r;
      if (base64) {
        mail::append_crlf(pending_, rendered_);
      } else {
        write_quoted(out);
      }
    }
  }
  mail::append_base64(out, pending_);
  return base::done;
}

base::Result<void> BodyWriter::write_in_short_lines(const MessageBody& body, std::string& out) {
  for (const BodyPiece& piece : body.pieces()) {
    if (!piece.fixed) {
      if (auto r = render(piece.segment); !r) return r;
    }
    pending_ += piece.fixed ? piece.text : rendered_;
  }
  const std::string text = body.lines() == Lines::flowed ? mail::flowed(pending_) : mail::html_in_short_lines(pending_);
  if (body.encoding() == TransferEncoding::base64) {
    std::string lines;
    mail::append_crlf(lines, text);
    mail::append_base64(out, lines);
  } else {
    mail::append_quoted_printable(out, text);
  }
  return base::done;
}

base::Result<void> BodyWriter::render(const liquid::Segment& segment) {
  rendered_.clear();
  if (auto r = renderer_.segment(segment, rendered_); !r) return r;
  clean_text(rendered_);
  return base::done;
}

void BodyWriter::write_quoted(std::string& out) {
  if (rendered_.empty()) return;
  mail::append_quoted_printable(out, rendered_);
  if (!ends_line(rendered_)) out += mail::kSoftBreak;
}

void BodyWriter::write_base64(const BodyPiece& piece, std::string& out) {
  const std::size_t missing = (3 - pending_.size() % 3) % 3;
  if (piece.text.size() < missing) {
    pending_ += piece.text;
    return;
  }
  pending_.append(piece.text, 0, missing);
  mail::append_base64(out, pending_);
  out += piece.base64[missing].lines;
  pending_ = piece.base64[missing].rest;
}

void clean_text(std::string& text) {
  const auto dropped = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F;
  };
  std::erase_if(text, dropped);
  if (!mail::is_utf8(text)) text = mail::utf8_scrub(text);
}

}  // namespace todoku::campaign
