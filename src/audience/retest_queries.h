// SQL of the table stop_test.
#pragma once

namespace todoku::audience {

#define TODOKU_RETEST_COLUMNS \
  "id, stop, contact, campaign, asked_at, accepted_at, decided_at, result, reply from stop_test "

inline constexpr char kAddRetest[] =
    "insert into stop_test (stop, contact, campaign, asked_at, result, reply) values (?1, ?2, ?3, ?4, '', '')";
inline constexpr char kOpenRetests[] = "select " TODOKU_RETEST_COLUMNS "where decided_at is null order by id";
inline constexpr char kRetestsOfContact[] = "select " TODOKU_RETEST_COLUMNS "where contact = ?1 order by asked_at, id";
inline constexpr char kRetestAccepted[] = "update stop_test set accepted_at = ?2 where id = ?1 and accepted_at is null";
inline constexpr char kSettleRetest[] =
    "update stop_test set decided_at = ?2, result = ?3, reply = ?4 where id = ?1 and decided_at is null";

}  // namespace todoku::audience
