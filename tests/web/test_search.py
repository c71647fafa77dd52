"""The search page and the palette."""

import pytest

from tocsin.domain.search import actions as search
from tocsin.domain.tickets.searching import KIND, documents


@pytest.fixture
def indexed(desk):  # type: ignore[no-untyped-def]  # the small desk of tests/web/conftest.py
    while search.refresh(loaders={KIND: documents}):
        pass
    return desk


def test_a_ticket_is_found_by_its_words_and_misspelt(indexed) -> None:  # type: ignore[no-untyped-def]
    word = max(indexed.ticket.subject.split(), key=len)
    page = indexed.client(indexed.agent).get("/search", {"q": word}).content.decode()
    assert indexed.ticket.subject in page
    wrong = word[:2] + word[3:]
    page = indexed.client(indexed.agent).get("/search", {"q": wrong}).content.decode()
    assert indexed.ticket.subject in page
    assert "Nothing has" in page


def test_the_palette_completes_the_last_word_and_leads_to_the_whole_search(indexed) -> None:  # type: ignore[no-untyped-def]
    word = max(indexed.ticket.subject.split(), key=len)
    page = indexed.client(indexed.agent).get("/palette", {"q": word[:4]}).content.decode()
    assert indexed.ticket.subject in page
    assert f"/search?q={word[:4]}" in page


def test_what_is_typed_comes_back_escaped(indexed) -> None:  # type: ignore[no-untyped-def]
    page = indexed.client(indexed.agent).get("/search", {"q": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert" not in page


def test_an_empty_search_says_what_can_be_typed(indexed) -> None:  # type: ignore[no-untyped-def]
    assert "sla:&lt;1h" in indexed.client(indexed.agent).get("/search").content.decode()
