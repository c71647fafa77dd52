"""SECURITY "Tokens": links are signed, scoped, expiring; the Host header plays no part."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.core.signing import BadSignature, Signer
from hypothesis import given
from hypothesis import strategies as st

from tocsin.domain.notify import links
from tocsin.kernel.errors import NotFound

NOW = datetime(2026, 3, 4, 9, tzinfo=UTC)


@given(run=st.uuids(), user=st.uuids(), cycle=st.integers(1, 2**32 - 1), level=st.integers(0, 2**16 - 1))
def test_a_token_speaks_for_what_it_was_made_for(run: UUID, user: UUID, cycle: int, level: int) -> None:
    claim = links.read_token(links.respond_token(run, cycle, level, user, now=NOW), now=NOW)
    assert claim == links.RespondClaim(run, cycle, level, user, NOW + links.LIFETIME)


def test_a_token_goes_into_a_link_as_it_is() -> None:
    token = links.respond_token(uuid4(), 1, 1, uuid4(), now=NOW)
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
    assert len(token) < 120


@pytest.mark.parametrize("late", [timedelta(), timedelta(days=1)])
def test_a_token_expires(late: timedelta) -> None:
    token = links.respond_token(uuid4(), 1, 1, uuid4(), now=NOW)
    with pytest.raises(NotFound) as refused:
        links.read_token(token, now=NOW + links.LIFETIME + late)
    assert refused.value.code == "link_expired"


def test_a_changed_token_is_refused_whatever_was_changed() -> None:
    token = links.respond_token(uuid4(), 1, 1, uuid4(), now=NOW)
    for place in range(len(token)):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        try:
            links.read_token(changed, now=NOW)
        except NotFound as refused:
            assert refused.code == "link_invalid"
        else:
            # The last letter of base64 has bits that mean nothing; it still speaks for the same.
            assert links.read_token(changed, now=NOW) == links.read_token(token, now=NOW)


@pytest.mark.parametrize("forged", ["", ".", "abc", "abc.def", "%00", "ä.ö", "a" * 5_000, "=" * 9 + ".x"])
def test_rubbish_is_refused(forged: str) -> None:
    with pytest.raises(NotFound):
        links.read_token(forged, now=NOW)


def test_a_token_made_with_the_key_before_still_works(settings) -> None:
    token = links.respond_token(uuid4(), 1, 1, uuid4(), now=NOW)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, after rotation"
    assert links.read_token(token, now=NOW).cycle == 1
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(NotFound):
        links.read_token(token, now=NOW)


def test_the_address_is_the_base_url_or_nothing(settings) -> None:
    run, user = uuid4(), uuid4()
    settings.BASE_URL = "https://desk.example.org"
    token = links.respond_token(run, 1, 2, user, now=NOW)
    assert links.respond_url(run, 1, 2, user, now=NOW) == f"https://desk.example.org/respond/{token}"
    settings.BASE_URL = ""
    assert links.respond_url(run, 1, 2, user, now=NOW) == ""


@pytest.mark.django_db
def test_without_a_given_time_the_databases_clock_decides() -> None:
    token = links.respond_token(uuid4(), 1, 1, uuid4())
    assert links.read_token(token).level == 1
    with pytest.raises(NotFound):
        links.read_token(links.respond_token(uuid4(), 1, 1, uuid4(), now=NOW - timedelta(days=3650)))


def test_a_signer_of_thousands_and_djangos_read_each_other(settings) -> None:  # type: ignore[no-untyped-def]
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "now" * 12, ["old" * 12]
    many, plain = links.many_signer("tocsin.test"), Signer(salt="tocsin.test", sep=".")
    assert many.sign("value") == plain.sign("value")
    assert many.unsign(plain.sign("value")) == "value"
    older = Signer(key="old" * 12, salt="tocsin.test", sep=".").sign("value")
    assert many.unsign(older) == "value"
    with pytest.raises(BadSignature):
        many.unsign(Signer(salt="tocsin.other", sep=".").sign("value"))
    settings.SECRET_KEY = "new" * 12
    assert links.many_signer("tocsin.test").sign("value") != plain.sign("value")
