// How `todoku explain` writes what it found: a paragraph a recipient for people, JSON for programs.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "bounce/analyser.h"
#include "bounce/explanation.h"

namespace todoku::app {

enum class ExplainFormat : std::uint8_t { text, json, jsonl };

/// What was read: a file, and which mail of an mbox it was, counted from 1 (0: the file is one mail).
struct ExplainSource {
  std::string file;
  int message = 0;
};

class ExplainPrinter {
 public:
  ExplainPrinter(ExplainFormat format, bounce::Language language, bool colours)
      : format_(format), language_(language), colours_(colours) {}

  /// The text for one mail, with its line end. `first`: nothing was printed before it.
  [[nodiscard]] std::string mail(const ExplainSource& source, const bounce::Report& report, bool first) const;
  /// The text for one SMTP reply, the `line`th of its file.
  [[nodiscard]] std::string reply(int line, const bounce::Diagnosis& diagnosis, bool first) const;
  /// What stands behind the last one.
  [[nodiscard]] std::string end(bool nothing) const;

 private:
  [[nodiscard]] std::string between(bool first) const;
  [[nodiscard]] std::string paragraph(const bounce::Diagnosis& diagnosis) const;
  [[nodiscard]] std::string painted(std::string_view colour, std::string_view text) const;

  ExplainFormat format_;
  bounce::Language language_;
  bool colours_;
};

}  // namespace todoku::app
