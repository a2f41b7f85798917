// SQL of the tables contact, list, list_member and suppression.
#pragma once

namespace todoku::audience {

#define TODOKU_CONTACT_COLUMNS                                                                                   \
  "c.id, c.address, c.address_key, c.domain, c.name, c.fields, c.state, c.consent, c.consent_at, c.created_at, " \
  "c.changed_at"

inline constexpr char kContactById[] = "select " TODOKU_CONTACT_COLUMNS " from contact c where c.id = ?1";
inline constexpr char kContactByKey[] = "select " TODOKU_CONTACT_COLUMNS " from contact c where c.address_key = ?1";
inline constexpr char kContactsByIds[] =
    "select " TODOKU_CONTACT_COLUMNS " from contact c where c.id in (in_list(?1)) order by c.id";
inline constexpr char kContactsOfList[] = "select " TODOKU_CONTACT_COLUMNS
                                          " from list_member m join contact c on c.id = m.contact where m.list = ?1 "
                                          "and m.contact > ?2 order by m.contact limit ?3";

inline constexpr char kAddContact[] =
    "insert into contact (address, address_key, domain, name, fields, state, consent, consent_at, created_at, "
    "changed_at) "
    "values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9) on conflict (address_key) do nothing";
inline constexpr char kSetState[] = "update contact set state = ?2, changed_at = ?3 where id = ?1 and state <> ?2";

inline constexpr char kListByName[] = "select id from list where name = ?1";
inline constexpr char kAddList[] = "insert into list (name, created_at) values (?1, ?2) on conflict (name) do nothing";
inline constexpr char kListsOfContact[] =
    "select l.name from list l where exists (select 1 from list_member m where m.list = l.id and m.contact = ?1) "
    "order by l.name";
inline constexpr char kAddMember[] =
    "insert into list_member (list, contact) values (?1, ?2) on conflict (list, contact) do nothing";
inline constexpr char kCountMembers[] =
    "select c.state, case when c.consent is null then 0 else 1 end, count(*) "
    "from list_member m join contact c on c.id = m.contact where m.list = ?1 "
    "group by c.state, case when c.consent is null then 0 else 1 end";
inline constexpr char kLists[] =
    "select l.id, l.name, l.created_at, (select count(*) from list_member m where m.list = l.id) from list l "
    "order by l.name";

// A contact is sendable when it is active, has a basis of consent, and no refusal of its address is on record.
#define TODOKU_SENDABLE                                          \
  "c.state = 'active' and c.consent is not null and not exists " \
  "(select 1 from suppression s where s.address_key = c.address_key)"

inline constexpr char kSendableOfList[] =
    "select c.id, c.domain from list_member m join contact c on c.id = m.contact where m.list = ?1 and " TODOKU_SENDABLE
    " order by c.domain, c.id";
inline constexpr char kSendableCount[] =
    "select count(*) from list_member m join contact c on c.id = m.contact where m.list = ?1 and " TODOKU_SENDABLE;
inline constexpr char kSendableOfIds[] =
    "select " TODOKU_CONTACT_COLUMNS " from contact c where c.id in (in_list(?1)) and " TODOKU_SENDABLE
    " order by c.id";

inline constexpr char kSuppress[] =
    "insert into suppression (address_key, reason, note, at) values (?1, ?2, ?3, ?4) "
    "on conflict (address_key) do nothing";
inline constexpr char kSuppressionByKey[] = "select reason, note, at from suppression where address_key = ?1";

}  // namespace todoku::audience
