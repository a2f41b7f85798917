// SQL of the table source_warm_up.
#pragma once

namespace todoku::delivery {

/// Locks the row until the transaction ends.
inline constexpr char kTouchWarmUp[] =
    "insert into source_warm_up (source, receiver, day, step, sent, answers, slowed, blocked) "
    "values (?1, ?2, 0, 0, 0, 0, 0, 0) on conflict (source, receiver) do update set receiver = excluded.receiver";
inline constexpr char kWarmUp[] =
    "select day, step, sent, answers, slowed, blocked from source_warm_up where source = ?1 and receiver = ?2";
inline constexpr char kSetWarmUp[] =
    "update source_warm_up set day = ?3, step = ?4, sent = ?5, answers = ?6, slowed = ?7, blocked = ?8 "
    "where source = ?1 and receiver = ?2";

}  // namespace todoku::delivery
