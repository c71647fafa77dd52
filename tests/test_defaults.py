"""What every test may rely on: the rows that migrations write, an otherwise empty database, hashes that cost nothing."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.hashers import ScryptPasswordHasher, make_password
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.db.models import Value
from django.db.models.functions import Concat

from tests.emptying import restore
from tests.standing import Standing
from tests.web.conftest import Desk, desk
from tocsin.config import settings
from tocsin.domain.journal.models import Entry
from tocsin.domain.people import actions as people
from tocsin.domain.people.models import User
from tocsin.domain.reviews.models import CauseCategory, StartRule
from tocsin.domain.stakeholders.models import Plan
from tocsin.domain.tickets.models import Ticket

__all__ = ["desk"]
NOW = datetime(2026, 3, 4, 9, tzinfo=UTC)


def counts() -> tuple[int, int, int]:
    return CauseCategory.objects.count(), StartRule.objects.count(), Plan.objects.count()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "after it was emptied"])
def test_defaults_are_there_again_after_the_database_was_emptied(turn: str) -> None:
    assert min(counts()) > 0


@pytest.mark.django_db(transaction=True)
def test_what_a_test_with_real_transactions_wrote_is_gone_and_what_it_broke_is_mended(desk: Desk) -> None:
    before = counts()
    names, kinds = sorted(CauseCategory.objects.values_list("name", flat=True)), ContentType.objects.count()
    assert Entry.objects.exists()
    assert Ticket.objects.exists()
    CauseCategory.objects.update(name=Concat("name", Value(", but not quite")))
    StartRule.objects.all().delete()
    ContentType.objects.create(app_label="tests", model="thing")
    restore()
    assert counts() == before
    assert sorted(CauseCategory.objects.values_list("name", flat=True)) == names
    assert ContentType.objects.count() == kinds
    assert not (User.objects.exists() or Ticket.objects.exists() or Entry.objects.exists())


@pytest.mark.django_db(transaction=True)
def test_the_journal_still_refuses_to_forget_after_the_database_was_emptied(desk: Desk) -> None:
    restore()
    people.create_person(email="kai@example.org", name="Kai", role="agent", by=None, now=desk.now)
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("DELETE FROM journal_entry")


def test_tests_hash_as_the_product_does_only_cheaply() -> None:
    assert settings.PASSWORD_HASHERS == ["django.contrib.auth.hashers.ScryptPasswordHasher"]
    assert ScryptPasswordHasher.work_factor >= 2**14
    assert make_password("a").startswith("scrypt$2$")


@pytest.mark.django_db
def test_a_scene_is_the_same_for_each_test_and_gone_for_whoever_did_not_ask() -> None:
    standing, made = Standing(), []

    def build() -> list[User]:
        made.append(
            people.create_person(email=f"kai{len(made)}@example.org", name="Kai", role="agent", by=None, now=NOW)
        )
        return made[-1:]

    standing.stand(build)
    (kai,) = standing.scene()
    with transaction.atomic():
        kai.name = "Somebody else"
        kai.save()
        cache.set("about", kai.pk)
        transaction.set_rollback(True)
    standing.stand(build)
    (again,) = standing.scene()
    assert (again.pk, again.name, len(made), cache.get("about")) == (kai.pk, "Kai", 1, None)
    assert User.objects.get().name == "Kai"
    standing.leave()
    assert standing.scene() is None
    assert not User.objects.exists()
