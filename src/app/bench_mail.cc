#include "app/bench_mail.h"

#include <fmt/format.h>

#include <stdexcept>
#include <string>

#include "campaign/mail_source.h"

namespace todoku::app {
namespace {

constexpr std::string_view kSubject = "{{ contact.name | default: \"お客様\" }} 様へ 秋の新作のご案内\n";
constexpr std::string_view kText =
    "{{ contact.name | default: \"お客様\" }} 様\n\nいつもありがとうございます。会員番号 {{ contact.number }} の方への"
    "ご案内です。\n{{ unsubscribe_url }}\n";
constexpr std::string_view kHead =
    "<!doctype html><html lang=\"ja\"><head><meta charset=\"utf-8\"><title>秋の新作</title></head><body>\n"
    "<p>{{ contact.name | default: \"お客様\" }} 様</p>\n<p>会員番号 {{ contact.number }}、{{ contact.city }} "
    "の皆様へ。"
    "</p>\n";
constexpr std::string_view kProduct =
    "<table role=\"presentation\"><tr><td style=\"padding: 8px\"><a href=\"https://shop.example/item/{0}\">Item {0}</a>"
    "</td><td style=\"color: #333\">A warm woollen coat, made to last for many winters.</td></tr></table>\n";
constexpr std::string_view kTail = "<p><a href=\"{{ unsubscribe_url }}\">配信停止</a></p></body></html>\n";

std::vector<campaign::TemplateFile> with_products(int products) {
  std::string html(kHead);
  for (int i = 0; i < products; ++i) html += fmt::format(fmt::runtime(kProduct), i);
  html += kTail;
  return {{"subject.txt", std::string(kSubject)}, {"body.txt", std::string(kText)}, {"body.html", std::move(html)}};
}

}  // namespace

std::size_t bench_mail_size(const campaign::Campaign& draft, const std::vector<campaign::TemplateFile>& files) {
  const auto message = campaign::compile_message(draft, files);
  if (!message) throw std::logic_error("the benchmark's mail: " + message.error().text());
  return message->fixed_size();
}

std::vector<campaign::TemplateFile> bench_template(const campaign::Campaign& draft, std::size_t size) {
  const std::size_t none = bench_mail_size(draft, with_products(0));
  const std::size_t hundred = bench_mail_size(draft, with_products(100));
  const std::size_t each = (hundred - none) / 100;
  return with_products(size > none ? static_cast<int>((size - none) / each) : 0);
}

}  // namespace todoku::app
