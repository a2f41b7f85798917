#include "mail/address.h"

#include <gtest/gtest.h>

#include "mail/utf8.h"

namespace todoku::mail {
namespace {

Address good(std::string_view text) {
  auto parsed = parse_address(text);
  EXPECT_TRUE(parsed) << text << ": " << (parsed ? "" : parsed.error().text());
  return parsed ? *parsed : Address{};
}

base::Error bad(std::string_view text) {
  auto parsed = parse_address(text);
  EXPECT_FALSE(parsed) << text;
  return parsed ? base::Error{} : parsed.error();
}

TEST(Address, KeepsWhatWasTypedAndKnowsTheDomainOfDns) {
  const Address a = good("  Hanako.Sato+news@Example.CO.JP\u3000");
  EXPECT_EQ(a.local, "Hanako.Sato+news");
  EXPECT_EQ(a.domain, "Example.CO.JP");
  EXPECT_EQ(a.ascii_domain, "example.co.jp");
  EXPECT_EQ(a.display(), "Hanako.Sato+news@Example.CO.JP");
  EXPECT_EQ(a.smtp(), "Hanako.Sato+news@example.co.jp");
  EXPECT_EQ(a.match_key(), "hanako.sato+news@example.co.jp");
  EXPECT_FALSE(a.smtputf8);
}

TEST(Address, TakesInternationalDomainsAndLocalParts) {
  const Address a = good("info@日本語.jp");
  EXPECT_EQ(a.ascii_domain, "xn--wgv71a119e.jp");
  EXPECT_EQ(a.display(), "info@日本語.jp");
  EXPECT_EQ(a.smtp(), "info@xn--wgv71a119e.jp");
  EXPECT_FALSE(a.smtputf8);
  EXPECT_EQ(good("info@XN--WGV71A119E.jp").match_key(), a.match_key());
  EXPECT_EQ(good("info@日本語。ＪＰ").match_key(), a.match_key());
  const Address b = good("佐藤.Ö@例え.jp");
  EXPECT_TRUE(b.smtputf8);
  EXPECT_EQ(b.match_key(), "佐藤.ö@" + b.ascii_domain);
  EXPECT_EQ(good("佐藤.O\u0308@例え.jp").match_key(), b.match_key());  // decomposed
  EXPECT_EQ(unicode_domain("xn--wgv71a119e.jp"), "日本語.jp");
  EXPECT_EQ(unicode_domain("example.jp"), "example.jp");
}

TEST(Address, ReadsQuotedLocalParts) {
  const Address a = good(R"("john \"q\" \\doe"@example.com)");
  EXPECT_EQ(a.local, R"(john "q" \doe)");
  EXPECT_EQ(a.smtp(), R"("john \"q\" \\doe"@example.com)");
  EXPECT_EQ(good(R"("plain"@example.com)").smtp(), "plain@example.com");
  EXPECT_EQ(good(R"("a@b"@example.com)").smtp(), R"("a@b"@example.com)");
  EXPECT_EQ(good(R"("a..b"@example.com)").smtp(), R"("a..b"@example.com)");
}

TEST(Address, TakesTheCarriersDottedForms) {
  for (const auto* const typed :
       {"a..b@docomo.ne.jp", "abc.@docomo.ne.jp", ".abc@ezweb.ne.jp", "a...b.@au.com", "x.@ab.ezweb.ne.jp"}) {
    const Address a = good(typed);
    const std::string local(std::string_view(typed).substr(0, std::string_view(typed).find('@')));
    EXPECT_EQ(a.smtp(), "\"" + local + "\"@" + a.ascii_domain);
    EXPECT_EQ(a.display(), typed);
    EXPECT_EQ(good(a.smtp()).match_key(), a.match_key());
    EXPECT_EQ(good(a.smtp()), a);
  }
  EXPECT_EQ(good(R"("a b"@ezweb.ne.jp)").display(), R"("a b"@ezweb.ne.jp)");
  EXPECT_EQ(bad("a..b@example.jp").where, "character 3");
  EXPECT_EQ(bad("abc.@example.jp").where, "character 4");
  EXPECT_EQ(bad(".abc@notdocomo.ne.jp").where, "character 1");
}

struct Fault {
  std::string_view typed;
  std::string_view message;
  std::string_view where;
};

TEST(Address, SaysWhatIsWrongAndWhere) {
  for (const auto& [typed, message, where] : std::initializer_list<Fault>{
           {"", "empty", "character 1"},
           {"  ", "empty", "character 3"},
           {"hanako", "no @", "character 7"},
           {"@example.jp", "nothing stands before", "character 1"},
           {"hanako@", "nothing stands after", "character 8"},
           {"花子さん＠example.jp", "full-width", "character 5"},
           {"ｈanako@example.jp", "full-width", "character 1"},
           {"ha nako@example.jp", "blank", "character 3"},
           {"ha,nako@example.jp", "not allowed", "character 3"},
           {"a@b@example.jp", "two @", "character 4"},
           {"a@example", "no dot", "character 3"},
           {"a@example..jp", "two dots", "character 11"},
           {"a@.example.jp", "two dots", "character 3"},
           {"a@example.jp.", "two dots", "character 14"},
           {"a@-example.jp", "hyphen", "character 3"},
           {"a@exa_mple.jp", "not allowed", "character 6"},
           {"a@example,jp", "comma", "character 10"},
           {"a@[192.0.2.1]", "IP address", "character 3"},
           {"a@192.0.2.1", "number", "character 11"},
           {"\"abc@example.jp", "not closed", "character 16"},
           {"\"\"@example.jp", "between the quotes", "character 1"},
           {"\"a\"b@example.jp", "should follow", "character 4"},
           {"a\rb@example.jp", "control", "character 2"},
           {"\"a\nb\"@example.jp", "control", "character 3"},
           {"a@exam\nple.jp", "control", "character 7"},
           {"日\xEDx@example.jp", "UTF-8", "character 2"},
           {"a\u200Bb@example.jp", "invisible", "character 2"},
           {"a\u202Eb@example.jp", "invisible", "character 2"},
       }) {
    const base::Error error = bad(typed);
    EXPECT_NE(error.message.find(message), std::string::npos) << typed << ": " << error.text();
    EXPECT_EQ(error.where, where) << typed << ": " << error.text();
    EXPECT_FALSE(error.hint.empty()) << typed;
  }
  EXPECT_FALSE(parse_address(std::string_view("a\0b@example.jp", 14)));
  EXPECT_FALSE(parse_address(std::string_view("a@exa\0mple.jp", 13)));
  EXPECT_FALSE(parse_address(std::string_view("a@日本\0語.jp", 15)));
}

TEST(Address, KeepsTheLengthLimits) {
  const std::string label(60, 'd');
  EXPECT_TRUE(parse_address(std::string(64, 'a') + "@example.jp"));
  EXPECT_NE(bad(std::string(65, 'a') + "@example.jp").message.find("65 octets"), std::string::npos);
  const std::string domain = label + "." + label + "." + label + ".jp";      // 185
  EXPECT_TRUE(parse_address(std::string(64, 'a') + "@" + domain + "p.jp"));  // 254
  EXPECT_FALSE(parse_address(std::string(64, 'a') + "@" + domain + "pp.jp"));
  EXPECT_FALSE(parse_address("a@" + std::string(64, 'd') + ".jp"));
  EXPECT_NE(bad(std::string(10'000, 'a') + "@example.jp").message.find("10011 octets"), std::string::npos);
}

TEST(Mailbox, ReadsNameAndAddress) {
  const auto parsed = parse_mailbox("  佐藤 花子 <hanako@example.jp> ");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->name, "佐藤 花子");
  EXPECT_EQ(parsed->address.smtp(), "hanako@example.jp");
  EXPECT_EQ(parse_mailbox(R"("Sato, \"H\"" <a@example.jp>)")->name, R"(Sato, "H")");
  EXPECT_EQ(parse_mailbox("a@example.jp")->name, "");
  EXPECT_EQ(parse_mailbox("<a@example.jp>")->address.local, "a");
  EXPECT_EQ(parse_mailbox("Name <a b@example.jp>").error().where, "character 8");
  EXPECT_FALSE(parse_mailbox("a@example.jp>"));
  EXPECT_FALSE(parse_mailbox("Na\r\nBcc: x <a@example.jp>"));
  EXPECT_FALSE(parse_mailbox(">"));
  EXPECT_FALSE(parse_mailbox("<>"));
}

TEST(Address, KnowsRoleAddresses) {
  EXPECT_TRUE(is_role_address(good("Info@example.jp")));
  EXPECT_TRUE(is_role_address(good("postmaster@example.jp")));
  EXPECT_TRUE(is_role_address(good("no-reply@example.jp")));
  EXPECT_FALSE(is_role_address(good("informatik@example.jp")));
}

TEST(NearDomain, SuggestsWhatWasMeant) {
  for (const auto& [wrong, right] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"gmial.com", "gmail.com"},          {"gmai.com", "gmail.com"},
           {"gmail.con", "gmail.com"},          {"gmaill.con", "gmail.com"},
           {"gamil.com", "gmail.com"},          {"gmail.co.jp", "gmail.com"},
           {"yaho.co.jp", "yahoo.co.jp"},       {"yahooo.co.jp", "yahoo.co.jp"},
           {"yahoo.c.jp", "yahoo.co.jp"},       {"yhaoo.co.jp", "yahoo.co.jp"},
           {"docomo.co.jp", "docomo.ne.jp"},    {"docmo.ne.jp", "docomo.ne.jp"},
           {"hotmial.com", "hotmail.com"},      {"hotmal.com", "hotmail.com"},
           {"hotmai.co.jp", "hotmail.co.jp"},   {"outlok.com", "outlook.com"},
           {"outlook.cm0", "outlook.com"},      {"outlok.jp", "outlook.jp"},
           {"ezweb.co.jp", "ezweb.ne.jp"},      {"ezwed.ne.jp", "ezweb.ne.jp"},
           {"iclould.com", "icloud.com"},       {"i.softbank.ne.jp", "i.softbank.jp"},
           {"softbnk.ne.jp", "softbank.ne.jp"}, {"gmail", "gmail.com"}}) {
    EXPECT_EQ(near_domain(wrong), right) << wrong;
  }
}

TEST(NearDomain, LeavesRealDomainsAlone) {
  for (const auto* const fine :
       {"gmail.com",  "ymail.com",     "mail.com",         "email.com",      "gmx.com",           "gmx.net",
        "yahoo.com",  "yahoo.co.jp",   "yahoo.be",         "outlook.fr",     "outlook.jp",        "me.com",
        "mac.com",    "aol.com",       "au.com",           "example.jp",     "fifty.com",         "hotmail.de",
        "proton.me",  "live.jp",       "nifty.ne.jp",      "softbank.co.jp", "xn--wgv71a119e.jp", "u-tokyo.ac.jp",
        "google.com", "yahoo-corp.jp", "mail.yahoo.co.jp", "msn.com",        "clouds.com"}) {
    EXPECT_EQ(near_domain(fine), std::nullopt) << fine;
  }
  EXPECT_EQ(near_domain(""), std::nullopt);
  EXPECT_EQ(near_domain("."), std::nullopt);
}

}  // namespace
}  // namespace todoku::mail
