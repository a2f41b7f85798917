// DMARC aggregate reports: what a receiver saw of mail in one domain's name in a day (RFC 7489 section 7.2 and appendix
// C, and the XML of its successor).
//
// Read as receivers write them, not as the schema wants: with any namespace or none, blanks, capitals, missing fields,
// a wrong charset, unescaped ampersands, an end that is missing. What stands before the fault is kept, and `problem`
// says so. Nothing is loaded or expanded: a document type is refused, so entities that unfold to gigabytes are only
// text. Linear in the size, with limits on it, on nesting and on rows.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace todoku::authentication {

inline constexpr std::size_t kLargestDmarcReport = 10 << 20;  // bytes of XML
inline constexpr std::size_t kMostDmarcRows = 100'000;
inline constexpr int kDeepestDmarcElement = 16;

/// What a domain asks receivers to do, as the report repeats it; words in lower case, empty where not told.
struct DmarcPolicy {
  std::string domain = {};            // A-labels, lower case
  std::string policy = {};            // p: none, quarantine, reject
  std::string sub_policy = {};        // sp
  std::string np_policy = {};         // np
  std::string adkim = {}, aspf = {};  // r, s
  int percent = 100;
};

/// One result of DKIM or SPF by itself, before the domains are compared.
struct DmarcAuthResult {
  std::string domain;
  std::string selector;  // DKIM
  std::string result;    // pass, fail, none …, lower case
};

/// Mails from one address that all fared alike.
struct DmarcRow {
  std::string source = {};  // IPv4 or IPv6 in numbers
  std::int64_t mails = 0;
  std::string disposition = {};  // none, quarantine, reject; empty: not told
  bool dkim_aligned = false;     // passed, in the name of the From domain
  bool spf_aligned = false;
  std::vector<std::string> overrides = {};  // why the policy was not followed: forwarded, mailing_list, local_policy …
  std::string header_from = {}, envelope_from = {}, envelope_to = {};
  std::vector<DmarcAuthResult> dkim = {}, spf = {};
};

struct DmarcReport {
  std::string organisation, email, id;
  base::Time begin, end;  // 1970 where not told
  DmarcPolicy policy;
  std::vector<DmarcRow> rows;
  std::size_t unread_rows = 0;  // without an address or with an impossible number of mails
  std::string problem;          // why it is not whole; empty: it is
};

/// Errors: `invalid` (no such report, or broken before its first row), `limit` (too large), `refused` (a document
/// type).
[[nodiscard]] base::Result<DmarcReport> parse_dmarc_report(std::string_view xml);

}  // namespace todoku::authentication
