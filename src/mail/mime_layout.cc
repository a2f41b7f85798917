#include "mail/mime_layout.h"

#include <fmt/format.h>
#include <gmime/gmime.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/ascii.h"
#include "base/owned.h"
#include "mail/gmime.h"
#include "mail/header.h"

namespace todoku::mail {
namespace {

constexpr std::string_view kPlaceMark = "@@todoku-text-";

struct FileType {
  std::string_view ending;
  std::string_view type;
};
constexpr auto kTypes =
    std::to_array<FileType>({{"png", "image/png"},
                             {"jpg", "image/jpeg"},
                             {"jpeg", "image/jpeg"},
                             {"gif", "image/gif"},
                             {"webp", "image/webp"},
                             {"svg", "image/svg+xml"},
                             {"bmp", "image/bmp"},
                             {"pdf", "application/pdf"},
                             {"txt", "text/plain; charset=utf-8"},
                             {"csv", "text/csv; charset=utf-8"},
                             {"html", "text/html; charset=utf-8"},
                             {"htm", "text/html; charset=utf-8"},
                             {"ics", "text/calendar; charset=utf-8"},
                             {"json", "application/json"},
                             {"zip", "application/zip"},
                             {"doc", "application/msword"},
                             {"xls", "application/vnd.ms-excel"},
                             {"ppt", "application/vnd.ms-powerpoint"},
                             {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
                             {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
                             {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
                             {"mp3", "audio/mpeg"},
                             {"mp4", "video/mp4"}});

/// FNV-1a over everything that the mail holds: the same parts, the same boundaries.
class Fingerprint {
 public:
  void add(std::string_view bytes) {
    for (const char c : bytes) value_ = (value_ ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
    value_ = (value_ ^ 0xFF) * 0x100000001B3u;
  }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xCBF29CE484222325u;
};

std::uint64_t fingerprint(const MimeParts& parts) {
  Fingerprint all;
  for (const TextPart& text : parts.texts) all.add(text.subtype);
  for (const auto* const files : {&parts.inline_files, &parts.attachments}) {
    for (const MimeFile& file : *files) {
      all.add(file.name);
      all.add(file.content_id);
      all.add(file.content);
    }
    all.add("");
  }
  return all.value();
}

using Part = GObjectPtr<GMimeObject>;

/// `encoding`: how `bytes` are encoded already.
Part leaf(std::string_view content_type, std::string_view bytes, GMimeContentEncoding encoding) {
  const GObjectPtr<GMimeContentType> type(g_mime_content_type_parse(nullptr, std::string(content_type).c_str()));
  Part object(g_mime_object_new_type(nullptr, "application", "octet-stream"));
  g_mime_object_set_content_type(object.get(), type.get());
  const GObjectPtr<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size()));
  const GObjectPtr<GMimeDataWrapper> content(g_mime_data_wrapper_new_with_stream(stream.get(), encoding));
  g_mime_part_set_content(GMIME_PART(object.get()), content.get());
  return object;
}

/// A part whose content is a mark that no other line of the layout can be; replaced by the text later. GMime takes the
/// mark for encoded text and leaves it alone.
Part text_place(const TextPart& text, std::size_t index) {
  const auto encoding = g_mime_content_encoding_from_string(std::string(to_string(text.encoding)).c_str());
  const std::string type =
      fmt::format("text/{}; charset=utf-8{}", text.subtype, text.flowed ? "; format=flowed; delsp=yes" : "");
  Part object = leaf(type, fmt::format("{}{}\n", kPlaceMark, index), encoding);
  g_mime_part_set_content_encoding(GMIME_PART(object.get()), encoding);
  return object;
}

Part file_part(const MimeFile& file, const char* disposition) {
  Part object = leaf(file.content_type.empty() ? content_type_of(file.name) : file.content_type, file.content,
                     GMIME_CONTENT_ENCODING_DEFAULT);
  g_mime_part_set_content_encoding(GMIME_PART(object.get()), GMIME_CONTENT_ENCODING_BASE64);
  g_mime_object_set_disposition(object.get(), disposition);
  const std::string name = header_text(file.name, 200);
  if (!name.empty()) g_mime_object_set_content_disposition_parameter(object.get(), "filename", name.c_str());
  if (!file.content_id.empty()) g_mime_object_set_content_id(object.get(), header_text(file.content_id, 200).c_str());
  return object;
}

/// Builds multiparts with boundaries that follow from the content.
class Tree {
 public:
  explicit Tree(const MimeParts& parts) : parts_(parts), fingerprint_(fingerprint(parts)) {}

  Part build() {
    Part body = alternatives();
    if (!parts_.inline_files.empty()) {
      body = wrap("related", std::move(body));
      for (const MimeFile& file : parts_.inline_files) add(body, file_part(file, "inline"));
      const std::string type = parts_.texts.size() == 1 ? "text/" + parts_.texts[0].subtype : "multipart/alternative";
      g_mime_object_set_content_type_parameter(body.get(), "type", type.c_str());
    }
    if (!parts_.attachments.empty()) {
      body = wrap("mixed", std::move(body));
      for (const MimeFile& file : parts_.attachments) add(body, file_part(file, "attachment"));
    }
    return body;
  }

 private:
  Part alternatives() {
    if (parts_.texts.size() == 1) return text_place(parts_.texts[0], 0);
    Part multipart = wrap("alternative", nullptr);
    for (std::size_t i = 0; i < parts_.texts.size(); ++i) add(multipart, text_place(parts_.texts[i], i));
    return multipart;
  }

  Part wrap(const char* subtype, Part first) {
    Part multipart(GMIME_OBJECT(g_mime_multipart_new_with_subtype(subtype)));
    // "=_" cannot occur in quoted-printable, nor "_" in base64.
    const std::string boundary = fmt::format("=_todoku_{:016x}_{}", fingerprint_, ++boundaries_);
    g_mime_multipart_set_boundary(GMIME_MULTIPART(multipart.get()), boundary.c_str());
    if (first) add(multipart, std::move(first));
    return multipart;
  }

  static void add(const Part& multipart, Part child) {
    g_mime_multipart_add(GMIME_MULTIPART(multipart.get()), child.get());
  }

  const MimeParts& parts_;
  std::uint64_t fingerprint_;
  int boundaries_ = 0;
};

std::string written(const Part& object) {
  const base::Owned<GMimeFormatOptions, g_mime_format_options_free> options(
      g_mime_format_options_clone(g_mime_format_options_get_default()));
  g_mime_format_options_set_newline_format(options.get(), GMIME_NEWLINE_FORMAT_DOS);
  g_mime_format_options_set_param_encoding_method(options.get(), GMIME_PARAM_ENCODING_METHOD_RFC2231);
  const GObjectPtr<GMimeStream> stream(g_mime_stream_mem_new());
  g_mime_object_write_to_stream(object.get(), options.get(), stream.get());
  const GByteArray* const bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
  return {reinterpret_cast<const char*>(bytes->data), bytes->len};
}

}  // namespace

base::Result<MimeLayout> lay_out(const MimeParts& parts) {
  start_gmime();
  const std::string whole = "MIME-Version: 1.0\r\n" + written(Tree(parts).build());
  MimeLayout layout;
  std::size_t at = 0;
  for (std::size_t i = 0; i < parts.texts.size(); ++i) {
    const std::string mark = fmt::format("{}{}\r\n", kPlaceMark, i);
    const std::size_t place = whole.find(mark, at);
    if (place == whole.npos) {
      return base::Error{base::ErrorCode::invalid, "the message could not be laid out", "report this as a defect", ""};
    }
    layout.pieces.push_back(whole.substr(at, place - at));
    at = place + mark.size();
  }
  layout.pieces.push_back(whole.substr(at));
  return layout;
}

std::string_view content_type_of(std::string_view file_name) {
  const std::string ending = base::ascii_lower(file_name.substr(std::min(file_name.rfind('.') + 1, file_name.size())));
  const auto* const found = std::ranges::find(kTypes, std::string_view(ending), &FileType::ending);
  return found == kTypes.end() ? "application/octet-stream" : found->type;
}

}  // namespace todoku::mail
