#include "mail/read_mail.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/owned.h"
#include "mail/gmime.h"

namespace todoku::mail {
namespace {

using GText = base::Owned<char, g_free>;

std::string text_or_empty(const char* text) { return text == nullptr ? "" : text; }

std::string content_of(GMimePart* part) {
  GMimeDataWrapper* const wrapper = g_mime_part_get_content(part);
  if (wrapper == nullptr) return "";
  const GObjectPtr<GMimeStream> stream(g_mime_stream_mem_new());
  g_mime_data_wrapper_write_to_stream(wrapper, stream.get());
  const GByteArray* const bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
  return {reinterpret_cast<const char*>(bytes->data), bytes->len};
}

ReadPart read_part(GMimeObject* object) {
  GMimePart* const part = GMIME_PART(object);
  const GText type(g_mime_content_type_get_mime_type(g_mime_object_get_content_type(object)));
  return {text_or_empty(type.get()),
          text_or_empty(g_mime_content_encoding_to_string(g_mime_part_get_content_encoding(part))),
          text_or_empty(g_mime_object_get_disposition(object)),
          text_or_empty(g_mime_part_get_filename(part)),
          text_or_empty(g_mime_object_get_content_id(object)),
          content_of(part)};
}

void read_fields(GMimeMessage* message, ReadMail& into) {
  GMimeHeaderList* const headers = g_mime_object_get_header_list(GMIME_OBJECT(message));
  for (int i = 0; i < g_mime_header_list_get_count(headers); ++i) {
    GMimeHeader* const header = g_mime_header_list_get_header_at(headers, i);
    const GText unfolded(g_mime_utils_header_unfold(g_mime_header_get_raw_value(header)));
    const GText decoded(g_mime_utils_header_decode_text(nullptr, unfolded.get()));
    into.fields.emplace_back(g_mime_header_get_name(header), base::trim(text_or_empty(decoded.get())));
  }
}

}  // namespace

std::string ReadMail::field(std::string_view name) const {
  const auto found = std::ranges::find_if(fields, [&](const auto& each) { return base::iequals(each.first, name); });
  return found == fields.end() ? "" : found->second;
}

const ReadPart* ReadMail::part(std::string_view type) const {
  const auto found = std::ranges::find(parts, type, &ReadPart::type);
  return found == parts.end() ? nullptr : &*found;
}

std::optional<ReadMail> read_mail(std::string_view mail) {
  start_gmime();
  const GObjectPtr<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(mail.data(), mail.size()));
  const GObjectPtr<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  GMimeMessage* const raw = g_mime_parser_construct_message(parser.get(), nullptr);
  if (raw == nullptr) return std::nullopt;
  const GObjectPtr<GMimeMessage> message(raw);
  ReadMail read;
  read_fields(message.get(), read);
  const auto visit = [](GMimeObject*, GMimeObject* part, void* into) {
    if (GMIME_IS_PART(part)) static_cast<ReadMail*>(into)->parts.push_back(read_part(part));
  };
  g_mime_message_foreach(message.get(), visit, &read);
  return read;
}

}  // namespace todoku::mail
