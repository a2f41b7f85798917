// SQL of contact_import, and of an import's temporary tables. The cross joins name the order of the loops: SQLite keeps
// it, PostgreSQL chooses by itself.
#pragma once

namespace todoku::audience {

inline constexpr char kFindImport[] =
    "select id, state, records, created, changed, joined, refused from contact_import where identity = ?1";
inline constexpr char kAddImport[] =
    "insert into contact_import (identity, file, list, consent, state, started_at) values (?1, ?2, ?3, ?4, 'running', "
    "?5)";
inline constexpr char kRestartImport[] =
    "update contact_import set state = 'running', records = 0, created = 0, changed = 0, joined = 0, refused = 0, "
    "started_at = ?2, ended_at = null where id = ?1";
inline constexpr char kAdvanceImport[] =
    "update contact_import set records = records + ?2, created = created + ?3, changed = changed + ?4, "
    "joined = joined + ?5, refused = refused + ?6 where id = ?1 and records = ?7";
inline constexpr char kCountsOfImport[] = "select created, changed, joined, refused from contact_import where id = ?1";
inline constexpr char kEndImport[] = "update contact_import set state = 'done', ended_at = ?2 where id = ?1";

inline constexpr char kMakeRows[] =
    "create temporary table import_row (row bigint not null, address text not null, address_key text not null, "
    "domain text not null, name text not null, fields jsonb not null, state text not null, consent text)";
inline constexpr char kDropRows[] = "drop table import_row";
inline constexpr char kKnownContacts[] =
    "select r.row, c.id, c.name, c.fields, c.state, c.consent from import_row r cross join contact c "
    "where c.address_key = r.address_key";
inline constexpr char kAnySuppression[] = "select 1 from suppression limit 1";
inline constexpr char kSuppressRows[] =
    "update import_row set state = 'suppressed' where address_key in (select address_key from suppression) "
    "and not exists (select 1 from contact c where c.address_key = import_row.address_key)";
// One statement for all: a prepared insert for each row costs SQLite more, see docs/decisions.md.
inline constexpr char kAddContacts[] =
    "insert into contact (address, address_key, domain, name, fields, state, consent, consent_at, created_at, "
    "changed_at) "
    "select address, address_key, domain, name, fields, state, consent, case when consent is null then null else ?1 "
    "end, "
    "?1, ?1 from import_row where true on conflict (address_key) do nothing";
inline constexpr char kJoinList[] =
    "insert into list_member (list, contact) select ?1, c.id from import_row r cross join contact c "
    "where c.address_key = r.address_key on conflict (list, contact) do nothing";

inline constexpr char kMakeChanges[] =
    "create temporary table import_change (id bigint not null, name text not null, fields jsonb not null, consent "
    "text)";
inline constexpr char kDropChanges[] = "drop table import_change";
// A basis that is on record stays, with its time.
inline constexpr char kChangeContacts[] =
    "update contact set name = n.name, fields = n.fields, changed_at = ?1, consent = coalesce(contact.consent, "
    "n.consent), "
    "consent_at = case when contact.consent is null and n.consent is not null then ?1 else contact.consent_at end "
    "from import_change n where contact.id = n.id";

}  // namespace todoku::audience
