"""What kind of mail it is, which ticket it proves to belong to, and whom it can be believed (pure)."""

from uuid import UUID, uuid4

import pytest

from tests.intake.email.conftest import written
from tocsin.intake.email import threading
from tocsin.intake.email.deciding import Deed, Facts, Sender, Thread, decide
from tocsin.intake.email.loops import Judged, Nature, judge
from tocsin.intake.email.parse import parse
from tocsin.intake.email.trust import Authentic, authenticity, spam_sign, unreadable_rules
from tocsin.intake.email.words import all_words, guess_language, words_for

KEY = b"k" * 32
ANA, BOB = UUID(int=1), UUID(int=2)


def nature(*, envelope: str | None = "ana@acme.example", own_lists: tuple[str, ...] = (), **heads: str) -> Nature:
    mail = parse(written(**heads).as_bytes())
    return judge(mail, envelope_from=envelope, installations={"own-mark"}, own_lists=own_lists).nature


@pytest.mark.parametrize(
    ("heads", "kind"),
    [
        ({}, Nature.PERSON),
        ({"Auto_Submitted": "no"}, Nature.PERSON),
        ({"Auto_Submitted": "auto-replied"}, Nature.REPLY),
        ({"Auto_Submitted": "Auto-Replied (vacation)"}, Nature.REPLY),
        ({"Auto_Submitted": "auto-generated"}, Nature.GENERATED),
        ({"Auto_Submitted": "something-new"}, Nature.GENERATED),
        ({"X_Autoreply": "yes"}, Nature.REPLY),
        ({"X_Autorespond": "1"}, Nature.REPLY),
        ({"Precedence": "auto_reply"}, Nature.REPLY),
        ({"Precedence": "bulk"}, Nature.LIST),
        ({"Precedence": "junk"}, Nature.LIST),
        ({"List_Id": "News <news.acme.example>"}, Nature.LIST),
        ({"List_Unsubscribe": "<https://x.example>"}, Nature.LIST),
        ({"X_Loop": "x"}, Nature.GENERATED),
        ({"X_Tocsin_Installation": "own-mark"}, Nature.OWN),
        ({"X_Tocsin_Installation": "of another house"}, Nature.PERSON),
        ({"frm": "MAILER-DAEMON@mx.example"}, Nature.BOUNCE),
        ({"frm": "Mail System <postmaster@mx.example>"}, Nature.BOUNCE),
        ({"subject": "Automatic reply: Printer"}, Nature.REPLY),
        ({"subject": "Abwesenheitsnotiz: Drucker"}, Nature.REPLY),
        ({"subject": "Out of office"}, Nature.REPLY),
        ({"subject": "Out of office hours the VPN fails"}, Nature.PERSON),
        ({"subject": "Automatic reply does not work in Outlook"}, Nature.PERSON),
        ({"X_Auto_Response_Suppress": "All"}, Nature.PERSON),
    ],
)
def test_automatic_mail_is_told_by_its_signs(heads: dict[str, str], kind: Nature) -> None:
    assert nature(**heads) is kind


def test_the_null_sender_marks_an_automatic_mail_and_so_does_its_return_path_when_fetched() -> None:
    assert nature(envelope="") is Nature.REPLY
    assert nature(envelope=None, Return_Path="<>") is Nature.REPLY
    assert nature(envelope=None) is Nature.PERSON


def test_a_list_that_only_passes_mail_on_to_us_hides_nobody() -> None:
    assert nature(List_Id="Support <support.acme.example>", own_lists=("support.acme.example",)) is Nature.PERSON


def test_who_asks_not_to_be_answered_by_machines_is_not() -> None:
    for heads in (
        {"X_Auto_Response_Suppress": "All"},
        {"frm": "no-reply@acme.example"},
        {"Auto_Submitted": "auto-generated"},
    ):
        mail = parse(written(**heads).as_bytes())  # type: ignore[arg-type]
        assert not judge(mail, envelope_from="x@y.example", installations=()).answerable


def test_a_token_is_good_for_one_ticket_and_one_person_and_in_any_case_of_letters() -> None:
    address = threading.reply_address("support@desk.example", 1042, ANA, KEY)
    [claim] = threading.claims([address.lower()], "")
    assert threading.is_true(claim, ANA, [KEY])
    assert threading.is_true(claim, ANA, [b"new" * 11, KEY])
    assert not threading.is_true(claim, BOB, [KEY])
    assert not threading.is_true(claim, ANA, [b"other key"])
    forged = threading.Claim(1043, claim.signature)
    assert not threading.is_true(forged, ANA, [KEY])
    [tagged] = threading.claims([], "AW: Printer " + threading.subject_tag(1042, ANA, KEY, signed=True).upper())
    assert threading.is_true(tagged, ANA, [KEY])
    assert threading.claims(["support+other@desk.example", "support@desk.example"], "Re: [T-1042] x") == []


def test_a_ticket_is_called_what_its_subject_says_without_answers_and_tags() -> None:
    assert threading.bare_subject("Re: AW: Fwd: Printer on fire [T-1042]") == "Printer on fire"
    assert threading.bare_subject("Re[2]: re: Printer [T-1042.abcdefghijklmnop]") == "Printer"
    assert threading.bare_subject("Regarding: the printer") == "Regarding: the printer"
    assert threading.bare_subject("Re: " * 5_000) == ""


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        (["mx.desk.example; dmarc=pass header.from=acme.example"], Authentic.PASS),
        (["mx.desk.example; dmarc=fail"], Authentic.FAIL),
        (["mx.desk.example 1; spf=fail smtp.mailfrom=x; dkim=none"], Authentic.FAIL),
        (["mx.desk.example; spf=fail; dkim=pass header.d=acme.example"], Authentic.PASS),
        (["mx.desk.example; dkim=fail; dkim=pass"], Authentic.PASS),
        (["mx.desk.example; none"], Authentic.NONE),
        (["mx.evil.example; dmarc=pass"], Authentic.NONE),
        (["mx.desk.example.evil.example; dmarc=pass"], Authentic.NONE),
        (["mx.desk.example; dmarc=fail", "mx.desk.example; dmarc=pass"], Authentic.FAIL),
        ([], Authentic.NONE),
    ],
)
def test_authentication_results_count_only_from_our_own_server_and_only_the_topmost(
    values: list[str], verdict: Authentic
) -> None:
    assert authenticity({"authentication-results": values}, "mx.desk.example") is verdict


def test_nobody_is_asked_about_authenticity_where_no_server_is_named() -> None:
    assert authenticity({"authentication-results": ["mx.evil.example; dmarc=pass"]}, "") is Authentic.NOT_ASKED


def test_spam_rules_match_flags_scores_and_mere_presence() -> None:
    rules = "X-Spam-Flag: YES; X-Spam-Score >= 5; X-Bad"
    assert spam_sign({"x-spam-flag": ["yes, very"]}, rules) == "X-Spam-Flag: YES"
    assert spam_sign({"x-spam-score": ["7.2 / 5"]}, rules) == "X-Spam-Score >= 5"
    assert spam_sign({"x-spam-score": ["4.9"]}, rules) == ""
    assert spam_sign({"x-spam-score": ["not a number"]}, rules) == ""
    assert spam_sign({"x-bad": [""]}, rules) == "X-Bad"
    assert unreadable_rules("X-Spam-Score >= lots; X-Ok; : ;") == ["X-Spam-Score >= lots", ":"]


def facts(**given: object) -> Facts:
    wanted: dict[str, object] = {
        "judged": Judged(Nature.PERSON), "senders": 1, "from_us": False, "is_copy": False, "flood": False, "authentic": Authentic.NOT_ASKED,
        "spam": "", "sender": Sender(ANA, True, False), "domain_known": False, "threads": (), "to_notes": False, "marked_note": False,
        "has_content": True, "has_subject": True, "senders_rule": "quarantine", "automatic_rule": "quarantine",
    }  # fmt: skip
    return Facts(**(wanted | given))  # type: ignore[arg-type]


def thread(*, proven: bool = True, requested: bool = True, may_see: bool = True) -> Thread:
    return Thread(uuid4(), 7, proven, requested, may_see)


AGENT = Sender(BOB, True, True)


@pytest.mark.parametrize(
    ("given", "deed"),
    [
        ({}, Deed.OPEN),
        ({"sender": None}, Deed.QUARANTINE),
        ({"sender": None, "senders_rule": "open"}, Deed.OPEN),
        ({"sender": None, "senders_rule": "known_domains", "domain_known": True}, Deed.OPEN),
        ({"sender": None, "senders_rule": "known_domains"}, Deed.QUARANTINE),
        ({"sender": None, "senders_rule": "nonsense", "domain_known": True}, Deed.QUARANTINE),
        ({"sender": Sender(ANA, False, False)}, Deed.REFUSE),
        ({"from_us": True}, Deed.REFUSE),
        ({"from_us": True, "threads": (thread(),)}, Deed.REFUSE),
        ({"senders": 0}, Deed.REFUSE),
        ({"senders": 2}, Deed.QUARANTINE),
        ({"is_copy": True}, Deed.IGNORE),
        ({"flood": True}, Deed.QUARANTINE),
        ({"spam": "X-Spam-Flag: YES"}, Deed.QUARANTINE),
        ({"authentic": Authentic.FAIL, "threads": (thread(),)}, Deed.QUARANTINE),
        ({"authentic": Authentic.NONE, "threads": (thread(),)}, Deed.CUSTOMER),
        ({"threads": (thread(),)}, Deed.CUSTOMER),
        ({"threads": (thread(proven=False),)}, Deed.QUARANTINE),
        ({"threads": (thread(proven=False),), "sender": None, "senders_rule": "open"}, Deed.QUARANTINE),
        ({"threads": (thread(may_see=False),)}, Deed.REFUSE),
        ({"threads": (thread(requested=False),)}, Deed.QUARANTINE),
        ({"threads": (thread(),), "has_content": False}, Deed.IGNORE),
        ({"sender": AGENT, "threads": (thread(requested=False),)}, Deed.REPLY),
        ({"sender": AGENT, "threads": (thread(requested=False),), "authentic": Authentic.NONE}, Deed.QUARANTINE),
        ({"sender": AGENT, "threads": (thread(requested=False),), "authentic": Authentic.PASS}, Deed.REPLY),
        ({"sender": AGENT, "threads": (thread(requested=False),), "to_notes": True}, Deed.NOTE),
        ({"sender": AGENT, "threads": (thread(requested=False),), "marked_note": True}, Deed.NOTE),
        ({"sender": AGENT, "threads": (thread(requested=True),)}, Deed.CUSTOMER),
        ({"to_notes": True}, Deed.QUARANTINE),
        ({"has_content": False, "has_subject": False}, Deed.REFUSE),
        ({"has_content": False}, Deed.OPEN),
        ({"judged": Judged(Nature.OWN)}, Deed.IGNORE),
        ({"judged": Judged(Nature.BOUNCE), "senders": 0}, Deed.BOUNCE),
        ({"judged": Judged(Nature.REPLY, "x")}, Deed.IGNORE),
        ({"judged": Judged(Nature.REPLY, "x", sure=False)}, Deed.QUARANTINE),
        ({"judged": Judged(Nature.REPLY, "x"), "automatic_rule": "open"}, Deed.IGNORE),
        ({"judged": Judged(Nature.GENERATED, "x")}, Deed.QUARANTINE),
        ({"judged": Judged(Nature.GENERATED, "x"), "automatic_rule": "open"}, Deed.OPEN),
        ({"judged": Judged(Nature.REPLY, "x"), "threads": (thread(),)}, Deed.REMARK),
        ({"judged": Judged(Nature.LIST, "x"), "threads": (thread(),)}, Deed.REMARK),
        ({"judged": Judged(Nature.REPLY, "x"), "threads": (thread(requested=False),), "sender": AGENT}, Deed.IGNORE),
    ],
)  # fmt: skip
def test_what_becomes_of_a_mail(given: dict[str, object], deed: Deed) -> None:
    verdict = decide(facts(**given))
    assert verdict.deed is deed
    if deed in {Deed.REFUSE, Deed.QUARANTINE, Deed.IGNORE}:
        assert verdict.reason.endswith(".")


def test_every_letter_has_its_words_in_every_language() -> None:
    found = all_words()
    assert set(found) == {"en", "de"}
    assert all(text for texts in found.values() for text in texts.values())
    blanks = {
        language: {name: sorted(set(_fields(text))) for name, text in texts.items()}
        for language, texts in found.items()
    }
    assert blanks["en"] == blanks["de"]
    assert words_for("de-AT") is words_for("de")
    assert words_for("fr") is words_for("en")


def _fields(text: str) -> list[str]:
    import string  # noqa: PLC0415 - beside the one use

    return [name for _, name, _, _ in string.Formatter().parse(text) if name]


def test_a_new_sender_s_language_is_guessed_from_the_words() -> None:
    assert (
        guess_language("Guten Tag, mein Drucker ist kaputt und ich kann nicht drucken. Bitte helfen Sie mir.") == "de"
    )
    assert guess_language("Hi, my printer is broken and I cannot print. Please help.") == "en"
    assert guess_language("") == "en"
