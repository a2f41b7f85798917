// One mail laid out for judgement: who sent it, its own words apart from the mail it returns, its machine-readable
// parts.
//
// Only what is needed is decoded: the texts before the returned mail, never attachments and never the returned mail's
// body. Owns its texts; views into the mail given.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bounce/cues.h"
#include "mail/mime_reader.h"

namespace todoku::bounce {

struct Notice {
  /// Reads the header and the tree of parts; read_words() the rest.
  explicit Notice(std::string_view bytes);
  void read_words();

  mail::MimeReader mail;

  std::string subject;       // decoded
  std::string from;          // decoded, display name and all
  std::string from_address;  // empty: none, as in "From: <>"
  bool null_path = false;    // Return-Path: <>

  std::string text;          // the mail's own words as UTF-8, the returned mail behind them included where inline
  std::string_view words;    // of text: up to the returned mail
  std::vector<CueHit> cues;  // of words
  std::vector<CueHit> subject_cues;
  bool html_only = false;

  std::string status;             // contents of message/delivery-status parts, empty where there is none
  bool status_is_report = false;  // and they stand where a report has them
  std::string feedback;           // of a message/feedback-report (RFC 5965)
  bool disposition = false;       // a message/disposition-notification (RFC 8098)

  // The returned mail's header fields; views into the mail, `text` or `original_text`.
  std::vector<mail::RawField> original;
  std::string original_text;
  bool has_original = false;  // a part of its own holds it
  /// The returned mail, or the one that was sent on, where it stands in `text` or is attached and is a mail system's
  /// notice itself; else empty.
  std::string_view notice_inside;
  std::string sent_on_mail;  // what it is a view into, where the mail was laid out by a mail program (sent_on.h)

  [[nodiscard]] std::string_view header(std::string_view name) const { return mail.field(mail.top(), name); }
  /// Sent on by hand: the subject says so, as mail programs of several languages do.
  [[nodiscard]] bool sent_on() const;
  /// The recipient's own mailbox refuses (RFC 5429), so that the notice comes from it.
  [[nodiscard]] bool refused_by_mailbox() const;
  /// The cue stands in the mail's own words, not in a quotation ("> ").
  [[nodiscard]] bool says(Cue cue) const;

  Notice(const Notice&) = delete;
  Notice& operator=(const Notice&) = delete;

 private:
  void read_headers();
  void read_parts();
  void read_part(const mail::MimePart& part);
  void take_original(const mail::MimePart& part);
  void split_words();
  void split_original();
  void take_sent_on();
};

/// Where a mail's own header begins in a text; its size where none does.
[[nodiscard]] std::size_t header_begin(std::string_view text);

/// Where in the words of a notice the returned mail begins by what they say; words.size() where it holds none.
[[nodiscard]] std::size_t original_begin(std::string_view words, std::span<const CueHit> cues);

}  // namespace todoku::bounce
