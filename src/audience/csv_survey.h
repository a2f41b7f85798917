// The first of the two readings of a CSV file: what it is, whether it is whole, and how much there is.
//
// A broken file is so refused before anything of it is stored.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "audience/csv_file.h"
#include "base/result.h"

namespace todoku::audience {

struct CsvSurvey {
  CsvFile::Format format;          // charset and delimiter, as asked for or as found
  std::vector<std::string> first;  // the first record
  std::int64_t records = 0;        // with the first
  std::uint64_t size = 0;          // bytes
  std::string digest;              // of the content, in hex
};

/// Told bytes read and bytes there are, a few times for each megabyte.
using ReadProgress = std::function<void(std::uint64_t, std::uint64_t)>;

/// `wanted.charset` empty: detected. Errors name the place: no such file, nothing in it, an unknown charset or one that
/// does not fit, a broken CSV.
[[nodiscard]] base::Result<CsvSurvey> survey_csv(const std::filesystem::path& path, const CsvFile::Format& wanted,
                                                 const ReadProgress& progress = {});

}  // namespace todoku::audience
