"""Ranking, permissions and upkeep of the index, on PostgreSQL itself."""

import math
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from tocsin.domain.search import actions, queries
from tocsin.domain.search.logic.document import Document
from tocsin.domain.search.logic.query import read
from tocsin.domain.search.models import Entry, Pending, Term, Totals

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def document(title: str, public: str = "", internal: str = "", **more: object) -> Document:
    return Document(kind="ticket", object_id=uuid4(), title=title, public=public, internal=internal, at=NOW, **more)  # type: ignore[arg-type]  # readers, labels, language, as each test wants


def found(text: str, *, readers: Collection[str] = ("staff",), internal: bool = True, **more: object) -> list[UUID]:
    asked = read(text + " ", ())
    hits = queries.find(asked, kinds=["ticket"], readers=readers, internal=internal, **more).hits  # type: ignore[arg-type]  # labels, as each test wants
    return [hit.object_id for hit in hits]


def test_what_holds_the_rarer_word_more_often_comes_first() -> None:
    printer = document("Printer", "The printer is broken, the printer smokes")
    mail = document("Mail", "The printer of the mail room")
    other = document("Other", "Nothing of the kind")
    actions.index([printer, mail, other])
    assert found("printer") == [printer.object_id, mail.object_id]


def test_the_score_is_bm25() -> None:
    one, two = document("alpha beta", "gamma gamma delta"), document("epsilon", "gamma")
    actions.index([one, two])
    hits = queries.find(read("gamma ", ()), kinds=["ticket"], readers=["staff"], internal=True).hits
    rarity = math.log(1 + (2 - 2 + 0.5) / (2 + 0.5))
    average = (5 + 2) / 2

    def score(often: int, length: int) -> float:
        return rarity * often * 2.2 / (often + 1.2 * (0.25 + 0.75 * length / average))

    assert {hit.object_id: pytest.approx(hit.score) for hit in hits} == {
        one.object_id: score(2, 5), two.object_id: score(1, 2),
    }  # fmt: skip


def test_a_word_in_the_title_counts_for_three() -> None:
    titled, mentioned = document("Citrix", "slow today again"), document("Slow", "citrix today again")
    actions.index([titled, mentioned])
    assert found("citrix") == [titled.object_id, mentioned.object_id]


def test_all_words_before_some_words() -> None:
    both, one = document("vpn drops on the train"), document("vpn")
    actions.index([both, one])
    assert found("vpn train") == [both.object_id, one.object_id]


def test_words_are_found_in_other_forms_in_english_and_german() -> None:
    english, german = document("Printers were printing"), document("Die Drucker druckten nicht", language="de")
    actions.index([english, german])
    assert found("printer") == [english.object_id]
    assert found("drucken") == [german.object_id]


def test_a_misspelt_word_is_put_right_and_said() -> None:
    wanted = document("Outlook does not start")
    actions.index([wanted])
    answer = queries.find(read("outlok ", ()), kinds=["ticket"], readers=["staff"], internal=True)
    assert [hit.object_id for hit in answer.hits] == [wanted.object_id]
    assert answer.read_as == {"outlok": "outlook"}


def test_an_unfinished_last_word_is_found() -> None:
    wanted = document("Kubernetes node lost")
    actions.index([wanted])
    assert [
        h.object_id for h in queries.find(read("kuber", ()), kinds=["ticket"], readers=["staff"], internal=True).hits
    ] == [wanted.object_id]


def test_a_phrase_must_stand_as_typed() -> None:
    right, wrong = document("access was denied twice", "access denied"), document("denied", "no access here")
    actions.index([right, wrong])
    assert found('"access denied"') == [right.object_id]
    assert found('"access denied"', internal=False) == [right.object_id]


def test_an_excluded_word_excludes() -> None:
    one, other = document("vpn citrix"), document("vpn")
    actions.index([one, other])
    assert found("vpn -citrix") == [other.object_id]


def test_an_entry_is_found_by_its_readers_only() -> None:
    mine, theirs = document("vpn", readers=("staff", "org:1")), document("vpn", readers=("staff", "org:2"))
    actions.index([mine, theirs])
    assert found("vpn", readers=["org:1"], internal=False) == [mine.object_id]
    assert found("vpn", readers=["person:9"], internal=False) == []
    assert len(found("vpn")) == 2


def test_internal_words_are_not_found_by_customers() -> None:
    wanted = document("vpn", "drops", "the customer is difficult", readers=("staff", "org:1"))
    actions.index([wanted])
    assert found("difficult") == [wanted.object_id]
    assert found("difficult", readers=["org:1"], internal=False) == []
    assert found("vpn -difficult", readers=["org:1"], internal=False) == [wanted.object_id]


def test_labels_narrow_down_and_exclude() -> None:
    open_, ended = document("vpn", labels=("status:open",)), document("vpn", labels=("status:ended",))
    actions.index([open_, ended])
    assert found("vpn", labels=[["status:open"]]) == [open_.object_id]
    assert found("vpn", without_labels=["status:open"]) == [ended.object_id]


def test_a_label_cannot_be_typed_as_a_word() -> None:
    actions.index([document("vpn", labels=("status:open",))])
    assert found("§status:open") == []


@pytest.mark.parametrize("text", ["'", "a' | 'b", "\\", "& | ! <->", "%_", "''::tsquery", "ß", "日本", "a" * 300])
def test_what_looks_like_a_query_is_text(text: str) -> None:
    actions.index([document("vpn")])
    assert found(text) == []
    assert found(f'"{text}"') == []


def test_figures_follow_every_change() -> None:
    one = document("alpha beta")
    actions.index([one])
    changed = Document(kind="ticket", object_id=one.object_id, title="alpha gamma delta", at=NOW)
    actions.index([changed])
    assert (Totals.objects.get().entries, Totals.objects.get().words) == (1, 3)
    counted = dict(Term.objects.exclude(lexeme__startswith="§").values_list("lexeme", "entries"))
    assert counted == {"alpha": 1, "beta": 0, "gamma": 1, "delta": 1}


def test_what_was_marked_is_indexed_and_what_is_gone_is_forgotten() -> None:
    kept, gone = document("alpha"), document("beta")
    actions.index([gone])

    def loader(ids: Collection[UUID]) -> Sequence[Document]:
        return [kept] if kept.object_id in ids else []

    actions.mark(kind="ticket", ids=[kept.object_id, gone.object_id])
    actions.mark(kind="ticket", ids=[kept.object_id])
    assert actions.refresh(loaders={"ticket": loader}) == 3
    assert list(Entry.objects.values_list("object_id", flat=True)) == [kept.object_id]
    assert Totals.objects.get().entries == 1
    assert not Pending.objects.exists()
    assert actions.refresh(loaders={"ticket": loader}) == 0


def test_common_words_are_ranked_among_the_youngest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "CANDIDATES", 5)
    monkeypatch.setattr(queries, "WALK_AT_MOST", 2)
    many = [Document(kind="ticket", object_id=uuid4(), title="vpn", at=NOW + timedelta(minutes=n)) for n in range(60)]
    actions.index(many)
    hits = found("vpn", limit=3)
    assert hits == [one.object_id for one in reversed(many[-3:])]
