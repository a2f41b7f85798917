"""Transport security towards receiving servers: MTA-STS and DANE, right and wrong, and opportunistic TLS, with Postfix and Exim
as receivers, a zone signed by ldns and validated by the program, policies from a web server; then the reports (TLS-RPT)."""

import contextlib
import datetime
import gzip
import json
import sqlite3
import unittest

import dkim

from lab import case, dnssec, maildir, names, policies, readers
from lab.authority import Authority
from lab.daemon import Daemon
from lab.todoku import Todoku

TEMPLATE = {"subject.txt": "x\n", "body.txt": "{{ unsubscribe_url }}\n"}
POSTFIX, EXIM = "mx.postfix.test", "mx.exim.test"

# Domains in an unsigned zone: domain → its exchanger, and the host in its MTA-STS policy.
STS = {"stsgood.test": (POSTFIX, POSTFIX), "stswild.test": (POSTFIX, "*.postfix.test"), "stsunlisted.test": (POSTFIX, "mx.else.test"),
       "stsname.test": ("mx2.postfix.test", "mx2.postfix.test"), "stsclear.test": (EXIM, EXIM)}
# In testing; and without a policy, at a server whose certificate is for another name, and at one without TLS.
OTHERS = {"ststesting.test": "mx2.postfix.test", "nopolicy.test": "mx2.postfix.test", "clear.test": EXIM}
# In the signed zone: each has an exchanger mx-DOMAIN of its own.
DANE_GOOD = ["ee.signed.test", "ta.signed.test", "unusable.signed.test", "none.signed.test"]
DANE_BAD = ["wrong.signed.test", "forged.signed.test", "clear.signed.test"]

GOOD_STS = ["stsgood.test", "stswild.test"]
BAD_STS = ["stsunlisted.test", "stsname.test", "stsclear.test"]
DELIVERED = GOOD_STS + list(OTHERS) + DANE_GOOD
REFUSED = BAD_STS + DANE_BAD


def policy(mode, mx):
    return f"version: STSv1\r\nmode: {mode}\r\nmx: {mx}\r\nmax_age: 86400\r\n"


def exchanger(domain):
    return "mx-" + domain


class TransportTest(case.LabCase):
    maxDiff = 4000

    @classmethod
    def set_up_lab(cls):
        cls.authority = Authority(cls.folder)
        certificate, key = cls.authority.issue(POSTFIX, exchanger("ta.signed.test"))
        chain = cls.folder / "chain.pem"
        chain.write_text(certificate.read_text() + cls.authority.certificate.read_text())
        signed, anchor = dnssec.sign(cls.folder, "signed.test", cls.signed_zone(certificate))
        dnssec.forge(signed, "_25._tcp." + exchanger("forged.signed.test"))
        cls.todoku = Todoku(cls.folder, **{
            "smtp.ca_file": cls.authority.certificate, "dns.trust_anchor": anchor, "tls_report.from": "tls@origin.test",
            "tls_report.organisation": "届く商店"})
        cls.todoku.run("dkim", "generate", "origin.test")
        cls.key = cls.todoku.run("dkim", "list", "--format", "json").json()[0]
        cls.start(names.Nsd(cls.folder, names.ZONE + cls.zone(), others={"signed.test": signed}))
        web = cls.authority.issue("reports.test", *(f"mta-sts.{domain}" for domain in (*STS, "ststesting.test")))
        texts = {domain: policy("enforce", mx) for domain, (_, mx) in STS.items()}
        cls.web = cls.start(policies.Policies(*web, {**texts, "ststesting.test": policy("testing", "mx2.postfix.test")}))
        users = {f"r@{domain}": None for domain in (*STS, *OTHERS, *DANE_GOOD, *DANE_BAD)}
        cls.postfix, cls.dovecot = readers.start_postfix(
            cls, {**users, "reports@postfix.test": None}, domains=("postfix.test", *STS, *OTHERS, *DANE_GOOD, *DANE_BAD),
            settings=[f"smtpd_tls_cert_file = {chain}", f"smtpd_tls_key_file = {key}", "smtpd_tls_security_level = may",
                      "smtpd_tls_received_header = yes"])
        cls.exim = readers.start_exim(cls, {domain: ["r"] for domain in ("stsclear.test", "clear.test", "clear.signed.test")})
        cls.todoku.import_contacts([{"email": address} for address in users], list_name="everybody")
        cls.todoku.create_campaign("c", list_name="everybody", template=case.write_template(cls.folder, TEMPLATE))
        cls.todoku.send("c")
        cls.status = cls.todoku.status("c")

    @classmethod
    def zone(cls):
        lines = [f"mx2.postfix.test. A {names.POSTFIX}", f"reports.test. A {policies.ADDRESS}",
                 '_smtp._tls.stsgood.test. TXT "v=TLSRPTv1; rua=mailto:reports@postfix.test"',
                 '_smtp._tls.stsname.test. TXT "v=TLSRPTv1; rua=https://reports.test/tls"',
                 f"{cls.key['record_name']}. TXT " + " ".join(f'"{cls.key["record"][at:at + 255]}"' for at in range(0, 1000, 255))]
        for domain, mx in {**{domain: mx for domain, (mx, _) in STS.items()}, **OTHERS}.items():
            lines.append(f"{domain}. MX 10 {mx}.")
        for domain in (*STS, "ststesting.test"):
            lines += [f'_mta-sts.{domain}. TXT "v=STSv1; id=1;"', f"mta-sts.{domain}. A {policies.ADDRESS}"]
        return "\n".join(lines) + "\n"

    @classmethod
    def signed_zone(cls, certificate):
        tlsa = {"ee": dnssec.tlsa(3, 1, certificate), "ta": dnssec.tlsa(2, 0, cls.authority.certificate),
                "unusable": dnssec.tlsa(1, 1, certificate), "wrong": dnssec.tlsa(3, 1, cls.authority.certificate),
                "forged": dnssec.tlsa(3, 1, certificate), "clear": dnssec.tlsa(3, 1, certificate)}
        lines = ["$ORIGIN signed.test.", "$TTL 300", "@ SOA ns.lab. hostmaster.lab. 1 3600 600 86400 60", "@ NS ns.lab."]
        for domain in DANE_GOOD + DANE_BAD:
            address = names.EXIM if domain == "clear.signed.test" else names.POSTFIX
            lines += [f"{domain}. MX 10 {exchanger(domain)}.", f"{exchanger(domain)}. A {address}"]
            record = tlsa.get(domain.split(".")[0])
            if record:
                lines.append(f"_25._tcp.{exchanger(domain)}. TLSA {record}")
        return "\n".join(lines) + "\n"

    def mails(self, domain):
        """The raw mails of the domain's reader, wherever they are."""
        address = f"r@{domain}"
        return [path.read_bytes() for server in (self.dovecot, self.exim) for path in maildir.files(server.maildir(address))]

    def results(self, domain):
        """(sessions that went well, the kinds of failure) as `tls-report show` tells."""
        entries = self.todoku.run("tls-report", "show", domain, "--format", "json").json()
        failures = {failure["result"] for entry in entries for each in entry["policies"] for failure in each["failures"]}
        return sum(entry["good"] for entry in entries), failures

    def test_mail_arrives_where_the_proof_is_right(self):
        for domain in DELIVERED:
            with self.subTest(domain):
                self.wait_until(lambda: len(self.mails(domain)) == 1, f"one mail to {domain}")
                encrypted = b"using TLSv1" in self.mails(domain)[0]
                self.assertEqual(encrypted, domain != "clear.test")
        self.assertEqual(self.status["delivered"], len(DELIVERED), self.status)

    def test_nothing_is_sent_where_it_is_wrong(self):
        self.assertEqual(self.status["failed"], len(REFUSED), self.status)
        for domain in REFUSED:
            self.assertEqual(self.mails(domain), [], domain)
        self.assertEqual([cause["reason"] for cause in self.status["causes"]], ["tls_failed"])
        self.assertNotIn(self.status["causes"][0]["effect"], ("hard", "soft"))
        # Nobody even named a recipient there, in the clear or not.
        for log in (self.postfix.log.read_text(), self.exim.log.read_text()):
            for domain in REFUSED:
                self.assertNotIn(f"r@{domain}", log)

    def test_what_went_wrong_is_counted(self):
        self.assertEqual(self.results("stsgood.test"), (1, set()))
        self.assertEqual(self.results("ee.signed.test"), (1, set()))
        for domain, failure in {"stsunlisted.test": "validation-failure", "stsname.test": "certificate-host-mismatch",
                                "stsclear.test": "starttls-not-supported", "wrong.signed.test": "validation-failure",
                                "forged.signed.test": "dnssec-invalid", "clear.signed.test": "starttls-not-supported",
                                "ststesting.test": "certificate-host-mismatch"}.items():
            self.assertEqual(self.results(domain), (0, {failure}), domain)

    def test_policies_are_fetched_once_each(self):
        self.assertEqual(sorted(self.web.fetched), sorted([*STS, "ststesting.test"]))

    def test_reports_reach_who_asks(self):
        self.todoku.run("tls-report", "send", "--today")
        inbox = self.dovecot.maildir("reports@postfix.test")
        self.wait_until(lambda: maildir.files(inbox), "a report by mail")
        raw = maildir.files(inbox)[0].read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        self.assertTrue(dkim.verify(raw, dnsfunc=lambda name, timeout=5: self.key["record"].encode()))
        mail = maildir.messages(inbox)[0]
        self.assertEqual((mail["TLS-Report-Domain"], mail["TLS-Report-Submitter"]), ("stsgood.test", "origin.test"))
        self.check_report(list(mail.iter_parts())[1].get_content(), "stsgood.test", good=1)
        self.assertEqual([(path, kind) for path, kind, _ in self.web.posted], [("/tls", "application/tlsrpt+gzip")])
        failed = self.check_report(self.web.posted[0][2], "stsname.test", good=0)
        self.assertEqual(failed["failure-details"][0]["result-type"], "certificate-host-mismatch")
        self.assertEqual(failed["failure-details"][0]["receiving-mx-hostname"], "mx2.postfix.test")
        again = self.todoku.run("tls-report", "send", "--today")
        self.assertNotIn("stsgood.test", again.output)
        self.assertEqual(len(self.web.posted), 1)

    def test_the_daemon_reports_by_itself(self):
        """What was counted today becomes yesterday's; the command above may have sent today's."""
        inbox = self.dovecot.maildir("reports@postfix.test")
        mails, posts = len(maildir.files(inbox)), len(self.web.posted)
        with contextlib.closing(sqlite3.connect(self.todoku.data / "todoku.db")) as db, db:
            for table in ("tls_policy", "tls_failure"):
                db.execute(f"update {table} set day = day - 1")
        self.todoku.set(**{"tls_report.spread": "0s"})
        daemon = self.start_here(Daemon(self.todoku))
        self.wait_until(lambda: len(maildir.files(inbox)) > mails and len(self.web.posted) > posts, "both reports", timeout=60)
        report = json.loads(gzip.decompress(self.web.posted[-1][2]))
        yesterday = datetime.datetime.now(datetime.timezone.utc).date() - datetime.timedelta(days=1)
        self.assertEqual(report["date-range"]["start-datetime"][:10], yesterday.isoformat())
        self.wait_until(lambda: "waiting" not in {entry["report"] for entry in self.entries() if entry["day"] == yesterday.isoformat()},
                        "all of yesterday's are done with")
        self.assertEqual(daemon.stop(), 0)
        self.todoku.run("tls-report", "send")
        self.assertEqual((len(maildir.files(inbox)), len(self.web.posted)), (mails + 1, posts + 1), "each once")

    def entries(self):
        return self.todoku.run("tls-report", "show", "--format", "json").json()

    def check_report(self, zipped, domain, *, good):
        report = json.loads(gzip.decompress(zipped))
        self.assertEqual(report["organization-name"], "届く商店")
        (policy_results,) = report["policies"]
        self.assertEqual(policy_results["policy"]["policy-type"], "sts")
        self.assertEqual(policy_results["policy"]["policy-domain"], domain)
        self.assertEqual(policy_results["policy"]["policy-string"][1], "mode: enforce")
        self.assertEqual(policy_results["summary"]["total-successful-session-count"], good)
        return policy_results


if __name__ == "__main__":
    case.main()
