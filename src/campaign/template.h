// A template as its author keeps it, read and checked.
//
// Either a folder:
//   template.toml    subject, preheader, from, reply-to; each may be left out
//   subject.txt      the subject, where template.toml has none
//   body.html, body.txt   one or both; without body.txt the text part is made from the HTML
//   anything else    images that body.html shows by their relative path; they travel inside the mail (cid:)
//   attachments/     files to attach
// or one file, NAME.html or NAME.txt, which begins with the same keys:
//   ---
//   subject: 春のお知らせ、{{ contact.name | default: "お客様" }}様
//   from: とどく編集部 <news@example.jp>
//   ---
// with the images beside it. Everything is UTF-8. Subject, preheader and bodies are in the merge language of liquid.h.
// Faults name file, line and column.
#pragma once
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "campaign/campaign.h"
#include "campaign/liquid.h"
#include "mail/mime_layout.h"

namespace todoku::campaign {

/// A piece of a template's files, which remembers where it stood.
struct SourceText {
  std::string text;
  std::string name;
  std::size_t first_line = 1;
  std::size_t first_column = 1;
  [[nodiscard]] liquid::Source source() const { return {text, name, first_line, first_column}; }
};

struct Template {
  SourceText subject;
  SourceText preheader;  // empty: none; what mail readers show after the subject
  std::string from;      // as typed; empty: the campaign's
  std::string reply_to;  // likewise
  std::optional<SourceText> html;
  SourceText text;  // always there, made from the HTML where the author gave none
  bool text_from_html = false;
  std::vector<mail::MimeFile> inline_files;
  std::vector<mail::MimeFile> attachments;
};

/// What is odd but no fault.
struct Remark {
  std::string where;
  std::string message;
  std::string hint;
};

/// Reads the files of a template, those that one file refers to among them. Nothing outside its folder; hidden files
/// are left out; 30 MB at most.
base::Result<std::vector<TemplateFile>> read_template(const std::filesystem::path& path);

/// Checks everything that can be checked without a recipient.
base::Result<Template> parse_template(std::span<const TemplateFile> files);

/// Names that nothing stands behind: `contact_fields` are those that contacts have, beside name and address.
[[nodiscard]] std::vector<Remark> unknown_names(const Template& parsed, std::span<const std::string> contact_fields);

}  // namespace todoku::campaign
