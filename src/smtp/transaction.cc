#include "smtp/transaction.h"

#include <algorithm>

#include "smtp/content.h"

namespace todoku::smtp {
namespace {

constexpr std::string_view kReset = "RSET\r\n";
constexpr std::string_view kData = "DATA\r\n";

bool ascii(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

// A line end or bracket in an address would let it write commands of its own.
bool sendable(std::string_view address) {
  return std::ranges::none_of(address, [](char c) {
    auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f || c == '<' || c == '>';
  });
}

bool needs_smtputf8(const Envelope& mail) {
  return mail.smtputf8 || !ascii(mail.sender) || !std::ranges::all_of(mail.recipients, ascii);
}

void append_commands(const Envelope& mail, const Capabilities& server, std::string& out) {
  out += "MAIL FROM:<";
  out += mail.sender;
  out += '>';
  if (server.size) out += " SIZE=" + std::to_string(mail.content.size());
  if (server.eight_bit_mime && (mail.eight_bit || mail.smtputf8)) out += " BODY=8BITMIME";
  if (server.smtputf8 && needs_smtputf8(mail)) out += " SMTPUTF8";
  out += "\r\n";
  for (auto recipient : mail.recipients) {
    out += "RCPT TO:<";
    out += recipient;
    out += ">\r\n";
  }
}

}  // namespace

Cause local_refusal(const Envelope& mail, const Capabilities& server) {
  if (mail.recipients.empty() || !sendable(mail.sender) || !std::ranges::all_of(mail.recipients, sendable))
    return Cause::bad_address;
  if (server.size && server.size_limit > 0 && mail.content.size() > server.size_limit) return Cause::too_big;
  if (needs_smtputf8(mail) && !server.smtputf8) return Cause::no_smtputf8;
  if (mail.eight_bit && !server.eight_bit_mime) return Cause::no_eight_bit;
  return Cause::none;
}

void Transaction::begin(const Envelope& mail, const Capabilities& server, bool reset_first) {
  restart(mail, server, reset_first);
  chunked_ = false;
  commands_ += kData;
}

void Transaction::begin_chunk(const Envelope& mail, const Capabilities& server, bool reset_first, std::size_t chunk) {
  restart(mail, server, reset_first);
  chunked_ = true;
  commands_ += "BDAT " + std::to_string(chunk) + " LAST\r\n";
}

void Transaction::restart(const Envelope& mail, const Capabilities& server, bool reset_first) {
  state_ = State::waiting;
  pipelined_ = server.pipelining;
  reset_first_ = reset_first;
  commands_ = reset_first ? kReset : std::string_view();
  append_commands(mail, server, commands_);
  output_ = asked_ = replies_ = taken_ = 0;
  recipients_ = mail.recipients.size();
  outcome_.kind = SendOutcome::Kind::lost;
  outcome_.stage = Stage::none;
  outcome_.refused.clear();
}

bool Transaction::is_for(const Envelope& mail, const Capabilities& server) const {
  std::string commands(reset_first_ ? kReset : std::string_view());
  append_commands(mail, server, commands);
  commands += kData;
  return commands == commands_;
}

Stage Transaction::stage_of_reply(std::size_t number) const {
  if (reset_first_ && number == 0) return Stage::mail;
  number -= reset_first_ ? 1 : 0;
  if (number == 0) return Stage::mail;
  if (number <= recipients_) return Stage::rcpt;
  return chunked_ ? Stage::eod : Stage::data;
}

std::string_view Transaction::output() const {
  std::string_view rest = std::string_view(commands_).substr(output_);
  if (state_ != State::waiting || rest.empty()) return {};
  if (pipelined_) return rest;
  return asked_ == replies_ ? rest.substr(0, rest.find('\n') + 1) : std::string_view();
}

void Transaction::output_sent() {
  auto sent = output();
  output_ += sent.size();
  asked_ += static_cast<std::size_t>(std::ranges::count(sent, '\n'));
}

void Transaction::refuse(Stage stage, const Reply& reply) {
  if (outcome_.stage != Stage::none) return;  // what follows the first refusal only echoes it
  outcome_.kind = SendOutcome::Kind::refused;
  outcome_.stage = stage;
  outcome_.reply = reply;
}

void Transaction::on_reply(const Reply& reply) {
  auto stage = awaited();
  bool reset = reset_first_ && replies_ == 0;
  ++replies_;
  if (!reset && stage != Stage::data && reply.code / 100 == 3) {
    state_ = State::broken;
    return;
  }
  if (reset) {
    if (reply.code == 421) refuse(stage, reply);
  } else if (stage == Stage::mail) {
    if (!reply.positive()) refuse(stage, reply);
  } else if (stage == Stage::rcpt) {
    on_recipient_reply(reply);
  } else if (chunked_) {
    on_chunk_reply(reply);
  } else {
    on_data_reply(reply);
  }
  // Without pipelining nothing more is asked once the answer is known.
  bool settled = outcome_.stage != Stage::none && (stage != Stage::rcpt || awaited() == Stage::data);
  if (state_ == State::waiting && !pipelined_ && settled) state_ = State::refused;
}

void Transaction::on_recipient_reply(const Reply& reply) {
  auto index = replies_ - 2 - (reset_first_ ? 1 : 0);
  if (reply.positive())
    ++taken_;
  else
    outcome_.refused.push_back({index, reply});
  if (awaited() != Stage::rcpt && taken_ == 0) refuse(Stage::rcpt, outcome_.refused.front().reply);
}

/// Where nobody was accepted the answer to the content is no news: 503 or 554.
void Transaction::on_chunk_reply(const Reply& reply) {
  if (outcome_.stage != Stage::none) {
    state_ = State::refused;
    return;
  }
  outcome_.reply = reply;
  state_ = State::answered;
}

void Transaction::on_data_reply(const Reply& reply) {
  if (reply.code / 100 == 2) {
    state_ = State::broken;
    return;
  }
  if (!reply.positive()) refuse(Stage::data, reply);
  bool waits = reply.positive();
  bool refused = outcome_.stage != Stage::none;
  state_ = !waits ? State::refused : refused ? State::abandon : State::go_ahead;
}

}  // namespace todoku::smtp
