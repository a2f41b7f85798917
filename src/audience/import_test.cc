#include "audience/import.h"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "audience/contact.h"
#include "audience/list.h"
#include "audience/sendable.h"
#include "audience/suppression.h"
#include "store/test_store.h"

namespace todoku::audience {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace std::string_view_literals;

constexpr base::Time kNow{1'700'000'000'000ms};

std::string content(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return std::move(text).str();
}

class ImportTest : public store::StoreTest {
 protected:
  ImportOptions options(std::string_view text) {
    std::ofstream(place().folder() / "readers.csv", std::ios::binary) << text;
    return {.file = place().folder() / "readers.csv",
            .list = "会報",
            .mappings = {},
            .consent = "form",
            .rejects = {},
            .language = bounce::Language::en};
  }
  base::Result<ImportReport> import(const ImportOptions& options) { return import_contacts(store(), options, clock_); }
  ImportReport imported(std::string_view text) { return import(options(text)).value(); }
  std::string refusal(std::string_view text) {
    const auto result = import(options(text));
    EXPECT_FALSE(result);
    return result ? "" : result.error().text();
  }
  std::optional<Contact> contact(std::string_view address) { return find_contact(*store().read(), address); }
  std::int64_t count(std::string_view sql) { return *store().read()->query_integer(sql); }
  std::string rejects() { return content(place().folder() / "readers.rejected.csv"); }

  base::ManualClock clock_{kNow};
};
TODOKU_ON_BOTH_ENGINES(ImportTest);

TEST_P(ImportTest, PutsContactsWithTheirFieldsIntoAList) {
  const auto report =
      imported("会員番号,メールアドレス,氏名,市\n1,Ichiro@Example.jp, 青木 一郎 ,横浜市\n2,h@example.jp,,\n");
  EXPECT_EQ(report.rows, 2);
  EXPECT_EQ(report.accepted, 2);
  EXPECT_EQ(report.stored.created, 2);
  EXPECT_EQ(report.stored.joined, 2);
  EXPECT_EQ(report.charset, "utf-8");
  EXPECT_TRUE(report.rejects_file.empty());
  EXPECT_FALSE(std::filesystem::exists(place().folder() / "readers.rejected.csv"));
  const auto ichiro = contact("ichiro@example.jp");
  ASSERT_TRUE(ichiro);
  EXPECT_EQ(ichiro->address, "Ichiro@Example.jp");
  EXPECT_EQ(ichiro->name, "青木 一郎");
  EXPECT_EQ(*ichiro->fields.find("市"), "横浜市");
  EXPECT_EQ(*ichiro->fields.find("会員番号"), "1");
  EXPECT_EQ(ichiro->state, State::active);
  EXPECT_EQ(ichiro->consent, "form");
  EXPECT_EQ(ichiro->consent_at, kNow);
  EXPECT_THAT(lists_of(*store().read(), ichiro->id), ElementsAre("会報"));
}

TEST_P(ImportTest, ReadsWhatJapaneseSpreadsheetsWrite) {
  // メール,名前 / a@example.jp,髙橋① in CP932 with CRLF
  const auto report =
      imported("\x83\x81\x81\x5b\x83\x8b,\x96\xbc\x91\x4f\r\na@example.jp,\xfb\xfc\x8b\xb4\x87\x40\r\n");
  EXPECT_EQ(report.charset, "windows-31j");
  EXPECT_EQ(contact("a@example.jp")->name, "髙橋①");
  EXPECT_EQ(imported("\xef\xbb\xbf"
                     "email\tname\nb@example.jp\t青木\n")
                .delimiter,
            '\t');
  EXPECT_EQ(contact("b@example.jp")->name, "青木");
  const std::string utf16 =
      "\xff\xfe"
      "e\0m\0a\0i\0l\0\r\0\n\0c\0@\0x\0.\0j\0p\0\r\0\n\0"s;
  imported(utf16);
  EXPECT_TRUE(contact("c@x.jp"));
}

TEST_P(ImportTest, FindsACharsetThatShowsOnlyAfterMegabytes) {
  std::string text = "email,name\n";
  for (int i = 0; text.size() < (std::size_t{1} << 20) + 1000; ++i) text += std::to_string(i % 10) + "@example.jp,x\n";
  text += "last@example.jp,\x8e\xe9\n";
  EXPECT_EQ(imported(text).charset, "windows-31j");
  EXPECT_EQ(contact("last@example.jp")->name, "朱");
}

TEST_P(ImportTest, MergesLaterValuesThatAreNotEmpty) {
  const auto first = imported("email,name,city,tel\na@example.jp,A,横浜,1\nA@EXAMPLE.JP,,札幌,\nb@example.jp,B,,\n");
  EXPECT_EQ(first.repeated, 1);
  EXPECT_EQ(first.stored.created, 2);
  EXPECT_EQ(contact("a@example.jp")->name, "A");
  EXPECT_EQ(*contact("a@example.jp")->fields.find("city"), "札幌");
  EXPECT_EQ(*contact("a@example.jp")->fields.find("tel"), "1");

  clock_.advance(1h);
  const auto second = imported("email,name,plan\na@example.jp,A2,gold\nb@example.jp,B,\n");
  EXPECT_EQ(second.stored.created, 0);
  EXPECT_EQ(second.stored.changed, 1);
  EXPECT_EQ(second.stored.joined, 0);
  const auto a = contact("a@example.jp");
  EXPECT_EQ(a->name, "A2");
  EXPECT_EQ(*a->fields.find("city"), "札幌");
  EXPECT_EQ(*a->fields.find("plan"), "gold");
  EXPECT_EQ(a->consent_at, kNow);
  EXPECT_EQ(a->changed_at, kNow + 1h);
  EXPECT_EQ(contact("b@example.jp")->changed_at, kNow);
}

TEST_P(ImportTest, MergesRowsOfDifferentChunksAlike) {
  auto small = options("email,name,city\na@example.jp,A,x\nb@example.jp,B,\na@example.jp,A2,\na@example.jp,,y\n");
  small.chunk_rows = 1;
  const auto report = import(small).value();
  EXPECT_EQ(report.repeated, 2);
  EXPECT_EQ(report.stored.created, 2);
  EXPECT_EQ(contact("a@example.jp")->name, "A2");
  EXPECT_EQ(*contact("a@example.jp")->fields.find("city"), "y");
}

TEST_P(ImportTest, NeverLoosensWhatAReaderRefused) {
  imported("email\nu@example.jp\ns@example.jp\nd@example.jp\n");
  store().write_now([&](store::Connection& db) {
    ASSERT_TRUE(unsubscribe(db, find_contact(db, "u@example.jp")->id, kUnsubscribed, kNow));
    ASSERT_TRUE(unsubscribe(db, find_contact(db, "d@example.jp")->id, kUnsubscribed, kNow));
    db.execute("delete from contact where address_key = 'd@example.jp'");
    db.execute("update contact set state = 'stopped' where address_key = 's@example.jp'");
  });
  const auto report = imported("email,name\nu@example.jp,new name\ns@example.jp,\nd@example.jp,\nnew@example.jp,\n");
  EXPECT_EQ(report.stored.refused, 3);
  EXPECT_EQ(contact("u@example.jp")->state, State::unsubscribed);
  EXPECT_EQ(contact("u@example.jp")->name, "new name");
  EXPECT_EQ(contact("s@example.jp")->state, State::stopped);
  EXPECT_EQ(contact("d@example.jp")->state, State::suppressed);
  const auto db = store().read();
  EXPECT_EQ(count_sendable(*db, *find_list(*db, "会報")), 1);
}

TEST_P(ImportTest, RecordsConsentOnceAndRowsWithoutItAreNotSendable) {
  auto without = options("email,consent\na@example.jp,\nb@example.jp,business card\n");
  without.consent.clear();
  EXPECT_EQ(import(without)->without_consent, 1);
  EXPECT_EQ(contact("a@example.jp")->consent, std::nullopt);
  EXPECT_EQ(contact("b@example.jp")->consent, "business card");
  const auto sendable = [&] {
    const auto db = store().read();
    return count_sendable(*db, *find_list(*db, "会報"));
  };
  EXPECT_EQ(sendable(), 1);
  clock_.advance(1h);
  imported("email\na@example.jp\nb@example.jp\n");
  EXPECT_EQ(contact("a@example.jp")->consent, "form");
  EXPECT_EQ(contact("a@example.jp")->consent_at, kNow + 1h);
  EXPECT_EQ(contact("b@example.jp")->consent, "business card");
  EXPECT_EQ(contact("b@example.jp")->consent_at, kNow);
  EXPECT_EQ(sendable(), 2);
}

TEST_P(ImportTest, TakesOldMobileAddressesAndReportsRolesAndTypos) {
  const auto report = imported("email\na..b@docomo.ne.jp\nabc.@ezweb.ne.jp\ninfo@example.jp\nx@gmial.com\n");
  EXPECT_EQ(report.accepted, 4);
  EXPECT_EQ(report.roles.rows, 1);
  EXPECT_EQ(report.roles.samples[0].line, 4);
  EXPECT_EQ(report.near_domains.rows, 1);
  EXPECT_EQ(report.near_domains.samples[0].text, "x@gmial.com → gmail.com");
  EXPECT_EQ(contact("\"a..b\"@docomo.ne.jp")->address, "a..b@docomo.ne.jp");
}

TEST_P(ImportTest, WritesRejectedRowsWithPlaceAndReason) {
  const std::string long_address = std::string(10'000, 'a') + "@example.jp";
  const auto report = imported("email,name\na@example.jp,A\nno address,\"B, \"\"x\"\"\"\n,C\n" + long_address +
                               ",D\n\"b@example.jp\r\nBcc: c@example.jp\",E\nf@example.jp,F,extra\ng@example.jp,G,,\n");
  EXPECT_EQ(report.accepted, 2);
  EXPECT_EQ(report.rejected, 5);
  EXPECT_EQ(report.rejects.samples.size(), 5u);
  EXPECT_EQ(report.rejects_file.filename(), "readers.rejected.csv");
  const auto text = rejects();
  EXPECT_THAT(text, StartsWith("\xef\xbb\xbf"
                               "todoku_line,todoku_column,todoku_reason,email,name\r\n3,email,"));
  EXPECT_THAT(text, HasSubstr(",no address,\"B, \"\"x\"\"\"\r\n4,email,there is no address,,C\r\n5,email,"));
  EXPECT_THAT(text, HasSubstr("too long"));
  EXPECT_THAT(text, HasSubstr("\"b@example.jp\r\nBcc: c@example.jp\",E\r\n8,column 3,more columns than the header,"));
  struct stat status{};
  ::stat(report.rejects_file.c_str(), &status);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_P(ImportTest, TakesTheFileOfRejectedRowsOnceItIsCorrected) {
  imported("email,name\nbroken,A\n");
  auto text = rejects();
  text.replace(text.find(",broken,"), 8, ",a@example.jp,");
  imported(text);
  EXPECT_EQ(contact("a@example.jp")->name, "A");
  EXPECT_TRUE(contact("a@example.jp")->fields.empty());
}

TEST_P(ImportTest, RefusesBrokenFilesWithWhereAndWhyAndStoresNothing) {
  EXPECT_EQ(refusal(""), "readers.csv: there is nothing in the file");
  EXPECT_EQ(refusal("email,name\n"), "readers.csv: there are no rows after the header");
  EXPECT_THAT(refusal("name,city\nA,B\n"), StartsWith("readers.csv:1: no column holds addresses"));
  EXPECT_THAT(refusal("email\na@example.jp\n\"b@example.jp\n"), StartsWith("readers.csv:3:1: a quote that is never"));
  EXPECT_THAT(refusal("email\na@example.jp\nb\0@example.jp\n"sv), StartsWith("readers.csv:3:2: a NUL"));
  EXPECT_THAT(refusal("email,name\na@example.jp,\xe9\x9d\x92\nb@example.jp,\xe9\x9d\x92x\xff\n"),
              StartsWith("readers.csv:3:16: bytes that mean nothing in utf-8"));
  auto options = this->options("email\na@example.jp\n");
  options.file = place().folder() / "none.csv";
  EXPECT_EQ(import(options).error().code, base::ErrorCode::io);
  options.file = place().folder();
  EXPECT_THAT(import(options).error().text(), HasSubstr("not a regular file"));
  options = this->options("email\na@example.jp\nbroken\n");
  options.rejects = place().folder() / "no/such/folder.csv";
  EXPECT_EQ(import(options).error().code, base::ErrorCode::io);
  EXPECT_EQ(count("select count(*) from contact"), 0);
  EXPECT_EQ(count("select count(*) from list"), 0);
}

TEST_P(ImportTest, RefusesALineOfAGigabyteInBoundedMemory) {
  auto options = this->options("email\n" + std::string(std::size_t{3} << 20, 'x'));
  std::filesystem::resize_file(options.file, std::uint64_t{1} << 30);  // the rest is a hole
  rusage before{};
  ::getrusage(RUSAGE_SELF, &before);
  EXPECT_THAT(import(options).error().text(), HasSubstr("a record longer than 1048576 bytes"));
  rusage after{};
  ::getrusage(RUSAGE_SELF, &after);
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 64 * 1024);  // KiB
}

TEST_P(ImportTest, StoresNothingInADryRun) {
  auto dry = options("email\na@example.jp\nbroken\n");
  dry.dry_run = true;
  const auto report = import(dry).value();
  EXPECT_EQ(report.accepted, 1);
  EXPECT_EQ(report.rejected, 1);
  EXPECT_EQ(count("select count(*) from contact"), 0);
  EXPECT_EQ(count("select count(*) from list"), 0);
}

TEST_P(ImportTest, CanBeRepeated) {
  const std::string text = "email,name\na@example.jp,A\nb@example.jp,B\n";
  imported(text);
  const auto again = imported(text);
  EXPECT_EQ(again.resumed_after, 0);
  EXPECT_EQ(again.stored.created, 0);
  EXPECT_EQ(again.stored.changed, 0);
  EXPECT_EQ(again.stored.joined, 0);
  EXPECT_EQ(count("select count(*) from contact_import"), 1);
}

TEST_P(ImportTest, TellsItsProgress) {
  auto small = options("email\n1@example.jp\n2@example.jp\n3@example.jp\n");
  small.chunk_rows = 2;
  std::vector<std::uint64_t> rows;
  std::vector<std::uint64_t> bytes;
  ASSERT_TRUE(import_contacts(store(), small, clock_, [&](const ImportProgress& progress) {
    (progress.phase == ImportProgress::Phase::reading ? bytes : rows).push_back(progress.done);
    EXPECT_EQ(progress.all, progress.phase == ImportProgress::Phase::reading ? 45u : 3u);
  }));
  EXPECT_EQ(bytes.back(), 45u);
  EXPECT_EQ(rows.back(), 3u);
  EXPECT_TRUE(std::ranges::is_sorted(rows));
}

TEST_P(ImportTest, RefusesToMixWithAnotherImportOfTheSameFile) {
  auto small = options("email\n1@example.jp\n2@example.jp\n3@example.jp\n");
  small.chunk_rows = 1;
  bool meddled = false;
  const auto meddle = [&](const ImportProgress& progress) {
    if (progress.phase == ImportProgress::Phase::reading || std::exchange(meddled, true)) return;
    store().write_now([](store::Connection& db) { db.execute("update contact_import set records = 77"); });
  };
  EXPECT_THROW((void)import_contacts(store(), small, clock_, meddle), store::Failure);
}

/// An import in a process of its own that kills itself (kill -9) once `moments` progress reports were made.
void import_until_killed(const store::Options& place, const ImportOptions& options, int moments) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto store = store::open_or_throw(place);
    const base::ManualClock clock(kNow);
    (void)import_contacts(*store, options, clock, [&](const ImportProgress& progress) {
      if (progress.phase == ImportProgress::Phase::importing && --moments < 0) ::raise(SIGKILL);
    });
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  ASSERT_EQ(WTERMSIG(status), SIGKILL);
}

class KilledImportTest : public testing::TestWithParam<store::Engine> {};
TODOKU_ON_BOTH_ENGINES(KilledImportTest);

TEST_P(KilledImportTest, GoesOnBehindTheLastWholeChunk) {
  std::string text = "email,name,note\n";
  for (int i = 0; i < 300; ++i) {
    text += i % 7 == 0 ? "broken " + std::to_string(i) : std::to_string(i % 250) + "@example.jp";
    text += ",n" + std::to_string(i) + ",\"x\ny\"\n";
  }
  std::int64_t resumed = 0;
  for (const int moment : {0, 1, 2, 5, 9}) {
    const store::TestPlace place(GetParam());
    const auto file = place.folder() / "readers.csv";
    std::ofstream(file, std::ios::binary) << text;
    const ImportOptions options{
        .file = file, .list = "l", .mappings = {}, .consent = "form", .rejects = {}, .chunk_rows = 25};
    import_until_killed(place.options(), options, moment);
    const auto store = store::open_or_throw(place.options());
    const auto whole = [&] {
      const auto db = store->read();
      return *db->query_integer("select records from contact_import");
    }();
    const auto report = import_contacts(*store, options, base::ManualClock(kNow)).value();
    EXPECT_EQ(report.resumed_after, whole);
    resumed += report.resumed_after;
    EXPECT_EQ(report.rows, 300);
    EXPECT_EQ(report.rejected, 43);
    EXPECT_EQ(report.stored.created, 222);
    EXPECT_EQ(report.stored.joined, 222);
    const auto rejected = content(report.rejects_file);
    EXPECT_EQ(std::ranges::count(rejected, '\r'), 44);
    const auto db = store->read();
    EXPECT_EQ(db->query_integer("select count(*) from contact"), 222);
    EXPECT_EQ(find_contact(*db, "1@example.jp")->name, "n251");
    EXPECT_EQ(db->query_text("select state from contact_import"), "done");
  }
  EXPECT_GT(resumed, 0);
}

}  // namespace
}  // namespace todoku::audience
