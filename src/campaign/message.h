// A campaign's message, compiled once: MIME laid out, everything that is the same for all recipients encoded already,
// and merge fields left as places to fill in. Writing one recipient's mail is copying and filling.
//
// What is written is a whole mail in the form that SMTP wants: CRLF line ends, no bare CR or LF, lines of at most 998
// octets (of 78 and 76 where folding allows), 7-bit but for a To field whose address has letters beyond ASCII before
// the
// @ (then `smtputf8` is set). The same inputs give the same bytes, so what was sent can be written again.
//
// Whatever stands in a merge field: in header fields line ends and controls are taken out (mail::header_text), in HTML
// it is escaped, in bodies control characters are dropped and malformed UTF-8 becomes U+FFFD.
//
// Names in templates: contact.name, contact.address (also contact.email), contact.FIELD; sender.name, .address,
// .reply_to, .postal_address, .contact; campaign.name; unsubscribe_url. A part that does not show {{ unsubscribe_url }}
// gets a footer with it and the sender's legal fields.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "campaign/template.h"
#include "mail/address.h"

namespace todoku::campaign {

/// A file that is fetched by a link instead of being attached.
struct FileOffer {
  std::string name;
  std::string size;  // for people
};

/// What all mails of a campaign have in common. Texts that are empty leave out their header field or footer line.
struct MessageOptions {
  mail::Mailbox from;          // the template's own `from` goes before it
  std::string reply_to;        // as typed: "Name <address>"; the template's own goes before it
  std::string postal_address;  // of the sender; may have several lines
  std::string contact;         // where complaints go
  std::string campaign_name;
  std::string message_id_domain;          // what follows the @ of Message-ID
  std::string list_id;                    // "news.example.jp", or "Name <news.example.jp>"
  std::string feedback_id;                // as Gmail reads it: "campaign:customer:type:sender"
  std::string language = "ja";            // of the footer: "ja" or "en"
  int utc_offset_minutes = 540;           // of Date, and of dates in the text
  bool short_lines = false;               // no line of a text is longer than 78, once it is decoded either
  std::string subject_suffix = {};        // follows the subject
  std::vector<FileOffer> downloads = {};  // files offered as links, at the end of each text
  std::string downloads_until = {};       // until when, for people
};

struct FieldValue {
  std::string_view name;
  std::string_view value;
};

/// What is one recipient's own. Everything is borrowed for the time of the call.
struct RecipientValues {
  const mail::Address& address;
  std::string_view name;               // display name; may be empty
  std::span<const FieldValue> fields;  // contact.FIELD
  std::string_view message_id;         // what stands before the @: unique for each mail, a dot-atom
  base::Time date;
  std::string_view unsubscribe_url;     // https:, signed; empty: by mail only
  std::string_view unsubscribe_mailto;  // an address, signed; empty: by the URL only
  std::string_view trace;               // goes into X-Todoku-Trace; empty: none
  std::string_view downloads_url = {};  // the links' own begin so; "/" and the file's number follow
};

struct MessageCode;  // message_code.h

/// Immutable; copies share. Any number of writers may use it at once.
class CompiledMessage {
 public:
  static base::Result<CompiledMessage> compile(const Template& parsed, const MessageOptions& options);

  /// Octets of a mail whose merge fields are empty: near enough for SIZE.
  [[nodiscard]] std::size_t fixed_size() const;
  [[nodiscard]] const MessageCode& code() const { return *code_; }

 private:
  explicit CompiledMessage(std::shared_ptr<const MessageCode> code) : code_(std::move(code)) {}
  std::shared_ptr<const MessageCode> code_;  // shared: every thread's writer reads the same
};

/// Writes mails; keeps its memory from one to the next. One for each thread.
class MessageWriter {
 public:
  explicit MessageWriter(CompiledMessage message);
  MessageWriter(MessageWriter&&) noexcept;
  MessageWriter& operator=(MessageWriter&&) noexcept;
  ~MessageWriter();

  /// Appends the mail; says whether it needs SMTPUTF8. On failure `out` is as it was. Fails where a limit of the merge
  /// language is reached, or where an id or URL is not fit for a header field.
  base::Result<bool> write(const RecipientValues& recipient, std::string& out);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace todoku::campaign
