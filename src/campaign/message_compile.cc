#include <algorithm>

#include "campaign/message.h"
#include "campaign/message_code.h"
#include "campaign/message_footer.h"
#include "mail/header.h"

namespace todoku::campaign {
namespace {

using base::Error;
using base::ErrorCode;
using liquid::Program;

bool shows_unsubscribe(const Program& program) {
  return std::ranges::any_of(program.uses(), [](const liquid::Use& use) { return use.root == "unsubscribe_url"; });
}

/// The body's program, with its footer where it has no way to unsubscribe.
base::Result<Program> body_program(SourceText source, bool html, const MessageOptions& options) {
  const std::string& language = options.language;
  if (!options.downloads.empty() && html) append_html_downloads(source, language);
  if (!options.downloads.empty() && !html) append_text_downloads(source, language);
  auto program = Program::compile(source.source(), html);
  if (!program) return program;
  const bool footer = !shows_unsubscribe(*program);
  if (!footer && source.text.ends_with('\n')) return program;
  if (footer && html) append_html_footer(source, language);
  if (footer && !html) append_text_footer(source, language);
  if (!source.text.ends_with('\n')) source.text += '\n';
  liquid::Limits limits;
  limits.source += 4096;  // what was added is not the author's
  return Program::compile(source.source(), html, limits);
}

base::Result<mail::Mailbox> mailbox(const std::string& typed) {
  auto parsed = mail::parse_mailbox(typed);
  if (!parsed) return parsed;
  parsed->name = mail::header_text(parsed->name);
  return parsed;
}

/// The fields that no recipient changes.
class FixedFields {
 public:
  explicit FixedFields(MessageCode& code) : code_(code) {}

  base::Result<void> add(const Template& parsed) {
    if (auto r = from(parsed); !r) return r;
    if (auto r = reply_to(parsed.reply_to.empty() ? code_.options.reply_to : parsed.reply_to); !r) return r;
    if (auto r = list_id(); !r) return r;
    if (!code_.options.feedback_id.empty()) {
      if (auto r = mail::append_structured_field(out(), "Feedback-ID", code_.options.feedback_id); !r) return r;
    }
    // Keeps vacation notices from answering; nothing else reads it any more.
    return mail::append_structured_field(out(), "Precedence", "bulk");
  }

 private:
  std::string& out() { return code_.fixed_fields; }

  base::Result<void> from(const Template& parsed) {
    mail::Mailbox from = code_.options.from;
    if (!parsed.from.empty()) {
      auto own = mailbox(parsed.from);
      if (!own) return std::move(own).error();
      from = *std::move(own);
    }
    if (from.address.smtputf8) {
      return Error{ErrorCode::invalid, "the sender's address has letters beyond ASCII before the @",
                   "send from an ASCII address: most servers refuse others", "From"};
    }
    code_.sender_name = from.name;
    code_.sender_address = from.address.display();
    return mail::append_mailbox_field(out(), "From", {&from, 1});
  }

  base::Result<void> reply_to(const std::string& typed) {
    code_.reply_to = typed;
    if (typed.empty()) return base::done;
    auto parsed = mailbox(typed);
    if (!parsed) return std::move(parsed).error();
    return mail::append_mailbox_field(out(), "Reply-To", {&*parsed, 1});
  }

  /// RFC 2919: "phrase <list.example.jp>", or the identifier alone.
  base::Result<void> list_id() {
    const std::string& given = code_.options.list_id;
    if (given.empty()) return base::done;
    const std::size_t open = given.find('<');
    if (open == given.npos) return mail::append_structured_field(out(), "List-Id", "<" + given + ">");
    std::string name = mail::header_text(std::string_view(given).substr(0, open));
    std::string field;
    if (auto r = mail::append_text_field(field, "List-Id", name); !r) return r;
    const std::string_view id = std::string_view(given).substr(open);
    if (id.find_first_of(" \r\n") != id.npos || !id.ends_with('>')) {
      return Error{ErrorCode::invalid, "no list identifier", "write it as Name <news.example.jp>", "List-Id"};
    }
    field.resize(field.size() - 2);
    out() += field;
    out() += "\r\n ";
    out() += id;
    out() += "\r\n";
    return base::done;
  }

  MessageCode& code_;
};

}  // namespace

base::Result<CompiledMessage> CompiledMessage::compile(const Template& parsed, const MessageOptions& options) {
  SourceText subject_text = parsed.subject;
  subject_text.text += options.subject_suffix;
  auto subject = Program::compile(subject_text.source(), false);
  if (!subject) return std::move(subject).error();
  auto code = std::make_shared<MessageCode>(MessageCode{options, {}, {}, {}, {}, {}, *subject, {}, {}});
  if (auto r = FixedFields(*code).add(parsed); !r) return std::move(r).error();
  if (subject->fixed()) {
    std::string text;
    for (const liquid::Segment& segment : subject->segments()) text += segment.text;
    if (auto r = mail::append_text_field(code->fixed_subject, "Subject", mail::header_text(text)); !r) {
      return std::move(r).error();
    }
  }
  auto text = body_program(parsed.text, false, options);
  if (!text) return std::move(text).error();
  code->bodies.emplace_back(*text, options.short_lines ? Lines::flowed : Lines::as_written);
  mail::MimeParts parts;
  parts.texts.push_back({"plain", code->bodies[0].encoding(), options.short_lines});
  if (parsed.html) {
    SourceText source = *parsed.html;
    insert_preheader(source, parsed.preheader);
    auto html = body_program(std::move(source), true, options);
    if (!html) return std::move(html).error();
    code->bodies.emplace_back(*html, options.short_lines ? Lines::short_html : Lines::as_written);
    parts.texts.push_back({"html", code->bodies[1].encoding()});
  }
  parts.inline_files = parsed.inline_files;
  parts.attachments = parsed.attachments;
  auto layout = mail::lay_out(parts);
  if (!layout) return std::move(layout).error();
  code->layout = std::move(layout->pieces);
  return CompiledMessage(std::move(code));
}

std::size_t CompiledMessage::fixed_size() const {
  std::size_t size = code_->fixed_fields.size() + code_->fixed_subject.size() + 500;
  for (const std::string& piece : code_->layout) size += piece.size();
  for (const MessageBody& body : code_->bodies) size += body.fixed_size();
  return size;
}

}  // namespace todoku::campaign
