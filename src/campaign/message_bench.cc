// One core's rate of personalised mails: 10 kB of HTML with ten merge fields, and its text part.
#include <benchmark/benchmark.h>

#include "campaign/message.h"

namespace todoku::campaign {
namespace {

Template newsletter(bool japanese) {
  std::string html = "<html><body>\n";
  const std::string_view line =
      japanese ? "<p style=\"margin:0 0 16px\">春の新商品のお知らせです。ぜひご覧ください。</p>\n"
               : "<p style=\"margin:0 0 16px;color:#333\">Our new products of this spring: have a look at them.</p>\n";
  for (int i = 0; html.size() < 10'000; ++i) {
    html += line;
    if (i % 10 == 0) html += "<p>{{ contact.name | default: \"お客様\" }} {{ contact.city }}</p>\n";
  }
  html += "<a href=\"{{ unsubscribe_url }}\">stop</a></body></html>\n";
  const std::vector<TemplateFile> files = {{"subject.txt", "{{ contact.name }}様へのお知らせ"},
                                           {"body.html", html},
                                           {"body.txt", "{{ contact.name }}様\n春の新商品のお知らせです。\n"}};
  return *parse_template(files);
}

void write_mail(benchmark::State& state) {
  MessageOptions options;
  options.from = {"とどく編集部", *mail::parse_address("news@example.jp")};
  options.message_id_domain = "example.jp";
  options.list_id = "news.example.jp";
  auto message = CompiledMessage::compile(newsletter(state.range(0) != 0), options);
  MessageWriter writer(*message);
  const mail::Address address = *mail::parse_address("hanako@example.jp");
  const std::vector<FieldValue> fields = {{"city", "東京都"}, {"rank", "A"}, {"points", "120"}};
  const RecipientValues to{address,
                           "佐藤 花子",
                           fields,
                           "c12.r345",
                           base::from_stored(1'719'792'000'000),
                           "https://example.jp/u/0123456789abcdef",
                           "u+0123456789abcdef@example.jp",
                           "c12.345"};
  std::string out;
  for (auto _ : state) {
    out.clear();
    benchmark::DoNotOptimize(writer.write(to, out));
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(out.size()));
  state.SetLabel(std::to_string(out.size()) + " octets a mail");
}
BENCHMARK(write_mail)->ArgName("japanese")->Arg(0)->Arg(1);

}  // namespace
}  // namespace todoku::campaign
