#include "authentication/dmarc_report.h"

#include <libxml/xmlreader.h>

#include <algorithm>
#include <array>

#include "authentication/dmarc_report_builder.h"
#include "base/ascii.h"
#include "base/owned.h"
#include "mail/mime_reader.h"
#include "mail/utf8.h"

namespace todoku::authentication {
namespace {

using base::Error;
using base::ErrorCode;

using Reader = base::Owned<xmlTextReader, xmlFreeTextReader>;

void ignore(void* /*context*/, const char* /*text*/, xmlParserSeverities /*severity*/, void* /*locator*/) {}

std::string_view view(const xmlChar* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

/// The charset that the first bytes show, or the declaration names.
std::string declared_charset(std::string_view xml) {
  if (xml.starts_with("\xff\xfe") || xml.starts_with(std::string_view("<\0", 2))) return "utf-16le";
  if (xml.starts_with("\xfe\xff") || xml.starts_with(std::string_view("\0<", 2))) return "utf-16be";
  const std::string_view head = xml.substr(0, std::min<std::size_t>(xml.size(), 200));
  const std::size_t at = head.find("encoding=");
  if (!head.starts_with("<?xml") || at == std::string_view::npos || at + 10 > head.size()) return {};
  const std::string_view rest = head.substr(at + 10);
  return std::string(rest.substr(0, rest.find_first_of("\"'")));
}

/// Whether an ampersand here begins one of XML's own references; any other is meant as it stands.
bool is_reference(std::string_view rest) {
  constexpr auto kNames = std::to_array<std::string_view>({"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"});
  if (std::ranges::any_of(kNames, [&](std::string_view name) { return rest.starts_with(name); })) return true;
  if (!rest.starts_with("&#")) return false;
  const std::string_view digits = rest.substr(2, rest.substr(0, 12).find(';') - 2);
  return rest.substr(0, 12).find(';') != std::string_view::npos && !digits.empty() &&
         std::ranges::all_of(digits, [](char c) { return base::ascii_digit(c) || base::ascii_alpha(c); });
}

/// Without what stands behind the report: the reader looks ahead, and a fault there would cost it the last rows.
std::string_view without_rest(std::string_view text) {
  constexpr std::string_view kEnd = "feedback>";
  constexpr std::size_t kMostPrefix = 50;  // "</" and a namespace's name
  for (std::size_t at = text.rfind(kEnd); at != std::string_view::npos && at > 0; at = text.rfind(kEnd, at - 1)) {
    const std::string_view before = text.substr(at - std::min(at, kMostPrefix), std::min(at, kMostPrefix));
    const std::size_t open = before.rfind('<');
    if (open != std::string_view::npos && before.substr(open).starts_with("</"))
      return text.substr(0, at + kEnd.size());
  }
  return text;
}

/// UTF-8 without declaration, forbidden characters and references that XML does not know.
std::string cleaned(std::string_view bytes) {
  const std::string charset = declared_charset(bytes);
  const bool keeps = !charset.starts_with("utf-16") && mail::is_utf8(bytes);
  std::string text = keeps ? std::string(bytes) : mail::readable_text(std::string(bytes), charset);
  std::string_view rest = text;
  if (rest.starts_with("\xef\xbb\xbf")) rest.remove_prefix(3);
  rest = base::trim(rest);
  if (rest.starts_with("<?xml")) rest.remove_prefix(std::min(rest.size(), rest.find("?>") + 2));
  rest = without_rest(rest);
  std::string out;
  out.reserve(rest.size() + 64);
  for (std::size_t i = 0; i < rest.size() && out.size() <= 2 * kLargestDmarcReport; ++i) {
    const char c = rest[i];
    if (c == '&' && !is_reference(rest.substr(i))) {
      out += "&amp;";
    } else {
      out += static_cast<unsigned char>(c) < ' ' && !base::ascii_space(c) ? ' ' : c;
    }
  }
  return out;
}

/// Nothing: go on; else what is wrong.
const char* step(xmlTextReader* reader, DmarcReportBuilder& builder) {
  switch (xmlTextReaderNodeType(reader)) {
    case XML_READER_TYPE_ELEMENT:
      if (xmlTextReaderDepth(reader) >= kDeepestDmarcElement) return "its elements are nested too deeply";
      builder.open(view(xmlTextReaderConstLocalName(reader)));
      if (xmlTextReaderIsEmptyElement(reader) == 1) builder.close();
      break;
    case XML_READER_TYPE_TEXT:
    case XML_READER_TYPE_CDATA:
    case XML_READER_TYPE_SIGNIFICANT_WHITESPACE:
      builder.text(view(xmlTextReaderConstValue(reader)));
      break;
    case XML_READER_TYPE_END_ELEMENT:
      builder.close();
      break;
    default:
      break;
  }
  return builder.full() ? "it has too many rows" : nullptr;
}

/// Why the report is not whole; empty: it is.
std::string read(xmlTextReader* reader, DmarcReportBuilder& builder) {
  while (!builder.ended()) {
    const int more = xmlTextReaderRead(reader);
    if (more != 1) return "it breaks off or is broken";
    if (const char* problem = step(reader, builder)) return problem;
  }
  return {};
}

Error no_report(const char* why) {
  return {ErrorCode::invalid, std::string("this is no DMARC report: ") + why, "", ""};
}

}  // namespace

base::Result<DmarcReport> parse_dmarc_report(std::string_view xml) {
  if (xml.size() > kLargestDmarcReport) return Error{ErrorCode::limit, "the DMARC report is too large", "", ""};
  const std::string text = cleaned(xml);
  if (text.size() > 2 * kLargestDmarcReport) return Error{ErrorCode::limit, "the DMARC report is too large", "", ""};
  if (text.find("<!DOCTYPE") != std::string::npos) {
    return Error{ErrorCode::refused, "the DMARC report has a document type, which no receiver writes",
                 "somebody may have made it to do harm", ""};
  }
  const Reader reader(xmlReaderForMemory(text.data(), static_cast<int>(text.size()), nullptr, "UTF-8",
                                         XML_PARSE_NONET | XML_PARSE_NOCDATA));
  if (!reader) return no_report("it is empty");
  xmlTextReaderSetErrorHandler(reader.get(), ignore, nullptr);
  DmarcReportBuilder builder;
  std::string problem = read(reader.get(), builder);
  if (!builder.begun()) return no_report("it has no element \"feedback\"");
  DmarcReport report = builder.take();
  if (report.policy.domain.empty()) return no_report(problem.empty() ? "it names no domain" : problem.c_str());
  if (!problem.empty() && report.rows.empty()) return no_report(problem.c_str());
  report.problem = std::move(problem);
  return report;
}

}  // namespace todoku::authentication
