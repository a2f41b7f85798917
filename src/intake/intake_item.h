// One thing that came in on its way into the store.
#pragma once
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authentication/dmarc_report.h"
#include "bounce/analyser.h"
#include "intake/intake.h"
#include "intake/mail_trace.h"
#include "intake/spoofing/sighting.h"
#include "tracking/feedback_id.h"

namespace todoku::intake {

struct Intake::Item {
  std::string key;  // 16 bytes
  Road road = Road::pipe;
  std::string place, identity;
  State state = State::dead;
  bounce::Report report;
  Trace trace;
  std::optional<tracking::FeedbackId> feedback_id;  // where no token of ours was found
  std::vector<authentication::DmarcReport> dmarc;   // of state report
  std::string author;                               // the domain that vouches for it; empty: none
  std::optional<spoofing::Sighting> sighting;       // of state foreign
  std::string problem;
  std::string sender, recipient, peer, subject;
  std::size_t size = 0;
  std::string original;  // gzip; empty: none is kept
  base::Time at;
  bool is_new = false;  // when it was stored
};

/// What comes again has the same key: of its road's own name for it, else of its recipient and content.
[[nodiscard]] std::string item_key(std::initializer_list<std::string_view> parts);

/// Reads a mail, but for what only the store knows: whether a notice without any token is about a contact's mail.
[[nodiscard]] Intake::Item read_arrival(const Arrival& arrival, const bounce::Analyser& analyser,
                                        const tracking::Tokens& tokens, const IntakeOptions& options);
[[nodiscard]] Intake::Item read_word(const RelayWord& word, const tracking::Tokens& tokens,
                                     const IntakeOptions& options);

/// The original as it is kept.
[[nodiscard]] std::string packed(std::string_view content, std::size_t limit);

}  // namespace todoku::intake
