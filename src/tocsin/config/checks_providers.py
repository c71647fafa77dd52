"""What is wrong with the providers of channels, their credentials, and the rules for phone numbers."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings

from tocsin.channels.kinds import kind_of
from tocsin.channels.ways import ways
from tocsin.config.checks import ERROR, WARNING, Finding
from tocsin.domain.notify import providers
from tocsin.domain.notify.enums import PHONES, Channel
from tocsin.domain.notify.logic.phone import unknown_countries
from tocsin.domain.notify.sealing import bad_keys


def provider_findings(now: datetime) -> list[Finding]:
    """Check keys, credentials, providers that rest, channels that nobody carries, and phone settings."""
    return [*_keys(), *_phones(), *_channels(now)]


def _keys() -> Iterable[Finding]:
    broken = bad_keys()
    if broken:
        places = ", ".join(str(place) for place in broken)
        yield Finding(
            "bad_credential_key",
            ERROR,
            f"TOCSIN_CREDENTIAL_KEYS: key {places} is not a Fernet key. No credential can be read.",
            "Make keys with `tocsin provider new-key`, and separate several by comma.",
        )
        return
    for one in providers.unreadable():
        yield Finding(
            "unreadable_credentials",
            ERROR,
            f"No key opens the credentials of the provider “{one.name}”, so it carries nothing.",
            "Add the key that sealed them to TOCSIN_CREDENTIAL_KEYS (or TOCSIN_SECRET_KEY_FALLBACKS), or write them "
            "anew under Settings, Providers.",
        )


def _phones() -> Iterable[Finding]:
    unknown = unknown_countries(settings.PHONE_COUNTRIES)
    if unknown:
        yield Finding(
            "unknown_country",
            ERROR,
            f"TOCSIN_PHONE_COUNTRIES names {', '.join(unknown)}, which no numbering plan knows.",
            "Write ISO codes and calling codes by comma, such as DE,AT,+44.",
        )
    if not settings.PHONE_COUNTRIES and any(one.enabled and one.channel in PHONES for one in providers.providers()):
        yield Finding(
            "any_country",
            WARNING,
            "TOCSIN_PHONE_COUNTRIES is empty: people may add numbers of every country, and you pay for the calls.",
            "Name the countries that your people have numbers of, such as DE,AT,+44.",
        )


def _channels(now: datetime) -> Iterable[Finding]:
    if bad_keys():
        return
    names = dict(Channel.choices)
    for channel, people in sorted(providers.people_by_channel().items()):
        if not ways(channel):
            yield Finding(
                "channel_without_provider",
                ERROR,
                f"{people} people have an address for {names.get(channel, channel)}, which no provider carries.",
                "Set one up under Settings, Providers, or with `tocsin provider add`.",
            )
    healths = providers.healths()
    for one in providers.providers():
        if kind_of(one.kind) is None:
            yield Finding(
                "unknown_provider_kind",
                ERROR,
                f"The provider “{one.name}” is of kind {one.kind}, which this release does not know.",
                "Remove it, or run the release that has set it up.",
            )
        health = healths.get(str(one.pk))
        if one.enabled and health is not None and health.condition.rests_at(now):
            yield Finding(
                "provider_rests",
                WARNING,
                f"The provider “{one.name}” keeps failing and is left alone for now: {health.last_error}",
                "Look at Settings, Providers; send a test to yourself when it is put right.",
            )
