#include "bounce/freeform.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "base/ascii.h"
#include "bounce/address_role.h"
#include "bounce/address_scan.h"
#include "bounce/bare_name.h"
#include "bounce/heading.h"

namespace todoku::bounce {
namespace {

using base::trim;

constexpr std::size_t npos = std::string_view::npos;
constexpr std::size_t kPassageLimit = 4096;
constexpr std::size_t kToLimit = 4096;

/// Everything about a notice's words that finding recipients needs, gathered once.
class Reader {
 public:
  Reader(const Notice& notice, std::size_t limit)
      : notice_(notice),
        text_(notice.words),
        limit_(limit),
        lines_(lines_of(text_)),
        addresses_(find_addresses(text_)),
        to_(base::ascii_lower(notice.header("To").substr(0, kToLimit))) {
    leave_out_senders();
  }

  /// The surest way that finds anybody: lines headed by strangers' addresses, addresses beside the words that tell of
  /// failure, X-Failed-Recipients; then what is likely to be somebody else, and a bare name.
  std::vector<Passage> read() {
    find_headings();
    for (const bool own : {false, true}) {
      keep_headings(own, false);
      if (!headings_.empty()) return passages();
      if (auto out = failed_header(); !out.empty()) return out;
      if (auto out = own ? std::vector<Passage>{} : listed_names(); !out.empty()) return out;
      if (auto out = beside_cues(own); !out.empty()) return own ? unsure(std::move(out)) : out;
      if (auto out = own ? std::vector<Passage>{} : bare_name(); !out.empty()) return out;
      keep_headings(own, true);
      if (!headings_.empty()) return unsure(passages());
      if (auto out = own ? std::vector<Passage>{} : in_subject(); !out.empty()) return unsure(std::move(out));
    }
    return unsure(lone_address());
  }

 private:
  static std::vector<Passage> unsure(std::vector<Passage> passages) {
    for (Passage& one : passages) one.sure = false;
    return passages;
  }

  void find_headings() {
    std::size_t next = 0;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      const std::size_t first = next;
      while (next < addresses_.size() && addresses_[next].begin < lines_[i].end) ++next;
      auto found = heading(text_, lines_[i], i, std::span(addresses_).subspan(first, next - first));
      if (!found || repeats(*found)) continue;
      // Somebody who has moved is named first, in prose, and then in a line of its own where to write now.
      if (first > 0 && all_.empty() && of_a_successor(before(found->address))) continue;
      all_.push_back(*found);
    }
  }

  /// A reply that names the address again, in the paragraph that the address already heads.
  bool repeats(const Heading& found) const {
    if (!found.transcript || all_.empty() || all_.back().transcript) return false;
    const Heading& before = all_.back();
    if (trim(lines_[before.line].in(text_)).starts_with(">>>")) return false;
    if (!base::iequals(before.address.in(text_), found.address.in(text_))) return false;
    const auto between = std::span(lines_).subspan(before.line, found.line - before.line);
    return std::ranges::none_of(between, [&](const TextLine& line) { return trim(line.in(text_)).empty(); });
  }

  void keep_headings(bool own, bool weak) {
    headings_.clear();
    for (const Heading& one : all_) {
      const Owner owner = owner_of(notice_, one.address.in(text_));
      const bool lists_own = owner == Owner::desk && notice_.says(Cue::list);  // names the list (analyser.cc)
      const bool wanted = owner == Owner::stranger || (own && owner != Owner::reporter && !lists_own);
      if (wanted && one.weak == weak) headings_.push_back(one);
    }
  }

  /// What names nobody whom the mail was for: a sender's line, and a virus named after its kind ("W32.Neko@mm").
  void leave_out_senders() {
    std::size_t line = 0;
    std::size_t judged = npos;
    bool sender = false;
    std::erase_if(addresses_, [&](const FoundAddress& found) {
      while (line + 1 < lines_.size() && lines_[line].end <= found.begin) ++line;
      if (std::exchange(judged, line) != line) sender = names_sender(text_, lines_, line);
      const std::string_view address = found.in(text_);
      return sender || names_a_mail(found) || address.ends_with("@mm") || address.ends_with("@MM");
    });
  }

  /// "Message-ID: <1@a.b>": no one's address.
  bool names_a_mail(const FoundAddress& found) const {
    constexpr std::size_t kLabel = 40;
    constexpr std::string_view kNames[] = {
        "message-id:",  "message id:",     "messageid:",   "identificativo messaggio:",
        "message-id：", "nachrichten-id:", "メッセージid:"};
    const std::size_t begin = found.begin - std::min<std::size_t>(found.begin, kLabel);
    std::string_view before = trim(text_.substr(begin, found.begin - begin));
    while (before.ends_with('<')) before = trim(before.substr(0, before.size() - 1));
    if (!before.ends_with(':') && !before.ends_with("：")) return false;
    const std::string lower = base::ascii_lower(before);
    return std::ranges::any_of(kNames, [&](std::string_view name) { return lower.ends_with(name); });
  }

  std::vector<Passage> passages() {
    std::vector<Passage> out;
    std::unordered_map<std::string, std::size_t> seen;
    gather_texts();
    for (std::size_t i = 0; i < headings_.size() && out.size() < limit_; ++i) {
      Passage one{std::string(headings_[i].address.in(text_)), own_[i], following_text(i), true};
      const auto [at, fresh] = seen.emplace(base::ascii_lower(one.address), out.size());
      if (fresh) {
        out.push_back(std::move(one));
      } else if (Passage& known = out[at->second]; known.own.empty()) {
        known.own = std::move(one.own);
        known.after = std::move(one.after);
      } else if (!one.own.empty() && known.own.size() < kPassageLimit) {
        known.own += "\n\n" + one.own;
      }
    }
    return out;
  }

  /// What stands behind each address, and the last of the list that it stands in: addresses one below the other.
  void gather_texts() {
    const std::size_t count = headings_.size();
    own_.assign(count, {});
    last_.assign(count, 0);
    for (std::size_t i = count; i-- > 0;) {
      own_[i] = own_text(i);
      const bool listed = i + 1 < count && own_[i].empty() && headings_[i + 1].line <= headings_[i].line + 2;
      last_[i] = listed ? last_[i + 1] : i;
    }
  }

  std::size_t next_heading_begin(std::size_t i) const {
    return i + 1 < headings_.size() ? lines_[headings_[i + 1].line].begin : text_.size();
  }

  /// From behind the address to the end of its paragraph.
  std::string own_text(std::size_t i) const {
    const Heading& head = headings_[i];
    const std::size_t border = next_heading_begin(i);
    std::size_t end = std::min(lines_[head.line].end, border);
    for (std::size_t l = head.line + 1; l < lines_.size() && lines_[l].begin < border; ++l) {
      if (trim(lines_[l].in(text_)).empty()) break;
      end = lines_[l].end;
    }
    if (head.transcript) return transcript_text(head.line);
    std::string_view own = trim(text_.substr(std::min(head.rest, end), end - std::min(head.rest, end)));
    if (own.starts_with("<mailto:")) own = trim(own.substr(std::min(own.find('>'), own.size() - 1) + 1));
    return std::string(own.substr(0, kPassageLimit));
  }

  /// What stands above a transcript's line: the server's own words, else the delivery program's; else the line itself,
  /// which is the reporter's summary of them.
  std::string transcript_text(std::size_t line) const {
    if (std::string said = servers_lines(line); !said.empty()) return said;
    const std::string_view own = trim(lines_[line].in(text_));
    const std::string_view before = line == 0 ? std::string_view{} : trim(lines_[line - 1].in(text_));
    const bool heads = before.starts_with(">>>") || before.starts_with("---") || before.starts_with("...") ||
                       before.ends_with(':') ||
                       std::ranges::any_of(all_, [&](const Heading& h) { return h.line + 1 == line; });
    return std::string((before.empty() || heads ? own : before).substr(0, kPassageLimit));
  }

  /// "<<< 550 …" above a transcript's line; Sendmail's "421 host (smtp)... …" may lie between.
  std::string servers_lines(std::size_t line) const {
    std::size_t last = line;
    while (last > 0 && trim(lines_[last - 1].in(text_)).find(" (smtp)... ") != npos) --last;
    std::size_t first = last;
    while (first > 0 && trim(lines_[first - 1].in(text_)).starts_with("<<<")) --first;
    std::string said;
    for (std::size_t i = first; i < last && said.size() < kPassageLimit; ++i) {
      said += trim(trim(lines_[i].in(text_)).substr(3));
      said += '\n';
    }
    return said;
  }

  /// Behind the list of addresses that this one stands in.
  std::string following_text(std::size_t i) const {
    const std::size_t last = last_[i];
    const std::size_t begin = std::min(headings_[last].rest, text_.size());
    const std::size_t end = std::max(begin, next_heading_begin(last));
    return std::string(trim(text_.substr(begin, std::min(end - begin, kPassageLimit))));
  }

  Passage around(const FoundAddress& found) const {
    return {std::string(found.in(text_)), std::string(trim(paragraph_around(found)).substr(0, kPassageLimit)),
            std::string(trim(text_.substr(found.end, kPassageLimit))), !among_others(found)};
  }

  /// The paragraph names somebody else too: which of them its words are of is a likelihood.
  bool among_others(const FoundAddress& found) const {
    const std::string_view paragraph = paragraph_around(found);
    const auto begin = static_cast<std::size_t>(paragraph.data() - text_.data());
    const auto at = std::ranges::lower_bound(addresses_, found.begin, {}, &FoundAddress::begin);
    const auto other = [&](const FoundAddress& one) {
      return one.begin >= begin && one.end <= begin + paragraph.size() &&
             !base::iequals(one.in(text_), found.in(text_)) && owner_of(notice_, one.in(text_)) == Owner::stranger;
    };
    return (at != addresses_.begin() && other(*std::prev(at))) ||
           (at != addresses_.end() && std::next(at) != addresses_.end() && other(*std::next(at)));
  }

  /// No line is headed by an address: those near the words that tell of failure.
  std::vector<Passage> beside_cues(bool own) const {
    std::vector<Passage> out;
    std::vector<bool> ours;  // of each
    for (const FoundAddress& found : addresses_) {
      const std::string_view address = found.in(text_);
      const Owner owner = owner_of(notice_, address);
      if (owner == Owner::desk && notice_.says(Cue::list)) continue;
      if (owner == Owner::reporter || (!own && owner != Owner::stranger)) continue;
      if (out.size() >= limit_ || !near_cue(found) || of_a_sender(before(found))) continue;
      if (!out.empty() && of_a_successor(before(found))) continue;
      if (std::ranges::any_of(out, [&](const Passage& p) { return base::iequals(p.address, address); })) continue;
      out.push_back(around(found));
      ours.push_back(at_addressees_domain(found));
    }
    if (std::ranges::find(ours, false) != ours.end()) {
      std::size_t next = 0;
      std::erase_if(out, [&](const Passage&) { return ours[next++]; });
    }
    return out;
  }

  /// The words before an address, from the address before it on: a word before that is of another.
  std::string_view before(const FoundAddress& found) const {
    const auto at = std::ranges::lower_bound(addresses_, found.begin, {}, &FoundAddress::begin);
    return words_before(text_, found, at == addresses_.begin() ? 0 : std::prev(at)->end);
  }

  /// Of our own domain, as far as the notice tells it: in prose more likely the sender than one that failed.
  bool at_addressees_domain(const FoundAddress& found) const {
    const std::string_view address = found.in(text_);
    const std::string domain = base::ascii_lower(address.substr(address.rfind('@')));
    return to_.find(domain) != npos;
  }

  bool near_cue(const FoundAddress& found) const {
    constexpr std::size_t kNear = 200;
    const std::size_t begin = found.begin > kNear ? found.begin - kNear : 0;
    const auto near = cues_within(notice_.cues, begin, found.end + kNear);
    return std::ranges::any_of(near, [](const CueHit& cue) {
      return cue.cue == Cue::failed || cue.cue == Cue::refused || cue.cue == Cue::recipients ||
             cue.cue == Cue::delayed || cue.cue == Cue::delivered || cue.cue == Cue::stage || cue.cue == Cue::virus ||
             cue.cue == Cue::list;
    });
  }

  std::string_view paragraph_around(const FoundAddress& found) const {
    const std::size_t before = text_.substr(0, found.begin).rfind("\n\n");
    const std::size_t begin = before == npos ? 0 : before + 2;
    const std::size_t end = std::min(text_.find("\n\n", found.end), text_.size());
    return text_.substr(begin, end - begin);
  }

  std::vector<Passage> failed_header() const {
    std::vector<Passage> out;
    const std::string value = mail::decoded_header(notice_.header("X-Failed-Recipients"));
    for (const FoundAddress& found : find_addresses(value, limit_))
      out.push_back({std::string(found.in(value)), {}, {}, true});
    return out;
  }

  /// "Rejected posting to neko@lists.example": whom the subject names.
  std::vector<Passage> in_subject() const {
    for (const FoundAddress& found : find_addresses(notice_.subject, 4)) {
      const std::string_view address = found.in(notice_.subject);
      if (owner_of(notice_, address) == Owner::stranger)
        return {{std::string(address), notice_.subject, std::string(text_.substr(0, kPassageLimit)), true}};
    }
    return {};
  }

  /// The only address that is nobody else's.
  std::vector<Passage> lone_address() const {
    std::vector<Passage> out;
    for (const FoundAddress& found : addresses_) {
      if (owner_of(notice_, found.in(text_)) != Owner::stranger || of_a_sender(before(found))) continue;
      if (!out.empty() && !base::iequals(out.front().address, found.in(text_))) return {};
      if (out.empty()) out.push_back(around(found));
    }
    return out;
  }

  /// "The following recipients …: neko": a name at the reporter's own domain, alone on a line.
  std::vector<Passage> bare_name() const {
    if (notice_.from_address.find('@') == std::string::npos || !has_cue(notice_.cues, Cue::recipients)) return {};
    for (std::size_t i = 1; i < lines_.size(); ++i) {
      const BareName found = bare_name_on(lines_[i].in(text_));
      if (found.name.empty() || found.in_columns) continue;
      return {{address_of_name(notice_, found.name), std::string(found.why),
               std::string(trim(text_.substr(0, lines_[i].begin))), true}};
    }
    return {};
  }

  /// The same in a list right below the line that announces it: surer than any address that an explanation names.
  std::vector<Passage> listed_names() const {
    if (notice_.from_address.find('@') == std::string::npos) return {};
    std::size_t i = 0;
    while (i < lines_.size() && !announces_recipients(lines_[i])) ++i;
    std::size_t first = i + 1;
    while (first < lines_.size() && trim(lines_[first].in(text_)).empty()) ++first;
    std::vector<Passage> out;
    for (; first < lines_.size() && out.size() < limit_; ++first) {
      const BareName found = bare_name_on(lines_[first].in(text_));
      if (found.name.empty()) break;
      out.push_back({address_of_name(notice_, found.name), std::string(found.why),
                     std::string(text_.substr(lines_[first].end, kPassageLimit)), true});
    }
    return out;
  }

  bool announces_recipients(const TextLine& line) const {
    const std::string_view words = trim(line.in(text_));
    return words.ends_with(':') && has_cue(cues_within(notice_.cues, line.begin, line.end), Cue::recipients);
  }

  const Notice& notice_;
  std::string_view text_;
  std::size_t limit_;
  std::vector<TextLine> lines_;
  std::vector<FoundAddress> addresses_;
  std::string to_;  // whom the notice is addressed to, in small letters
  std::vector<Heading> all_;
  std::vector<Heading> headings_;  // those that count now
  std::vector<std::string> own_;
  std::vector<std::size_t> last_;
};

}  // namespace

std::vector<Passage> find_passages(const Notice& notice, std::size_t limit) { return Reader(notice, limit).read(); }

}  // namespace todoku::bounce
