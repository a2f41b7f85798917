#include "app/explain_command_reply.h"

#include <string>

#include "base/ascii.h"

namespace todoku::app {
namespace {

using base::ascii_digit;

std::string_view take_until_tab(std::string_view& line) {
  const std::size_t tab = line.find('\t');
  if (tab == std::string_view::npos) return {};
  const std::string_view word = base::trim(line.substr(0, tab));
  line.remove_prefix(tab + 1);
  return word;
}

std::string with_line_ends(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size() || (text[i + 1] != 'n' && text[i + 1] != 'r' && text[i + 1] != 't')) {
      out += text[i];
      continue;
    }
    ++i;
    if (text[i] != 'r') out += text[i] == 'n' ? '\n' : ' ';
  }
  return out;
}

int code_of(std::string_view line) {
  if (line.size() < 3 || !ascii_digit(line[0]) || !ascii_digit(line[1]) || !ascii_digit(line[2])) return 0;
  if (line.size() > 3 && line[3] != ' ' && line[3] != '-') return 0;
  return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

smtp::Reply reply_of(std::string_view text) {
  smtp::Reply reply;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = base::trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    const int code = code_of(line);
    if (reply.code == 0) reply.code = code;
    if (code == reply.code && code != 0) line.remove_prefix(std::min<std::size_t>(4, line.size()));
    if (!reply.status && reply.lines.empty())
      reply.status = smtp::EnhancedStatus::parse(line.substr(0, line.find(' ')));
    reply.lines.emplace_back(line);
  }
  return reply;
}

}  // namespace

bounce::Diagnosis explain_reply_line(const bounce::Rules& rules, std::string_view line) {
  std::string_view rest = line;
  const std::string_view host = take_until_tab(rest);
  const std::string_view stage_name = take_until_tab(rest);
  const smtp::Stage stage = smtp::stage_of(stage_name).value_or(smtp::Stage::none);
  const std::string text = with_line_ends(rest);
  const smtp::Reply reply = reply_of(text);
  if (reply.code != 0) return bounce::diagnose(rules, reply, stage, "", host);
  bounce::Diagnosis diagnosis;
  diagnosis.stage = stage;
  diagnosis.remote_mta = host;
  diagnosis.diagnostic = text;
  bounce::Observation seen;
  seen.text = text;
  seen.stage = stage;
  seen.remote_mta = host;
  bounce::Verdict verdict = rules.judge(seen);
  diagnosis.reason = verdict.reason;
  diagnosis.other_reason = verdict.other_reason;
  diagnosis.provider = std::move(verdict.provider);
  diagnosis.evidence = std::move(verdict.evidence);
  bounce::settle(diagnosis);
  return diagnosis;
}

}  // namespace todoku::app
