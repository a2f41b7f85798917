// Puts a DMARC report together from the elements of its XML as they open and close. Knows nothing of XML itself.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "authentication/dmarc_report.h"

namespace todoku::authentication {

class DmarcReportBuilder {
 public:
  /// Names without their prefix.
  void open(std::string_view name);
  void text(std::string_view text);
  void close();

  /// The report's own element was there, or has ended.
  [[nodiscard]] bool begun() const { return begun_; }
  [[nodiscard]] bool ended() const { return ended_; }
  /// A row could not be taken any more.
  [[nodiscard]] bool full() const { return full_; }
  /// What is there so far; rows that have not ended are left out.
  [[nodiscard]] DmarcReport take();

 private:
  [[nodiscard]] std::string_view parent() const;
  void set(std::string_view name, std::string_view value);
  void set_metadata(std::string_view name, std::string_view value);
  void set_policy(std::string_view name, std::string_view value);
  void set_row(std::string_view name, std::string_view value);
  void set_result(std::string_view name, std::string_view value);
  void end_row();

  DmarcReport report_;
  DmarcRow row_;
  bool has_dkim_ = false, has_spf_ = false;  // row_ has the receiver's own verdict
  std::vector<std::string> path_;            // lower case
  std::string text_;                         // of the innermost element
  bool begun_ = false, ended_ = false, full_ = false;
};

}  // namespace todoku::authentication
