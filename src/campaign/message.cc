#include "campaign/message.h"

#include <algorithm>
#include <utility>

#include "campaign/message_code.h"
#include "mail/header.h"

namespace todoku::campaign {

using base::Error;
using base::ErrorCode;

constexpr std::size_t kMostName = 200;  // octets of what a merge field may put into a header field
constexpr std::size_t kMostSubject = 1000;

class MessageWriter::Impl {
 public:
  explicit Impl(CompiledMessage message) : message_(std::move(message)), code_(message_.code()) {
    sender_ = {{"name", std::string_view(code_.sender_name)},
               {"address", std::string_view(code_.sender_address)},
               {"reply_to", std::string_view(code_.reply_to)},
               {"postal_address", std::string_view(code_.options.postal_address)},
               {"contact", std::string_view(code_.options.contact)}};
    campaign_ = {{"name", std::string_view(code_.options.campaign_name)}};
  }

  base::Result<bool> write(const RecipientValues& recipient, std::string& out) {
    const std::size_t begin = out.size();
    bind(recipient);
    out.reserve(begin + message_.fixed_size());
    auto r = header(recipient, out);
    if (r) r = bodies(out);
    if (r) return recipient.address.smtputf8;
    out.resize(begin);
    return std::move(r).error();
  }

 private:
  /// Points the names of the templates at this recipient.
  void bind(const RecipientValues& recipient) {
    address_ = recipient.address.display();
    unsubscribe_.clear();
    if (recipient.unsubscribe_url.empty() && !recipient.unsubscribe_mailto.empty()) {
      unsubscribe_.append("mailto:").append(recipient.unsubscribe_mailto);
    } else {
      unsubscribe_ = recipient.unsubscribe_url;
    }
    contact_.clear();
    contact_.push_back({"name", recipient.name});
    contact_.push_back({"address", std::string_view(address_)});
    contact_.push_back({"email", std::string_view(address_)});
    for (const FieldValue& field : recipient.fields) contact_.push_back({field.name, field.value});
    names_.clear();
    names_.push_back({"contact", &std::as_const(contact_)});
    names_.push_back({"sender", &std::as_const(sender_)});
    names_.push_back({"campaign", &std::as_const(campaign_)});
    names_.push_back({"unsubscribe_url", std::string_view(unsubscribe_)});
    bind_downloads(recipient);
    input_.now = recipient.date;
    input_.utc_offset_minutes = code_.options.utc_offset_minutes;
  }

  void bind_downloads(const RecipientValues& recipient) {
    const std::vector<FileOffer>& offers = code_.options.downloads;
    if (offers.empty()) return;
    urls_.clear();
    files_.clear();
    downloads_.clear();
    for (std::size_t i = 0; i < offers.size(); ++i) {
      urls_.push_back(std::string(recipient.downloads_url) + "/" + std::to_string(i + 1));
    }
    for (std::size_t i = 0; i < offers.size(); ++i) {
      files_.push_back({{"name", std::string_view(offers[i].name)},
                        {"size", std::string_view(offers[i].size)},
                        {"url", std::string_view(urls_[i])}});
    }
    for (const liquid::Object& file : files_) downloads_.emplace_back(&file);
    names_.push_back({"downloads", &std::as_const(downloads_)});
    names_.push_back({"downloads_until", std::string_view(code_.options.downloads_until)});
  }

  base::Result<void> header(const RecipientValues& recipient, std::string& out) {
    out += "Date: ";
    out += date(recipient.date);
    out += "\r\n";
    out += code_.fixed_fields;
    mail::Mailbox& to = to_;
    to.address = recipient.address;
    to.name = mail::header_text(recipient.name, kMostName);
    if (auto r = mail::append_mailbox_field(out, "To", {&to, 1}); !r) return r;
    if (auto r = subject(out); !r) return r;
    auto id = mail::message_id(recipient.message_id, code_.options.message_id_domain);
    if (!id) return std::move(id).error();
    if (auto r = mail::append_structured_field(out, "Message-ID", *id); !r) return r;
    if (auto r = unsubscribe(recipient, out); !r) return r;
    if (recipient.trace.empty()) return base::done;
    return mail::append_structured_field(out, "X-Todoku-Trace", recipient.trace);
  }

  base::Result<void> subject(std::string& out) {
    if (!code_.fixed_subject.empty()) {
      out += code_.fixed_subject;
      return base::done;
    }
    rendered_.clear();
    if (auto r = renderer_.render(code_.subject, input_, rendered_); !r) return r;
    return mail::append_text_field(out, "Subject", mail::header_text(rendered_, kMostSubject));
  }

  /// RFC 2369 and RFC 8058. One click needs an https: URL.
  base::Result<void> unsubscribe(const RecipientValues& recipient, std::string& out) {
    const bool url = !recipient.unsubscribe_url.empty();
    const bool mailto = !recipient.unsubscribe_mailto.empty();
    if (!url && !mailto) return base::done;
    rendered_.clear();
    if (url) rendered_.append("<").append(recipient.unsubscribe_url).append(">");
    if (url && mailto) rendered_ += ", ";
    if (mailto) rendered_.append("<mailto:").append(recipient.unsubscribe_mailto).append(">");
    const auto marks = std::count_if(rendered_.begin(), rendered_.end(), [](char c) { return c == '<' || c == '>'; });
    if (marks != (url && mailto ? 4 : 2)) {
      return Error{ErrorCode::invalid, "an unsubscribe address with < or >", "encode it as %3C and %3E",
                   "List-Unsubscribe"};
    }
    if (auto r = mail::append_structured_field(out, "List-Unsubscribe", rendered_); !r) return r;
    if (recipient.unsubscribe_url.starts_with("https:")) {
      out += "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";
    }
    return base::done;
  }

  base::Result<void> bodies(std::string& out) {
    for (std::size_t i = 0; i < code_.bodies.size(); ++i) {
      out += code_.layout[i];
      if (auto r = body_writer_.write(code_.bodies[i], input_, out); !r) return r;
    }
    out += code_.layout.back();
    return base::done;
  }

  /// Many mails are written in one second.
  const std::string& date(base::Time time) {
    const auto second = std::chrono::floor<std::chrono::seconds>(time);
    if (date_.empty() || second != date_second_) {
      date_ = mail::date_text(time, code_.options.utc_offset_minutes);
      date_second_ = second;
    }
    return date_;
  }

  CompiledMessage message_;
  const MessageCode& code_;
  liquid::Object sender_;
  liquid::Object campaign_;
  liquid::Object contact_;
  liquid::Object names_;
  liquid::RenderInput input_{names_, {}, 0};
  std::string address_;
  std::string unsubscribe_;
  std::vector<std::string> urls_;
  std::vector<liquid::Object> files_;
  liquid::Array downloads_;
  mail::Mailbox to_;
  liquid::Renderer renderer_;
  BodyWriter body_writer_;
  std::string rendered_;
  std::string date_;
  std::chrono::sys_seconds date_second_{};
};

MessageWriter::MessageWriter(CompiledMessage message) : impl_(std::make_unique<Impl>(std::move(message))) {}
MessageWriter::MessageWriter(MessageWriter&&) noexcept = default;
MessageWriter& MessageWriter::operator=(MessageWriter&&) noexcept = default;
MessageWriter::~MessageWriter() = default;

base::Result<bool> MessageWriter::write(const RecipientValues& recipient, std::string& out) {
  return impl_->write(recipient, out);
}

}  // namespace todoku::campaign
