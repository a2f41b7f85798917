#include <array>

#include "app/config.h"

namespace todoku::app {
namespace {

using enum KeyType;

constexpr auto kKeys = std::to_array<Key>({
    {"store.url", text, "",
     "PostgreSQL as a URL (postgresql://user@host/database); empty: SQLite in the data folder, which needs no server."},
    {"store.readers", integer, "4", "Database connections for reading."},

    {"cluster.redis", secret, "",
     "Redis in which the nodes that send share the receivers' limits (redis://:password@host:6379/0), instead of in"
     " PostgreSQL. Empty: none."},

    {"identity.bounce_domain", text, "",
     "Domain of the return paths (bounces+…@this). Empty: the domain of the sender's address."},
    {"identity.public_url", text, "",
     "Where readers reach this program, for unsubscribe links (https://mail.example.jp). Empty: a link by mail only."},

    {"legal.postal_address", text, "",
     "The sender's postal address, which the law wants in every advertising mail; `campaign create` refuses without."},
    {"legal.contact", text, "", "Where complaints go (an address or a telephone number), likewise in every mail."},

    {"dns.servers", texts, "", "Resolvers to forward to (ip or ip:port). Empty: those of /etc/resolv.conf."},
    {"dns.stub", texts, "", "Authoritative servers to ask for everything, for a laboratory without the internet."},
    {"dns.trust_anchor", text, "",
     "File with the DNSSEC trust anchor (/usr/share/dns/root.key of Debian's dns-root-data): answers are validated, and"
     " DANE is used. Empty: neither. Wants resolvers that pass DNSSEC on."},
    {"dns.timeout", duration, "20s", "Longest wait for one answer; then the lookup counts as a temporary failure."},

    {"smtp.helo", text, "", "Name given in EHLO; should have a matching PTR record. Empty: the host's name."},
    {"smtp.port", integer, "25", "Port of the receiving servers."},
    {"smtp.tls", text, "opportunistic",
     "STARTTLS towards receiving servers: off, opportunistic (used where offered, not verified), required, or verify"
     " (with a valid certificate). DANE and MTA-STS ask for more where a domain has them; off leaves them out."},
    {"smtp.tls_by_domain", texts, "",
     "Other levels for single domains, as DOMAIN=LEVEL, or .DOMAIN=LEVEL for all below it; the first that fits counts."
     " off and opportunistic lift what the domain itself publishes."},
    {"smtp.mta_sts", boolean, "true", "Look up receiving domains' MTA-STS policies, and go by them."},
    {"smtp.ca_file", text, "",
     "Authorities that vouch for receiving servers and policies' web servers, as a PEM file. Empty: the system's."},
    {"smtp.source_address", text, "", "Local IP address to send from. Empty: the system chooses."},
    {"smtp.timeout_connect", duration, "30s", "Longest wait for a TCP connection."},
    {"smtp.timeout_greeting", duration, "5m", "Longest wait for the server's greeting (RFC 5321, 4.5.3.2)."},
    {"smtp.timeout_command", duration, "5m", "Longest wait for the reply to EHLO, MAIL, RCPT."},
    {"smtp.timeout_data", duration, "10m", "Longest wait for the reply after the mail's last dot."},
    {"smtp.timeout_session", duration, "30m",
     "Longest time for one mail, whatever the server does: ends sessions that give a byte a second."},

    {"smarthost.host", text, "", "Send everything to this server instead of the receivers' own. Empty: direct."},
    {"smarthost.port", integer, "587", "Its port; 465 means TLS from the first byte."},
    {"smarthost.user", text, "", "User name for AUTH; empty: none."},
    {"smarthost.password", secret, "", "Password for AUTH; sent only over TLS."},
    {"smarthost.tls", text, "required", "off, opportunistic or required (with a valid certificate)."},
    {"smarthost.ca_file", text, "", "Certificates to trust besides the system's, as a PEM file."},

    {"delivery.connections", integer, "100",
     "Open connections in all; one that takes long to open does not count until it is."},
    {"delivery.connections_per_site", integer, "10",
     "Open connections to one receiving site, where its provider's file gives no number."},
    {"delivery.mails_per_connection", integer, "100",
     "Mails over one connection, where the provider's file gives no number."},
    {"delivery.retry_first", duration, "5m", "Wait before the second attempt; doubled for each one after."},
    {"delivery.retry_longest", duration, "4h", "Longest wait between two attempts."},
    {"delivery.expire", duration, "3d", "Age at which a mail that was only deferred fails for good."},
    {"delivery.chunking", boolean, "true",
     "Send a mail of at most 64 kB that no other one announced, such as a connection's first, with its commands in one "
     "go"
     " where the server offers CHUNKING and PIPELINING (RFC 3030): a round trip less."},
    {"delivery.lease", duration, "60s",
     "How long after a node's death the others on the same PostgreSQL wait before they send what it had in hand; the "
     "same"
     " on all nodes, at least 1s."},

    {"serve.roles", texts, "delivery,intake,submission,web", "What `todoku serve` does in this process."},
    {"serve.drain", duration, "60s", "At its end, longest wait for the mails under way."},

    {"http.listen", text, "127.0.0.1:8025",
     "Where `todoku serve` answers HTTP: address and port; a port alone means every address."},
    {"http.tls_certificate", text, "", "Certificate chain for HTTPS, as a PEM file, leaf first. Empty: plain HTTP."},
    {"http.tls_key", text, "", "Its private key, as a PEM file."},
    {"http.trusted_proxies", texts, "",
     "Addresses of reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are believed."},
    {"http.token", secret, "",
     "Who sends it as `Authorization: Bearer …` may read /metrics and the reasons of /health from elsewhere."},

    {"status_check.per_client", integer, "30",
     "Questions a minute of one client at /status-check; more is refused (429). 0: no limit."},
    {"status_check.per_key", integer, "6000", "The same of one member site, by its key."},

    {"downloads.per_client", integer, "60",
     "Downloads of attachments sent as links (`todoku remedy link`) a minute of one client. 0: no limit."},

    {"clamd.address", text, "",
     "A clamd that scans a campaign's files before it is sent, and for `todoku remedy scan`: its socket's path"
     " (/run/clamav/clamd.ctl), or IP address and port. Empty: none."},
    {"clamd.timeout", duration, "2m", "Longest wait for its answer about one file."},

    {"stop.hard_limit", integer, "1", "Permanent address errors (no such user, no such domain) that stop a reader."},
    {"stop.soft_limit", integer, "3", "Mailbox errors of one kind in a row (mailbox full, …) that stop a reader."},
    {"stop.retest_wait", duration, "24h",
     "How long nothing may come back from a test mail to a stopped address until it is mailed again."},
    {"stop.dead_domain_days", integer, "3",
     "Days in a row on which DNS must say that a domain is gone before all of its readers are stopped."},

    {"intake.replies", text, "",
     "Maildir for mails of people that came to the bounce address. Empty: replies/ in the data folder."},
    {"intake.keep", duration, "90d", "How long bounces are kept as they came; what they said is kept for good."},
    {"intake.maildirs", texts, "",
     "Maildirs that `todoku serve` watches for bounces. What was read is moved from new/ to cur/, nothing is deleted."},
    {"intake.listen", text, "",
     "Where `todoku serve` takes the bounce domain's mail over SMTP, as its MX: address and port; a port alone means "
     "every"
     " address. Empty: nowhere."},
    {"intake.domains", texts, "", "Bounce domains besides identity.bounce_domain: those of senders' addresses."},
    {"intake.addresses", texts, "",
     "Further addresses that the listener takes mail for, such as those registered for feedback loops."},
    {"intake.tls_certificate", text, "", "Certificate chain for STARTTLS, as a PEM file, leaf first. Empty: no TLS."},
    {"intake.tls_key", text, "", "Its private key, as a PEM file."},
    {"intake.proxies", texts, "",
     "Addresses of load balancers whose PROXY header (version 1 or 2) is believed, and must be there."},
    {"intake.forged_per_minute", integer, "10",
     "How many mails a minute to forged return paths are taken, to see who sends in our name; the rest is refused."},
    {"intake.connections", integer, "1000", "Open connections to the listener in all."},
    {"intake.connections_per_client", integer, "50", "Open connections of one client (an IPv6 client is its /64)."},
    {"intake.mails_per_minute", integer, "6000", "Mails a minute of one client; more is put off (4xx). 0: no limit."},
    {"intake.largest_mail", integer, "36700160", "Bytes of the largest mail that the listener takes."},

    {"spoofing.own_sources", texts, "",
     "Addresses and networks (192.0.2.0/24) that send mail in your name besides this program: office servers, "
     "services."},
    {"spoofing.asn_database", text, "",
     "Database of autonomous systems in MaxMind's format (.mmdb), to tell who owns a source's network. Empty: "
     "unknown."},

    {"submission.listen", text, "",
     "Where `todoku serve` takes mail that programs hand in with a key (todoku key), with STARTTLS: address and port,"
     " mostly 587. Empty: nowhere."},
    {"submission.listen_tls", text, "", "The same with TLS from the first byte, mostly 465."},
    {"submission.tls_certificate", text, "", "Certificate chain of both, as a PEM file, leaf first. Needed."},
    {"submission.tls_key", text, "", "Its private key, as a PEM file."},
    {"submission.proxies", texts, "", "As intake.proxies."},
    {"submission.connections", integer, "500", "Open connections in all."},
    {"submission.connections_per_client", integer, "50", "Open connections of one client."},
    {"submission.mails_per_minute", integer, "0", "Mails a minute of one client; each key may have limits of its own."},
    {"submission.largest_mail", integer, "36700160", "Bytes of the largest mail."},

    {"webhooks.ses_topics", texts, "",
     "Amazon SES: the SNS topics, as ARNs, whose notifications are taken at /webhooks/ses."},
    {"webhooks.sendgrid_key", text, "",
     "SendGrid: the verification key of its signed event webhook, for /webhooks/sendgrid."},
    {"webhooks.mailgun_key", secret, "", "Mailgun: the HTTP webhook signing key, for /webhooks/mailgun."},
    {"webhooks.postmark_secret", secret, "",
     "Postmark: a secret of at least 16 characters, in the URL (/webhooks/postmark/SECRET) or as its password."},
    {"webhooks.sparkpost_secret", secret, "", "SparkPost: likewise, for /webhooks/sparkpost."},
    {"webhooks.brevo_secret", secret, "", "Brevo: likewise, for /webhooks/brevo; also as its token."},

    {"tls_report.from", text, "",
     "Address that reports on TLS (TLS-RPT) come from, once a day from `todoku serve`; its domain should have a DKIM "
     "key. "
     "Empty: none are sent."},
    {"tls_report.organisation", text, "", "Who reports, as a name. Empty: the domain of tls_report.from."},
    {"tls_report.contact", text, "", "Whom to ask about reports. Empty: tls_report.from."},
    {"tls_report.spread", duration, "4h",
     "`todoku serve` sends a day's reports this long after midnight UTC at the latest; when, is drawn by day and "
     "sender, so that not everybody reports at once."},

    {"log.level", text, "warning", "debug, info, warning, error or off."},
});

}  // namespace

std::span<const Key> config_keys() { return kKeys; }

}  // namespace todoku::app
