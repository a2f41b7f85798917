// Reads what `todoku explain` is given: files, mboxes, Maildirs, folders, standard input, lists of replies.
#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "app/explain_command_buffer.h"
#include "app/explain_command_print.h"
#include "base/result.h"
#include "bounce/analyser.h"
#include "bounce/rules.h"

namespace todoku::app {

/// Explains to standard output in the order of the input; folders in the order of their names. One mail is in memory at
/// a time, of an mbox too. What cannot be read goes to `fail`, and the rest goes on.
class Explainer {
 public:
  using Fail = std::function<void(const base::Error&)>;
  Explainer(const bounce::Rules& rules, const ExplainPrinter& printer, Fail fail)
      : rules_(rules), analyser_(rules), printer_(printer), fail_(std::move(fail)) {}

  /// A mail, an mbox, a Maildir, a folder of any of these, or "-".
  void explain_path(const std::string& path);
  /// Lines of host TAB stage TAB reply; "-" is standard input.
  void explain_replies(const std::string& path);
  /// Once, behind all of them.
  void finish();

 private:
  void folder(const std::string& path);
  void file(const std::string& path);
  void stream(int descriptor, const std::string& name);
  void mbox(int descriptor, const std::string& name);
  void mail(const ExplainSource& source, std::string_view bytes);
  void reply_line(int number, std::string_view line);
  void print(const std::string& text);

  const bounce::Rules& rules_;
  bounce::Analyser analyser_;
  const ExplainPrinter& printer_;
  Fail fail_;
  InputBuffer buffer_;
  bool first_ = true;
};

}  // namespace todoku::app
