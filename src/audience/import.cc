#include "audience/import.h"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>

#include "audience/csv_survey.h"
#include "audience/import_row.h"
#include "audience/list.h"
#include "audience/rejected_rows.h"
#include "audience/seen_addresses.h"

namespace todoku::audience {
namespace {

/// Two chunks that take turns: one is filled by the caller while the other is on its way into the store.
class Chunks {
 public:
  struct Place {
    store::Store& store;
    const base::Clock& clock;
    ImportId import;
    base::ListId list;
  };
  Chunks(const Place& place, const ImportColumns& columns, std::int64_t chunk_rows, std::int64_t stored)
      : place_(place),
        filling_(columns.fields.size(), chunk_rows),
        storing_(columns.fields.size(), chunk_rows),
        stored_(stored) {
    for (const auto& field : columns.fields) field_names_.push_back(field.name);
    filling_.begin(stored);
  }
  Chunks(const Chunks&) = delete;
  Chunks& operator=(const Chunks&) = delete;
  ~Chunks() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !busy_; });
  }

  [[nodiscard]] ImportChunk& filling() { return filling_; }

  /// Sends off what was filled, which stands for the file up to `record`; waits until the chunk before is stored.
  void store(std::int64_t record) {
    filling_.end(record - filling_.first_record());
    wait();
    std::swap(filling_, storing_);
    busy_ = true;
    place_.store.write(
        [this](store::Connection& db) {
          store_chunk(db, {place_.import, place_.list, field_names_, place_.clock.now()}, storing_);
        },
        [this](std::exception_ptr failure) { committed(std::move(failure)); });
    filling_.begin(record);
  }

  /// Until nothing is on its way. Throws what the storing threw.
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !busy_; });
    if (failure_) std::rethrow_exception(failure_);
  }

  /// Rows whose outcome is stored.
  [[nodiscard]] std::int64_t stored() const {
    const std::lock_guard lock(mutex_);
    return stored_;
  }

 private:
  void committed(std::exception_ptr failure) {
    const std::lock_guard lock(mutex_);
    if (!failure) stored_ += storing_.records();
    failure_ = std::move(failure);
    busy_ = false;
    changed_.notify_all();
  }

  Place place_;
  std::vector<std::string> field_names_;
  ImportChunk filling_;
  ImportChunk storing_;  // the writer's while busy_
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool busy_ = false;
  std::int64_t stored_;
  std::exception_ptr failure_;
};

std::string identity_of(const CsvSurvey& survey, const ImportOptions& options) {
  std::string identity = survey.digest + "|" + options.list + "|" + options.consent + "|" + survey.format.charset +
                         "|" + survey.format.delimiter;
  for (const auto& mapping : options.mappings) identity += "|" + mapping.column + "=" + mapping.target;
  return identity;
}

std::filesystem::path rejects_file(const ImportOptions& options) {
  if (!options.rejects.empty()) return options.rejects;
  auto path = options.file;
  return path.replace_extension(".rejected.csv");
}

/// The second reading.
class Import {
 public:
  Import(store::Store& store, const ImportOptions& options, const base::Clock& clock, const OnProgress& progress)
      : store_(store), options_(options), clock_(clock), progress_(progress) {}

  base::Result<ImportReport> run() {
    if (auto ready = prepare(); !ready) return std::move(ready).error();
    auto rejects = RejectedRows::create(rejects_file(options_), columns_);
    if (!rejects) return std::move(rejects).error();
    if (!options_.dry_run) begin_storing();
    if (auto done = read(*rejects); !done) return std::move(done).error();
    if (auto closed = rejects->close(); !closed) return std::move(closed).error();
    if (report_.rejected > 0) report_.rejects_file = rejects_file(options_);
    if (chunks_) end_storing();
    return report_;
  }

 private:
  base::Result<void> prepare();
  void begin_storing();
  void end_storing();
  base::Result<void> read(RejectedRows& rejects);
  void take(const CsvRecord& record, RejectedRows& rejects);
  void remark(std::int64_t line);
  void pass_on();
  void tell(ImportProgress::Phase phase, std::uint64_t done, std::uint64_t all) const {
    if (progress_) progress_({phase, done, all});
  }

  store::Store& store_;
  const ImportOptions& options_;
  const base::Clock& clock_;
  const OnProgress& progress_;

  CsvSurvey survey_;
  ImportColumns columns_;
  std::int64_t rows_ = 0;  // of data in the file
  ImportRecord record_;
  ImportReport report_;
  std::optional<RowCheck> check_;
  ImportRow row_;
  SeenAddresses seen_;
  std::unique_ptr<ImportChunk> chunk_;
  std::optional<Chunks> chunks_;  // after what its jobs use
};

base::Result<void> Import::prepare() {
  auto survey = survey_csv(options_.file, options_.format, [this](std::uint64_t done, std::uint64_t all) {
    tell(ImportProgress::Phase::reading, done, all);
  });
  if (!survey) return std::move(survey).error();
  survey_ = std::move(survey).value();
  auto columns = plan_columns(survey_.first, options_.mappings);
  if (!columns) {
    auto error = std::move(columns).error();
    error.where = options_.file.filename().string() + ":1";
    return error;
  }
  columns_ = std::move(columns).value();
  rows_ = survey_.records - (columns_.has_header ? 1 : 0);
  if (rows_ == 0) {
    return base::Error{base::ErrorCode::invalid, "there are no rows after the header", "",
                       options_.file.filename().string()};
  }
  check_.emplace(columns_, options_.consent);
  report_.charset = survey_.format.charset;
  report_.delimiter = survey_.format.delimiter;
  return base::done;
}

void Import::begin_storing() {
  base::ListId list;
  store_.write_now([&](store::Connection& db) {
    list = make_list(db, options_.list, clock_.now());
    record_ = start_import(
        db, {identity_of(survey_, options_), options_.file.filename().string(), list, options_.consent}, clock_.now());
  });
  report_.resumed_after = record_.records;
  chunks_.emplace(Chunks::Place{store_, clock_, record_.id, list}, columns_, options_.chunk_rows, record_.records);
}

void Import::end_storing() {
  chunks_->wait();
  tell(ImportProgress::Phase::importing, static_cast<std::uint64_t>(rows_), static_cast<std::uint64_t>(rows_));
  store_.write_now([&](store::Connection& db) {
    report_.stored = import_counts(db, record_.id);
    end_import(db, record_.id, clock_.now());
  });
}

base::Result<void> Import::read(RejectedRows& rejects) {
  auto file = CsvFile::open(options_.file, survey_.format);
  if (!file) return std::move(file).error();
  CsvRecord record;
  bool header = columns_.has_header;
  for (;;) {
    const auto more = file->next(record);
    if (!more) return more.error();
    if (!*more) break;
    if (std::exchange(header, false)) continue;
    ++report_.rows;
    take(record, rejects);
    if (chunks_ && chunks_->filling().full()) pass_on();
  }
  if (report_.rows != rows_) {
    return base::Error{base::ErrorCode::invalid, "the file changed while it was read", "import it again",
                       options_.file.filename().string()};
  }
  pass_on();
  return base::done;
}

void Import::take(const CsvRecord& record, RejectedRows& rejects) {
  if (const auto fault = check_->check(record, row_)) {
    ++report_.rejected;
    const auto column = fault->column < columns_.names.size() ? columns_.names[fault->column]
                                                              : "column " + std::to_string(fault->column + 1);
    auto reason = describe(*fault, options_.language);
    rejects.add(record, column, reason);
    report_.rejects.add(record.line, [&] { return reason; });
  } else {
    ++report_.accepted;
    remark(record.line);
    if (chunks_ && report_.rows > record_.records) chunks_->filling().add(row_);
  }
}

void Import::remark(std::int64_t line) {
  if (!seen_.add(row_.address_key)) ++report_.repeated;
  if (row_.consent.empty()) ++report_.without_consent;
  if (row_.role) report_.roles.add(line, [&] { return row_.address; });
  if (!row_.near_domain.empty()) {
    report_.near_domains.add(line, [&] { return row_.address + " → " + std::string(row_.near_domain); });
  }
}

void Import::pass_on() {
  if (chunks_ && chunks_->filling().rows() > 0) chunks_->store(report_.rows);
  const auto done = chunks_ ? chunks_->stored() : report_.rows;
  tell(ImportProgress::Phase::importing, static_cast<std::uint64_t>(done), static_cast<std::uint64_t>(rows_));
}

}  // namespace

void Remark::add(std::int64_t line, const std::function<std::string()>& text) {
  if (++rows <= static_cast<std::int64_t>(kSamples)) samples.push_back({line, text()});
}

base::Result<ImportReport> import_contacts(store::Store& store, const ImportOptions& options, const base::Clock& clock,
                                           const OnProgress& progress) {
  return Import(store, options, clock, progress).run();
}

}  // namespace todoku::audience
