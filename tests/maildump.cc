// Reads mails with GMime and prints each as one line of JSON: `maildump FILE…`
//   {"file", "headers": [[name, decoded value], …], "parts": [{"type", "charset", "disposition", "filename", "id",
//   "sha256"}, …]}
// The end-to-end tests compare it with what Python's email package reads from the same file. It uses GMime by itself,
// not through our mail module, so that a fault of ours cannot hide in both the writing and the reading.
#include <glib.h>
#include <gmime/gmime.h>

#include <boost/json.hpp>
#include <cstdio>
#include <memory>
#include <string>

namespace {

namespace json = boost::json;

struct Unref {
  void operator()(gpointer object) const { g_object_unref(object); }
};
template <typename T>
using Ref = std::unique_ptr<T, Unref>;

std::string text(const char* value) { return value != nullptr ? value : ""; }

json::array headers(GMimeObject* object) {
  json::array result;
  GMimeHeaderList* list = g_mime_object_get_header_list(object);
  for (int i = 0; i < g_mime_header_list_get_count(list); ++i) {
    GMimeHeader* header = g_mime_header_list_get_header_at(list, i);
    result.push_back(json::array{text(g_mime_header_get_name(header)), text(g_mime_header_get_value(header))});
  }
  return result;
}

// The part's content as the reader gets it: transfer encoding undone, bytes of the charset as they are.
std::string sha256(GMimePart* part) {
  Ref<GMimeStream> memory(g_mime_stream_mem_new());
  g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(part), memory.get());
  // GMimeStreamMem owns the array.
  const GByteArray* bytes = g_mime_stream_mem_get_byte_array(reinterpret_cast<GMimeStreamMem*>(memory.get()));
  const std::unique_ptr<char, decltype(&g_free)> sum(
      g_compute_checksum_for_data(G_CHECKSUM_SHA256, bytes->data, bytes->len), &g_free);
  return sum.get();
}

void add_part(GMimeObject* /*parent*/, GMimeObject* object, gpointer parts) {
  if (!GMIME_IS_PART(object)) return;
  auto* part = reinterpret_cast<GMimePart*>(object);
  GMimeContentType* type = g_mime_object_get_content_type(object);
  const std::unique_ptr<char, decltype(&g_free)> name(g_mime_content_type_get_mime_type(type), &g_free);
  static_cast<json::array*>(parts)->push_back(
      json::object{{"type", text(name.get())},
                   {"charset", text(g_mime_object_get_content_type_parameter(object, "charset"))},
                   {"disposition", text(g_mime_object_get_disposition(object))},
                   {"filename", text(g_mime_part_get_filename(part))},
                   {"id", text(g_mime_object_get_content_id(object))},
                   {"sha256", sha256(part)}});
}

bool dump(const char* file) {
  Ref<GMimeStream> stream(g_mime_stream_file_open(file, "r", nullptr));
  if (!stream) return false;
  Ref<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  Ref<GMimeMessage> message(g_mime_parser_construct_message(parser.get(), nullptr));
  if (!message) return false;
  json::array parts;
  GMimeObject* body = g_mime_message_get_mime_part(message.get());
  add_part(nullptr, body, &parts);
  if (GMIME_IS_MULTIPART(body)) g_mime_multipart_foreach(reinterpret_cast<GMimeMultipart*>(body), add_part, &parts);
  const json::object mail{
      {"file", file}, {"headers", headers(reinterpret_cast<GMimeObject*>(message.get()))}, {"parts", parts}};
  return std::puts(json::serialize(mail).c_str()) >= 0;
}

}  // namespace

int main(int argc, char** argv) {
  g_mime_init();
  for (int i = 1; i < argc; ++i) {
    if (dump(argv[i])) continue;
    std::fprintf(stderr, "maildump: cannot read %s as a mail\n", argv[i]);
    return 1;
  }
  g_mime_shutdown();
  return 0;
}
