// What signing costs beside the public-key operation alone: 10 kB HTML mails that differ from each other behind a
// beginning of 1.5 kB. Compare sign_mail's key:0 and key:1 with key_alone, which is what `openssl speed` measures.
#include <benchmark/benchmark.h>

#include "authentication/test_mail.h"

namespace todoku::authentication {
namespace {

const DkimKey& key_of(const benchmark::State& state) {
  return state.range(0) == 0 ? rsa_test_key() : ed25519_test_key();
}

/// `number` stands in the header and behind the first part of the body.
std::string mail_to(int number) {
  const std::string reader = std::to_string(1'000'000 + number);
  std::string mail =
      "Date: Mon, 01 Jul 2024 09:00:00 +0900\n"
      "From: =?UTF-8?B?44Go44Gp44GP57eo6ZuG6YOo?= <news@example.jp>\n"
      "List-Id: <list1.example.jp>\nFeedback-ID: 12:1:todoku:example.jp\nPrecedence: bulk\n"
      "To: =?UTF-8?B?5L2Q6JekIOiKseWtkA==?= <reader" +
      reader +
      "@example.net>\n"
      "Subject: =?UTF-8?B?5L2Q6JekIOiKseWtkOanmOOBuOOBruOBiuefpeOCieOBmw==?=\n"
      "Message-ID: <abcdefghijklmnopqrstuvw" +
      reader +
      "@example.jp>\n"
      "List-Unsubscribe: <https://example.jp/u/abcdefghijklmnop" +
      reader + ">,\n <mailto:unsubscribe+" + reader +
      "@example.jp>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n"
      "X-Todoku-Trace: abcdefghijklmnopqrstuvw" +
      reader +
      "\nMIME-Version: 1.0\n"
      "Content-Type: multipart/alternative; boundary=\"=-0123456789abcdef\"\n\n";
  std::string body;
  while (body.size() < 10'000) {
    body += "    <p style=3D\"margin:0 0 16px;color:#333\">Our new products of this spring=\n";
    if (body.size() > 1500 && body.size() % 7 == 0) body += "<b>" + reader + "</b>\n";
  }
  return crlf(mail + body);
}

void sign_mail(benchmark::State& state) {
  DkimSigner signer({.domain = "example.jp", .keys = {{"s1", key_of(state)}}, .identity = "", .valid_for = {}});
  std::vector<std::string> mails;
  for (int i = 0; i < 64; ++i) mails.push_back(mail_to(i));
  std::string field;
  std::size_t next = 0;
  for (auto _ : state) {
    field.clear();
    benchmark::DoNotOptimize(signer.sign(mails[next++ % mails.size()], at_noon(), field));
  }
  state.SetItemsProcessed(state.iterations());
  state.SetLabel(std::to_string(mails[0].size()) + " octets a mail");
}
BENCHMARK(sign_mail)->ArgName("key")->Arg(0)->Arg(1);

void key_alone(benchmark::State& state) {
  DkimSign sign(key_of(state));
  const Sha256Digest hash = sha256("x");
  for (auto _ : state) benchmark::DoNotOptimize(sign(hash));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(key_alone)->ArgName("key")->Arg(0)->Arg(1);

/// All but the public-key operation and writing the field.
void hash_body(benchmark::State& state) {
  DkimBodyHash hash;
  std::vector<std::string> bodies;
  for (int i = 0; i < 64; ++i) bodies.push_back(mail_to(i).substr(mail_to(i).find("\r\n\r\n") + 4));
  std::size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(hash(bodies[next++ % bodies.size()]));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bodies[0].size()));
}
BENCHMARK(hash_body);

void verify_mail(benchmark::State& state) {
  DkimSigner signer({.domain = "example.jp", .keys = {{"s1", key_of(state)}}, .identity = "", .valid_for = {}});
  std::string mail;
  if (!signer.sign(mail_to(1), at_noon(), mail)) return state.SkipWithError("not signed");
  mail += mail_to(1);
  Records records;
  records.publish("s1", "example.jp", key_of(state));
  for (auto _ : state) benchmark::DoNotOptimize(verify_dkim(mail, at_noon(), records.lookup()));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(verify_mail)->ArgName("key")->Arg(0)->Arg(1);

}  // namespace
}  // namespace todoku::authentication
