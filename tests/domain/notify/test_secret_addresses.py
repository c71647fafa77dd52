"""The address of a webhook, a topic or a token is a secret: encrypted at rest, a mark everywhere else."""

import json
from datetime import datetime

import pytest
from cryptography.fernet import Fernet
from django.db import connection

from tocsin.domain.notify import actions
from tocsin.domain.notify.models import ContactMethod, Delivery
from tocsin.domain.notify.transport import TransportError

pytestmark = pytest.mark.django_db
HOOK = "https://chat.example.org/hooks/xi4jkq7h1tgz8cnwyp6s5b3dmo"


def test_it_stands_in_no_row_but_encrypted_and_goes_out_in_clear(person, request_for, lease, now: datetime) -> None:
    kai = person()
    method = actions.add_method(user_id=kai.pk, channel="mattermost", address=HOOK, now=now, verified=True)
    actions.enqueue(pages=[request_for(kai)], now=now)
    assert method.address.startswith("chat.example.org/...3dmo #")
    assert Delivery.objects.get().address == method.address
    with connection.cursor() as cursor:
        for table in ("notify_page", "notify_delivery", "notify_contactmethod", "journal_entry"):
            cursor.execute(f"SELECT row_to_json(t) FROM {table} t")
            assert "xi4jkq7h1tgz8cnwyp6s5b3dmo" not in json.dumps(cursor.fetchall(), default=str)
    (parcel,) = lease(now, "mattermost")
    assert parcel.message(now).to == HOOK
    assert "xi4jkq7h1tgz8cnwyp6s5b3dmo" not in repr(parcel)


def test_the_same_address_is_one_method_and_another_a_second(person, now: datetime) -> None:
    kai = person()
    for address in (HOOK, HOOK, HOOK.replace("xi4", "xi5")):
        actions.add_method(user_id=kai.pk, channel="mattermost", address=address, now=now)
    assert ContactMethod.objects.count() == 2


def test_an_address_whose_key_is_gone_fails_for_good_so_that_the_next_method_is_used(
    person, request_for, lease, settings, now: datetime
) -> None:
    kai = person()
    actions.add_method(user_id=kai.pk, channel="mattermost", address=HOOK, now=now, verified=True)
    actions.enqueue(pages=[request_for(kai)], now=now)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", []
    (parcel,) = lease(now, "mattermost")
    with pytest.raises(TransportError, match="add it again") as refused:
        parcel.message(now)
    assert refused.value.permanent is True


def test_rotating_credentials_encrypts_addresses_with_the_new_key(
    person, request_for, lease, settings, now: datetime
) -> None:
    kai = person()
    actions.add_method(user_id=kai.pk, channel="mattermost", address=HOOK, now=now, verified=True)
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    assert actions.rotate_credentials(by=None, now=now).done == 1
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", []
    actions.enqueue(pages=[request_for(kai)], now=now)
    (parcel,) = lease(now, "mattermost")
    assert parcel.message(now).to == HOOK
