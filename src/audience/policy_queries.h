// SQL of the tables policy_version and policy_rule.
#pragma once

namespace todoku::audience {

inline constexpr char kNewestPolicy[] = "select id, at from policy_version order by id desc limit 1";
inline constexpr char kPolicyVersions[] =
    "select id, at, author, note from policy_version where ?1 = 0 or id = ?1 order by id desc";
inline constexpr char kPolicyRules[] =
    "select cause, receiver, errors, days, reset_on_open from policy_rule where version = ?1 order by cause, receiver";
inline constexpr char kAddPolicy[] = "insert into policy_version (at, author, note) values (?1, ?2, ?3) returning id";
inline constexpr char kAddPolicyRule[] =
    "insert into policy_rule (version, cause, receiver, errors, days, reset_on_open) values (?1, ?2, ?3, ?4, ?5, ?6)";

}  // namespace todoku::audience
