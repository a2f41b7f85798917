#include "campaign/template.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "campaign/template_images.h"
#include "campaign/template_keys.h"
#include "mail/html_text.h"

namespace todoku::campaign {
namespace {

using base::Error;
using base::ErrorCode;

bool ends_with_any(std::string_view path, std::initializer_list<std::string_view> endings) {
  const std::string lower = base::ascii_lower(path);
  return std::ranges::any_of(endings, [&](std::string_view ending) { return lower.ends_with(ending); });
}
bool is_attached(const TemplateFile& file) { return file.path.starts_with("attachments/"); }
bool is_html(const TemplateFile& file) { return !is_attached(file) && ends_with_any(file.path, {".html", ".htm"}); }
bool is_text(const TemplateFile& file) { return !is_attached(file) && ends_with_any(file.path, {".txt"}); }

const TemplateFile* find(std::span<const TemplateFile> files, std::string_view path) {
  const auto found = std::ranges::find(files, path, &TemplateFile::path);
  return found == files.end() ? nullptr : &*found;
}

bool is_folder(std::span<const TemplateFile> files) {
  constexpr auto kMarks = std::to_array<std::string_view>({"template.toml", "body.html", "body.txt"});
  return std::ranges::any_of(kMarks, [&](std::string_view name) { return find(files, name) != nullptr; });
}

void read_attachments(std::span<const TemplateFile> files, Template& into) {
  for (const TemplateFile& file : files) {
    if (!is_attached(file)) continue;
    const std::string name = file.path.substr(file.path.rfind('/') + 1);
    into.attachments.push_back({name, std::string(mail::content_type_of(name)), file.content, ""});
  }
  std::ranges::sort(into.attachments, {}, &mail::MimeFile::name);
}

base::Result<void> read_folder(std::span<const TemplateFile> files, Template& into, bool& has_text) {
  if (const auto* const keys = find(files, "template.toml")) {
    if (auto r = read_toml_keys(*keys, into); !r) return r;
  }
  if (const auto* const file = find(files, "subject.txt")) {
    auto subject = whole_text(*file);
    if (!subject) return std::move(subject).error();
    if (!into.subject.text.empty()) {
      return Error{ErrorCode::invalid, "subject.txt and template.toml both give a subject", "delete one", file->path};
    }
    into.subject = *std::move(subject);
    while (into.subject.text.ends_with('\n') || into.subject.text.ends_with('\r')) into.subject.text.pop_back();
  }
  if (const auto* const file = find(files, "body.html")) {
    auto html = whole_text(*file);
    if (!html) return std::move(html).error();
    into.html = *std::move(html);
  }
  if (const auto* const file = find(files, "body.txt")) {
    auto text = whole_text(*file);
    if (!text) return std::move(text).error();
    into.text = *std::move(text);
    has_text = true;
  }
  return base::done;
}

base::Result<void> read_single(std::span<const TemplateFile> files, Template& into, bool& has_text) {
  auto main = std::ranges::find_if(files, is_html);
  if (main == files.end()) main = std::ranges::find_if(files, is_text);
  if (main == files.end()) {
    return Error{ErrorCode::invalid, "there is no body", "give a folder with body.html or body.txt, or one such file",
                 ""};
  }
  auto body = read_head(*main, into);
  if (!body) return std::move(body).error();
  has_text = !is_html(*main);
  if (has_text) {
    into.text = *std::move(body);
  } else {
    into.html = *std::move(body);
  }
  return base::done;
}

base::Result<void> make_text(Template& into) {
  into.text = {mail::html_to_text(into.html->text), into.html->name + " (as text)", 1, 1};
  into.text_from_html = true;
  auto program = liquid::Program::compile(into.text.source(), false);
  if (program) return base::done;
  return Error{program.error().code, "no text part can be made from the HTML: " + program.error().message,
               "write a body.txt", program.error().where};
}

base::Result<void> check(const SourceText& text, bool html) {
  auto program = liquid::Program::compile(text.source(), html);
  if (!program) return std::move(program).error();
  return base::done;
}

}  // namespace

base::Result<Template> parse_template(std::span<const TemplateFile> files) {
  Template made;
  bool has_text = false;
  auto read = is_folder(files) ? read_folder(files, made, has_text) : read_single(files, made, has_text);
  if (!read) return std::move(read).error();
  read_attachments(files, made);
  if (!has_text && !made.html) {
    return Error{ErrorCode::invalid, "there is no body", "add body.html or body.txt", ""};
  }
  if (base::trim(made.subject.text).empty()) {
    return Error{ErrorCode::invalid, "there is no subject", "add subject.txt, or the key subject", ""};
  }
  if (auto r = check(made.subject, false); !r) return std::move(r).error();
  if (auto r = check(made.preheader, true); !r) return std::move(r).error();
  if (made.html) {
    // Checked before images change its columns.
    if (auto r = check(*made.html, true); !r) return std::move(r).error();
    if (!has_text) {
      if (auto r = make_text(made); !r) return std::move(r).error();
    }
    if (auto r = attach_images(*made.html, files, made.inline_files); !r) return std::move(r).error();
  }
  if (auto r = check(made.text, false); !r) return std::move(r).error();
  return made;
}

namespace {

constexpr auto kContact = std::to_array<std::string_view>({"name", "address", "email"});
constexpr auto kSender = std::to_array<std::string_view>({"name", "address", "reply_to", "postal_address", "contact"});
constexpr auto kCampaign = std::to_array<std::string_view>({"name"});
constexpr auto kRoots = std::to_array<std::string_view>({"contact", "sender", "campaign", "unsubscribe_url"});

std::vector<std::string_view> members(std::string_view root, std::span<const std::string> contact_fields) {
  if (root == "sender") return {kSender.begin(), kSender.end()};
  if (root == "campaign") return {kCampaign.begin(), kCampaign.end()};
  std::vector<std::string_view> all(kContact.begin(), kContact.end());
  all.insert(all.end(), contact_fields.begin(), contact_fields.end());
  return all;
}

Remark remark(const liquid::Use& use, std::string_view word, const std::vector<std::string_view>& known) {
  const auto near = liquid::nearest(word, known);
  std::string name = use.root;
  for (const std::string& part : use.path) name += "." + part;
  return {use.where, "nothing is known as " + name,
          near.empty() ? "check the spelling, or import that field" : "did you mean \"" + std::string(near) + "\"?"};
}

}  // namespace

std::vector<Remark> unknown_names(const Template& parsed, std::span<const std::string> contact_fields) {
  std::vector<Remark> remarks;
  const auto look = [&](const SourceText& text) {
    auto program = liquid::Program::compile(text.source(), false);
    if (!program) return;
    for (const liquid::Use& use : program->uses()) {
      if (std::ranges::find(kRoots, std::string_view(use.root)) == kRoots.end()) {
        remarks.push_back(remark(use, use.root, {kRoots.begin(), kRoots.end()}));
        continue;
      }
      const auto known = members(use.root, contact_fields);
      if (use.path.empty() || use.root == "unsubscribe_url") continue;
      if (std::ranges::find(known, std::string_view(use.path[0])) == known.end()) {
        remarks.push_back(remark(use, use.path[0], known));
      }
    }
  };
  look(parsed.subject);
  look(parsed.preheader);
  if (parsed.html) look(*parsed.html);
  if (!parsed.text_from_html) look(parsed.text);
  return remarks;
}

}  // namespace todoku::campaign
