#include "app/serve/reader_page.h"

#include <fmt/format.h>

#include "http/language.h"
#include "http/response.h"

namespace todoku::app {

using bounce::Language;

Language reader_language(const http::Request& request) {
  constexpr std::string_view kOurs[] = {"ja", "en"};
  const std::string_view wanted = http::preferred_language(request.fields.get("Accept-Language"), kOurs);
  return wanted == "ja" ? Language::ja : Language::en;
}

http::Response reader_page(int status, Language language, std::string_view title, std::string_view content) {
  constexpr std::string_view kPage =
      "<!DOCTYPE html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\"><meta name=\"robots\" content=\"noindex\"><title>{}</title>"
      "<style>body{{font:1.1rem/1.7 system-ui,sans-serif;max-width:34rem;margin:4rem auto;padding:0 1.5rem;color:#222;"
      "background:#fff}}button{{font:inherit;padding:.6rem 1.4rem;border:0;border-radius:.4rem;background:#0b57d0;"
      "color:#fff;cursor:pointer}}button:focus-visible{{outline:3px solid #222;outline-offset:2px}}</style></head>"
      "<body><main><h1>{}</h1>{}</main></body></html>\n";
  http::Response response =
      http::page_response(status, fmt::format(kPage, language == Language::ja ? "ja" : "en", title, title, content));
  response.fields.add("Vary", "Accept-Language");
  response.fields.add("X-Robots-Tag", "noindex");
  return response;
}

}  // namespace todoku::app
