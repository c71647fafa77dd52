"""Providers: set up by administrators, credentials sealed, health shared, phones paid for within bounds."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet

from tocsin.domain.journal.models import Entry
from tocsin.domain.notify import actions, phones, providers, sealing
from tocsin.domain.notify.actions import LeaseTerms
from tocsin.domain.notify.enums import Channel
from tocsin.domain.notify.logic.fault import Fault
from tocsin.domain.notify.models import Attempt, ContactMethod, Delivery, Page, Provider, ProviderHealth
from tocsin.domain.notify.transport import ProviderKind, Sent, Setting
from tocsin.domain.people.models import User
from tocsin.kernel.errors import InvalidInput, NotAllowed, NotFound, Unavailable

pytestmark = pytest.mark.django_db

SECRET = "sesame-open-4711"


def build(values, reach) -> object:
    if values["host"] == "nowhere":
        raise ValueError(f"{values['host']} cannot be used with {values['password']}.")
    return object()


KIND = ProviderKind(
    kind="pigeon",
    channel=Channel.SMS,
    label="Pigeon post",
    settings=(
        Setting(name="host", label="Loft"),
        Setting(name="password", label="Whistle", secret=True, remedy="On the loft's door."),
        Setting(name="breed", label="Breed", required=False, default="homing"),
    ),
    build=build,
)
VALUES = {"host": "loft.example.org", "password": SECRET}


@pytest.fixture
def admin(person: Callable[..., User]) -> User:
    return person(role="administrator")


@pytest.fixture
def pigeon(admin: User, now: datetime) -> Provider:
    return actions.add_provider(kind=KIND, name="Pigeon", values=VALUES, by=admin, now=now)


# Setting up.


def test_a_secret_is_sealed_and_appears_nowhere(pigeon: Provider, now: datetime) -> None:
    stored = Provider.objects.get()
    assert stored.settings == {"host": "loft.example.org", "breed": "homing"}
    assert SECRET not in stored.sealed
    assert SECRET not in repr(stored) + repr(providers.opened(stored))
    assert providers.opened(stored).values == {**VALUES, "breed": "homing"}
    entry = Entry.objects.get(kind="provider.added")
    assert entry.data["set"] == ["breed", "host", "password"]
    assert SECRET not in str(entry.data)


def test_a_secret_left_empty_stays(pigeon: Provider, admin: User, now: datetime) -> None:
    changed = {"host": "other.example.org", "password": ""}
    actions.edit_provider(provider_id=pigeon.pk, kind=KIND, name="Pigeon", values=changed, by=admin, now=now)
    assert providers.opened(Provider.objects.get()).values["password"] == SECRET
    assert Entry.objects.get(kind="provider.edited").data["set"] == ["host"]


def test_editing_forgets_how_it_did(pigeon: Provider, admin: User, now: datetime) -> None:
    actions.note_provider_failure(name=str(pigeon.pk), label="Pigeon", fault=Fault.CREDENTIALS, answer="401", now=now)
    actions.edit_provider(provider_id=pigeon.pk, kind=KIND, name="Pigeon", values=VALUES, by=admin, now=now)
    assert providers.healths() == {}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"password": SECRET}, "host"), ({"host": "h"}, "password"), ({**VALUES, "colour": "grey"}, "colour"),
        ({**VALUES, "host": "a\x00b"}, "host"), ({**VALUES, "host": "h" * 4001}, "host"),
    ],
)  # fmt: skip
def test_settings_are_checked_one_by_one(admin: User, now: datetime, values: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        actions.add_provider(kind=KIND, name="Pigeon", values=values, by=admin, now=now)
    assert list(refused.value.fields) == [field]


def test_what_the_kind_cannot_use_is_refused_without_telling_the_secret(admin: User, now: datetime) -> None:
    with pytest.raises(InvalidInput, match=r"nowhere cannot be used with \[hidden\]"):
        actions.add_provider(kind=KIND, name="Pigeon", values={**VALUES, "host": "nowhere"}, by=admin, now=now)
    assert not Provider.objects.exists()


def test_only_administrators_set_up_providers(pigeon: Provider, person: Callable[..., User], now: datetime) -> None:
    agent = person(role="lead")
    for act in (
        lambda: actions.add_provider(kind=KIND, name="Mine", values=VALUES, by=agent, now=now),
        lambda: actions.edit_provider(provider_id=pigeon.pk, kind=KIND, name="x", values=VALUES, by=agent, now=now),
        lambda: actions.enable_provider(provider_id=pigeon.pk, enabled=False, by=agent, now=now),
        lambda: actions.move_provider(provider_id=pigeon.pk, earlier=True, by=agent, now=now),
        lambda: actions.remove_provider(provider_id=pigeon.pk, by=agent, now=now),
        lambda: actions.rotate_credentials(by=agent, now=now),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_providers_have_names_of_their_own_and_an_order(pigeon: Provider, admin: User, now: datetime) -> None:
    with pytest.raises(InvalidInput, match="called Pigeon"):
        actions.add_provider(kind=KIND, name=" Pigeon ", values=VALUES, by=admin, now=now)
    crow = actions.add_provider(kind=KIND, name="Crow", values=VALUES, by=admin, now=now)
    assert [one.name for one in providers.providers(Channel.SMS)] == ["Pigeon", "Crow"]
    actions.move_provider(provider_id=crow.pk, earlier=True, by=admin, now=now)
    actions.move_provider(provider_id=crow.pk, earlier=True, by=admin, now=now)
    assert [one.name for one in providers.providers(Channel.SMS)] == ["Crow", "Pigeon"]
    actions.enable_provider(provider_id=crow.pk, enabled=False, by=admin, now=now)
    assert [one.name for one in providers.opened_providers(channel=Channel.SMS)] == ["Pigeon"]
    actions.remove_provider(provider_id=crow.pk, by=admin, now=now)
    with pytest.raises(NotFound):
        providers.provider(crow.pk)


# Sealing.


def test_the_first_key_seals_and_every_key_opens(settings, pigeon: Provider, admin: User, now: datetime) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.CREDENTIAL_KEYS = [old]
    actions.edit_provider(provider_id=pigeon.pk, kind=KIND, name="Pigeon", values=VALUES, by=admin, now=now)
    settings.CREDENTIAL_KEYS = [new, old]
    assert providers.opened(Provider.objects.get()).values["password"] == SECRET
    assert actions.rotate_credentials(by=admin, now=now) == actions.Rotated(1, ())
    settings.CREDENTIAL_KEYS = [new]
    assert providers.opened(Provider.objects.get()).values["password"] == SECRET
    settings.CREDENTIAL_KEYS = [old]
    assert [one.name for one in providers.unreadable()] == ["Pigeon"]


def test_without_keys_the_secret_key_seals_and_its_fallbacks_open(settings, pigeon: Provider, now: datetime) -> None:
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-secret-key-of-many-characters-0123456789"
    assert providers.opened(Provider.objects.get()).values["password"] == SECRET
    actions.rotate_credentials(by=None, now=now)
    settings.SECRET_KEY_FALLBACKS = []
    assert providers.opened(Provider.objects.get()).values["password"] == SECRET


def test_a_provider_that_no_key_opens_is_named_and_passed_over(settings, pigeon: Provider, now: datetime) -> None:
    settings.SECRET_KEY = "another-secret-key-of-many-characters-0123456789"
    assert providers.opened_providers(channel=Channel.SMS) == []
    assert actions.rotate_credentials(by=None, now=now) == actions.Rotated(0, ("Pigeon",))
    with pytest.raises(InvalidInput) as refused:
        actions.edit_provider(provider_id=pigeon.pk, kind=KIND, name="Pigeon", values={"host": "h"}, by=None, now=now)
    assert list(refused.value.fields) == ["password"]


def test_a_key_that_is_none_is_said_so(settings, pigeon: Provider, now: datetime) -> None:
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode(), "hunter2"]
    assert sealing.bad_keys() == [2]
    with pytest.raises(Unavailable, match="Key 2 of TOCSIN_CREDENTIAL_KEYS"):
        providers.opened(pigeon)


def test_an_answer_is_scrubbed_however_the_secret_stands_in_it() -> None:
    import base64  # noqa: PLC0415 - only for this proof
    from urllib.parse import quote  # noqa: PLC0415 - only for this proof

    secret = 'p ä"ss/word+1'
    for shift in range(3):
        basic = base64.b64encode(("u" * shift + secret).encode()).decode()
        assert base64.b64encode(secret.encode()).decode()[4:12] not in sealing.scrubbed(basic, [secret])
    answer = f"bad {secret} {quote(secret, safe='')} and {secret}"
    assert sealing.scrubbed(answer, [secret]) == "bad [hidden] [hidden] and [hidden]"
    assert sealing.scrubbed("a 401 is a 401", ["401"]) == "a 401 is a 401"


# Health.


def test_resting_and_recovering_are_journalled_once(pigeon: Provider, now: datetime) -> None:
    name, at = str(pigeon.pk), now
    for _ in range(6):
        actions.note_provider_failure(name=name, label="Pigeon", fault=Fault.PROVIDER, answer="503", now=at)
        at += timedelta(seconds=20)
    health = providers.healths()[name]
    assert (health.last_error, health.state(at)) == ("503", "resting")
    actions.note_provider_success(name=name, label="Pigeon", now=at)
    assert providers.healths()[name].state(at) == "well"
    kinds = Entry.objects.filter(stream="system", kind__startswith="provider.r").order_by("position")
    assert list(kinds.values_list("kind", flat=True)) == ["provider.rests", "provider.recovered"]


def test_a_provider_that_is_well_is_not_written_to_by_every_message(
    pigeon: Provider, now: datetime, django_assert_num_queries
) -> None:
    actions.note_provider_success(name=str(pigeon.pk), label="Pigeon", now=now)
    with django_assert_num_queries(1):
        actions.note_provider_success(name=str(pigeon.pk), label="Pigeon", now=now + timedelta(seconds=5))
    assert ProviderHealth.objects.get().last_ok_at == now


# Toll fraud.


NUMBERS = [f"+49151234567{n:02}" for n in range(90)]


@pytest.fixture
def phoned(person: Callable[..., User], now: datetime) -> Callable[..., User]:
    """Make a person with a verified number, and an e-mail address for later."""

    def make(number: str, channel: str = Channel.SMS) -> User:
        user = person("email")
        ContactMethod.objects.create(user=user, channel=channel, address=number, verified_at=now)
        method = {m.channel: m for m in ContactMethod.objects.filter(user=user)}
        steps = [(method[channel].pk, 0), (method["email"].pk, 600)]
        actions.set_rules(user_id=user.pk, urgency="high", steps=steps, now=now)
        return user

    return make


TERMS = LeaseTerms(bundle_over=0, per_minute=0, max_attempts=6)


def send_all(now: datetime, channel: str = Channel.SMS) -> int:
    parcels = actions.lease(channel=channel, now=now, limit=100, terms=TERMS)
    for parcel in parcels:
        actions.record_sent(parcel=parcel, sent=Sent(provider_id=str(uuid4()), answer="ok"), now=now)
    return len(parcels)


def test_a_number_of_a_country_that_is_not_allowed_any_more_fails_for_good_and_the_next_method_is_used(
    settings, phoned: Callable[..., User], request_for, now: datetime
) -> None:
    actions.enqueue(pages=[request_for(phoned(NUMBERS[0]))], now=now)
    settings.PHONE_COUNTRIES = frozenset({"AT"})
    assert send_all(now) == 0
    sms, mail = Delivery.objects.order_by("position")
    assert (sms.state, sms.sent_at) == ("failed", None)
    assert "TOCSIN_PHONE_COUNTRIES" in sms.error
    assert (mail.state, mail.due_at) == ("pending", now)


@pytest.mark.parametrize("number", ["+499001234567", "0151 23456789", "+4913712345", "person1"])
def test_no_premium_or_unreadable_number_is_ever_leased(
    phoned: Callable[..., User], request_for, now: datetime, number: str
) -> None:
    actions.enqueue(pages=[request_for(phoned(number, Channel.VOICE))], now=now)
    assert actions.lease(channel=Channel.VOICE, now=now, limit=10, terms=TERMS) == []
    assert Delivery.objects.get(channel=Channel.VOICE).state == "failed"


def test_above_a_persons_cap_the_rest_waits_and_goes_by_other_methods(
    settings, phoned: Callable[..., User], request_for, now: datetime
) -> None:
    settings.PHONE_HOURLY_PERSON = 3
    user = phoned(NUMBERS[0])
    actions.enqueue(pages=[request_for(user) for _ in range(5)], now=now)
    assert send_all(now) == 3
    waiting = Delivery.objects.filter(channel=Channel.SMS, state="pending")
    assert waiting.count() == 2
    assert {d.due_at for d in waiting} == {now + timedelta(hours=1)}
    assert "cap of 3 texts and calls an hour to one person" in waiting[0].error
    due = Delivery.objects.filter(channel=Channel.EMAIL, page__in=[d.page_id for d in waiting])
    assert {d.due_at for d in due} == {now}
    assert not Page.objects.filter(state="unreachable").exists()
    assert send_all(now + timedelta(minutes=59)) == 0
    assert send_all(now + timedelta(hours=1, seconds=1)) == 2


def test_texts_and_calls_count_together_and_the_cap_of_all_is_over_everybody(
    settings, phoned: Callable[..., User], request_for, now: datetime
) -> None:
    settings.PHONE_HOURLY = 5
    actions.enqueue(pages=[request_for(phoned(number)) for number in NUMBERS[:4]], now=now)
    actions.enqueue(pages=[request_for(phoned(number, Channel.VOICE)) for number in NUMBERS[4:8]], now=now)
    assert send_all(now) == 4
    assert send_all(now, Channel.VOICE) == 1
    assert Attempt.objects.filter(outcome="retry").count() == 3


def test_two_senders_together_stay_below_the_cap(
    settings, phoned: Callable[..., User], request_for, now: datetime
) -> None:
    settings.PHONE_HOURLY = 5
    actions.enqueue(pages=[request_for(phoned(number)) for number in NUMBERS[:8]], now=now)
    first = actions.lease(channel=Channel.SMS, now=now, limit=4, terms=TERMS)
    second = actions.lease(channel=Channel.SMS, now=now, limit=4, terms=TERMS)
    assert (len(first), len(second)) == (4, 1)


def test_reaching_a_cap_raises_one_alarm_an_hour_and_tells_administrators(
    settings, admin: User, phoned: Callable[..., User], request_for, now: datetime
) -> None:
    settings.PHONE_HOURLY = 1
    ContactMethod.objects.create(user=admin, channel="email", address="admin@example.org", verified_at=now)
    actions.enqueue(pages=[request_for(phoned(number)) for number in NUMBERS[:4]], now=now)
    assert send_all(now) == 1
    alarms = Entry.objects.filter(stream="system", kind="alarm.toll")
    assert alarms.count() == 1
    notice = Page.objects.get(user=admin)
    assert notice.purpose == "warning"
    assert "the cap is reached" in notice.subject
    actions.enqueue(pages=[request_for(phoned(NUMBERS[5]))], now=now + timedelta(minutes=70))
    send_all(now + timedelta(minutes=70))
    assert alarms.count() == 2


def test_an_ordinary_channel_has_no_caps(settings, person, request_for, now: datetime) -> None:
    settings.PHONE_HOURLY = settings.PHONE_HOURLY_PERSON = 1
    user = person("email")
    actions.enqueue(pages=[request_for(user) for _ in range(5)], now=now)
    assert send_all(now, Channel.EMAIL) == 5


def test_a_number_is_stored_as_it_is_dialled(settings) -> None:
    settings.PHONE_COUNTRIES = frozenset({"DE"})
    assert phones.phone_of(Channel.SMS, "+49 (0)151 / 234 567 89").number == "+4915123456789"
    with pytest.raises(InvalidInput, match="TOCSIN_PHONE_COUNTRIES"):
        phones.phone_of(Channel.SMS, "+43 664 1234567")


# STOP and START.


def test_stop_takes_a_number_out_of_use_and_start_brings_it_back(phoned: Callable[..., User], now: datetime) -> None:
    user = phoned(NUMBERS[0])
    assert actions.stop_address(channel=Channel.SMS, address=NUMBERS[0], now=now) == 1
    assert ContactMethod.objects.filter(user=user, channel=Channel.SMS, verified_at=None).count() == 1
    assert actions.stop_address(channel=Channel.SMS, address=NUMBERS[0], now=now) == 0
    assert actions.start_address(channel=Channel.SMS, address=NUMBERS[0], now=now) == 1
    assert ContactMethod.objects.filter(user=user, channel=Channel.SMS, verified_at=now, stopped_at=None).exists()


def test_start_verifies_nothing_that_was_not_verified_before(person: Callable[..., User], now: datetime) -> None:
    user = person()
    ContactMethod.objects.create(user=user, channel=Channel.SMS, address=NUMBERS[0])
    assert actions.start_address(channel=Channel.SMS, address=NUMBERS[0], now=now) == 0
    assert ContactMethod.objects.get(user=user).verified_at is None


def test_a_thing_happens_once(now: datetime) -> None:
    assert actions.first_time(key="a", now=now)
    assert not actions.first_time(key="a", now=now)
    assert actions.answered(key="b") is None
    actions.keep_answer(key="b", answer="yes", now=now)
    actions.keep_answer(key="b", answer="no", now=now)
    assert actions.answered(key="b") == "yes"
    assert actions.first_time(key="c", now=now + timedelta(days=8))
    assert actions.first_time(key="a", now=now + timedelta(days=8))
