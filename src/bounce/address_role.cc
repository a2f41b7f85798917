#include "bounce/address_role.h"

#include <algorithm>
#include <string>

#include "base/ascii.h"

namespace todoku::bounce {
namespace {

constexpr std::size_t kWordsBefore = 60;  // characters

constexpr std::string_view kSuccessor[] = {"new address",     "new e-mail",
                                           "new email",       "please use",
                                           "please write",    "use instead",
                                           "now write to",    "neue adresse",
                                           "neuen adresse",   "neue e-m",
                                           "neue mail",       "wenden sie",
                                           "schreiben sie",   "nouvelle adresse",
                                           "écrire à",        "écrivez",
                                           "lui écrire",      "nueva direcci",
                                           "nuevo c",         "escriba a",
                                           "escribir a",      "escríba",
                                           "novo endere",     "novo e-m",
                                           "escreva para",    "escrever para",
                                           "nuovo indirizzo", "scriva a",
                                           "scrivere a",      "nieuwe adres",
                                           "nieuwe e-m",      "schrijf naar",
                                           "schrijven naar",  "ny adress",
                                           "nya adress",      "nye adress",
                                           "ny adresse",      "skriv til",
                                           "skicka till",     "nowy adres",
                                           "pisać na",        "prosimy pisać",
                                           "pište na",        "nová adresa",
                                           "új cím",          "írjon",
                                           "adresa nouă",     "scrieți la",
                                           "yeni adres",      "нов",
                                           "пишите",          "писать на",
                                           "пишіть",          "新しい",
                                           "新メール",        "新地址",
                                           "新邮箱",          "新郵件",
                                           "새 주소",         "새로운 주소",
                                           "helpdesk",        "hilfe an",
                                           "contacte",        "contattare",
                                           "kontakt",         "обратитесь",
                                           "お問い合わせ",    "联系"};

constexpr std::string_view kSenderAnywhere[] = {"mail from:", "contact", "from you"};
/// Of these the last word before the address alone counts: "from" says nothing of the address behind the next word.
constexpr std::string_view kSenderNext[] = {"from",
                                            "sent by",
                                            "proveniente da",
                                            "inviato da",
                                            "inviata da",
                                            "envoyé par",
                                            "provenant de",
                                            "enviado por",
                                            "enviada por",
                                            "gesendet von",
                                            "verschickt von",
                                            "verzonden door",
                                            "wysłana przez",
                                            "отправленное с адреса",
                                            "от",
                                            "от:",
                                            "від",
                                            "fra",
                                            "från",
                                            "od"};

bool ends_in_word(std::string_view text, std::string_view word) {
  if (!text.ends_with(word)) return false;
  const std::string_view rest = text.substr(0, text.size() - word.size());
  return rest.empty() || base::ascii_space(rest.back()) || rest.back() == '(';
}

}  // namespace

std::string_view words_before(std::string_view text, const FoundAddress& found, std::size_t floor) {
  std::size_t begin = found.begin;
  for (std::size_t characters = 0; begin > floor && characters < kWordsBefore; --begin)
    characters += (static_cast<unsigned char>(text[begin - 1]) & 0xC0u) != 0x80u ? 1 : 0;
  return text.substr(begin, found.begin - begin);
}

bool of_a_sender(std::string_view before) {
  const std::string lower = base::ascii_lower(before);
  if (std::ranges::any_of(kSenderAnywhere,
                          [&](std::string_view word) { return lower.find(word) != std::string::npos; }))
    return true;
  std::string_view words = lower;
  while (!words.empty() &&
         (base::ascii_space(words.back()) || std::string_view("<(\"':").find(words.back()) != std::string_view::npos))
    words.remove_suffix(1);
  for (const std::string_view alias : {"generated from", "expanded from", "forwarded from"})
    if (words.ends_with(alias)) return false;
  return std::ranges::any_of(kSenderNext, [&](std::string_view word) { return ends_in_word(words, word); });
}

bool of_a_successor(std::string_view before) {
  const std::string lower = base::ascii_lower(before);
  return std::ranges::any_of(kSuccessor, [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

}  // namespace todoku::bounce
