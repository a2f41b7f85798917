#include "authentication/dmarc_file.h"

#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <optional>
#include <utility>

#include "base/ascii.h"
#include "base/owned.h"

namespace todoku::authentication {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::size_t kPiece = 64 << 10;
// Reports shrink to a twentieth or so; what shrinks to less than a two-hundredth was made to.
constexpr std::size_t kMostRatio = 200;
constexpr std::size_t kFreeOfRatio = 1 << 20;

using Archive = base::Owned<archive, archive_read_free>;

enum class Form : std::uint8_t { xml, gzip, zip, other_archive, unknown };

Form form_of(std::string_view bytes) {
  if (bytes.starts_with("\x1f\x8b")) return Form::gzip;
  if (bytes.starts_with("PK\x03\x04") || bytes.starts_with("PK\x05\x06") || bytes.starts_with("PK00PK"))
    return Form::zip;
  for (const std::string_view magic : {"BZh", "7z\xbc\xaf", "\xfd\x37zXZ", "Rar!", "\x28\xb5\x2f\xfd"}) {
    if (bytes.starts_with(magic)) return Form::other_archive;
  }
  for (const std::string_view mark : {"\xef\xbb\xbf", "\xff\xfe", "\xfe\xff"}) {
    if (bytes.starts_with(mark)) return Form::xml;
  }
  const std::string_view start = base::trim(bytes.substr(0, 1000));
  return start.starts_with('<') ? Form::xml : Form::unknown;
}

Error too_large() {
  return {ErrorCode::limit, "the archive holds more than a DMARC report can", "it may have been made to do harm", ""};
}

Error broken(archive* handle) {
  const char* why = archive_error_string(handle);
  return {ErrorCode::invalid, std::string("the archive cannot be read: ") + (why == nullptr ? "it is empty" : why), "",
          ""};
}

Archive opened(std::string_view bytes, Form form) {
  Archive handle(archive_read_new());
  if (!handle) return nullptr;
  if (form == Form::gzip) {
    // Exactly one gzip: the usual look for filters would go on unpacking what comes out.
    if (archive_read_append_filter(handle.get(), ARCHIVE_FILTER_GZIP) != ARCHIVE_OK) return nullptr;
    if (archive_read_set_format(handle.get(), ARCHIVE_FORMAT_RAW) != ARCHIVE_OK) return nullptr;
  } else if (archive_read_support_format_zip(handle.get()) != ARCHIVE_OK) {
    return nullptr;
  }
  if (archive_read_open_memory(handle.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) return nullptr;
  return handle;
}

/// The bytes of the current entry; `room` is what may still come out of the archive.
base::Result<DmarcDocument> read_entry(archive* handle, std::size_t room, std::size_t packed) {
  DmarcDocument document;
  std::array<char, kPiece> piece{};
  for (;;) {
    const auto got = archive_read_data(handle, piece.data(), piece.size());
    if (got == 0) return document;
    if (got < 0) {
      if (document.xml.empty()) return broken(handle);
      document.cut = true;
      return document;
    }
    document.xml.append(piece.data(), static_cast<std::size_t>(got));
    const std::size_t size = document.xml.size();
    if (size > room || (size > kFreeOfRatio && size / kMostRatio > packed)) return too_large();
  }
}

bool is_beside_the_point(archive_entry* entry, std::string_view name) {
  return archive_entry_filetype(entry) == AE_IFDIR || name.starts_with("__MACOSX/");
}

/// Nothing: the entry is not one to read.
base::Result<std::optional<DmarcDocument>> next_document(archive* handle, archive_entry* entry, std::size_t room,
                                                         std::size_t packed) {
  const char* path = archive_entry_pathname(entry);
  const std::string name = path == nullptr ? "" : path;
  if (is_beside_the_point(entry, name)) return std::optional<DmarcDocument>();
  if (archive_entry_is_encrypted(entry) != 0) {
    return Error{ErrorCode::refused, "the archive is encrypted", "ask its sender for reports without a password", name};
  }
  auto document = read_entry(handle, room, packed);
  if (!document) return std::move(document).error();
  document->name = name;
  switch (form_of(document->xml)) {
    case Form::gzip:
    case Form::zip:
    case Form::other_archive:
      return Error{ErrorCode::refused, "there is an archive in the archive", "it may have been made to do harm", name};
    case Form::xml:
      return std::optional(*std::move(document));
    case Form::unknown:
      break;
  }
  return std::optional<DmarcDocument>();
}

base::Result<std::vector<DmarcDocument>> unpack(std::string_view bytes, Form form) {
  const Archive handle = opened(bytes, form);
  if (!handle) return Error{ErrorCode::invalid, "the archive cannot be read", "", ""};
  std::vector<DmarcDocument> documents;
  std::size_t room = kLargestDmarcReport, entries = 0;
  archive_entry* entry = nullptr;
  for (;;) {
    const int state = archive_read_next_header(handle.get(), &entry);
    if (state == ARCHIVE_EOF) break;
    if (state != ARCHIVE_OK && state != ARCHIVE_WARN) {
      if (documents.empty()) return broken(handle.get());
      break;
    }
    if (++entries > kMostDmarcDocuments) return too_large();
    auto document = next_document(handle.get(), entry, room, bytes.size());
    if (!document) return std::move(document).error();
    if (!*document) continue;
    room -= (*document)->xml.size();
    documents.push_back(**std::move(document));
  }
  if (documents.empty()) return Error{ErrorCode::invalid, "there is no XML in the archive", "", ""};
  return documents;
}

}  // namespace

base::Result<std::vector<DmarcDocument>> unpack_dmarc_file(std::string_view bytes) {
  switch (const Form form = form_of(bytes)) {
    case Form::xml:
      if (bytes.size() > kLargestDmarcReport) return too_large();
      return std::vector<DmarcDocument>{{.name = "", .xml = std::string(bytes), .cut = false}};
    case Form::gzip:
    case Form::zip:
      return unpack(bytes, form);
    case Form::other_archive:
    case Form::unknown:
      break;
  }
  return Error{ErrorCode::invalid, "this is neither XML nor gzip nor zip", "", ""};
}

base::Result<std::vector<DmarcReport>> read_dmarc_file(std::string_view bytes) {
  auto documents = unpack_dmarc_file(bytes);
  if (!documents) return std::move(documents).error();
  std::vector<DmarcReport> reports;
  std::optional<Error> first;
  for (const DmarcDocument& document : *documents) {
    auto report = parse_dmarc_report(document.xml);
    if (!report) {
      if (!first) first = std::move(report).error();
      continue;
    }
    if (document.cut && report->problem.empty()) report->problem = "the archive breaks off";
    reports.push_back(*std::move(report));
  }
  if (reports.empty()) return *std::move(first);
  return reports;
}

}  // namespace todoku::authentication
