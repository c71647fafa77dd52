"""Setting up providers: what administrators do on the settings page and by `tocsin provider`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from tocsin.domain.journal.actions import record
from tocsin.domain.notify.actions.contacts import reseal_addresses
from tocsin.domain.notify.models import Provider, ProviderHealth
from tocsin.domain.notify.sealing import Unsealable, reseal, scrubbed, seal, unseal
from tocsin.domain.notify.transport import ProviderKind, Reach, TransportError
from tocsin.domain.people.models import User
from tocsin.domain.people.rules import is_administrator
from tocsin.kernel.doorbell import OUTBOX, ring
from tocsin.kernel.errors import InvalidInput, NotAllowed, NotFound

PROVIDERS = "providers"  # whom to ring for at the outbox when providers have changed
LONGEST_NAME = 80
LONGEST_VALUE = 4000


@dataclass(frozen=True, slots=True)
class Rotated:
    """What re-encrypting has done."""

    done: int  # providers and people's addresses together
    unreadable: tuple[str, ...]  # names of providers that no key opens
    addresses: int = 0  # how many of those done are addresses
    unreadable_addresses: int = 0


def add_provider(
    *,
    kind: ProviderKind,
    name: str,
    values: Mapping[str, str],
    by: User | None,
    now: datetime,
    enabled: bool = True,
) -> Provider:
    """Set up a provider as the last of its channel. `by` None: whoever runs the installation. Raises InvalidInput."""
    _check_may(by)
    plain, secret = _checked(kind, values, {})
    with transaction.atomic():
        _lock_all()
        last = Provider.objects.filter(channel=kind.channel).order_by("-position").first()
        made = Provider.objects.create(
            kind=kind.kind, channel=kind.channel, name=_checked_name(name, None), enabled=enabled, settings=plain,
            sealed=seal(secret) if secret else "", position=last.position + 1 if last else 1, created_at=now,
            changed_at=now,
        )  # fmt: skip
        _note(made, "provider.added", {"set": sorted({*plain, *secret}), "enabled": enabled}, by, now)
    return made


def edit_provider(
    *, provider_id: UUID, kind: ProviderKind, name: str, values: Mapping[str, str], by: User | None, now: datetime
) -> Provider:
    """Change a provider. A secret that is left empty stays as it is. What it did before is forgotten: it is tried anew.

    Raises InvalidInput, NotFound.
    """
    _check_may(by)
    with transaction.atomic():
        found = _locked(provider_id)
        if found.kind != kind.kind:
            raise InvalidInput("other_kind", "A provider keeps its kind. Add another provider instead.")
        try:
            known = unseal(found.sealed)
        except Unsealable:
            known = {}  # its key is gone: every secret must be given anew, which is what the check below asks for
        plain, secret = _checked(kind, values, known)
        changed = {n for n in {*plain, *found.settings} if plain.get(n) != found.settings.get(n)}
        changed |= {n for n in secret if values.get(n)}
        found.name, found.settings, found.changed_at = _checked_name(name, found.pk), plain, now
        found.sealed = seal(secret) if secret else ""
        found.save(update_fields=["name", "settings", "sealed", "changed_at"])
        ProviderHealth.objects.filter(name=str(found.pk)).delete()
        _note(found, "provider.edited", {"set": sorted(changed)}, by, now)
    return found


def enable_provider(*, provider_id: UUID, enabled: bool, by: User | None, now: datetime) -> None:
    """Use a provider, or pass it over until further notice. Repeating it changes nothing."""
    _check_may(by)
    with transaction.atomic():
        found = _locked(provider_id)
        if found.enabled == enabled:
            return
        found.enabled, found.changed_at = enabled, now
        found.save(update_fields=["enabled", "changed_at"])
        ProviderHealth.objects.filter(name=str(found.pk)).delete()
        _note(found, "provider.enabled" if enabled else "provider.disabled", {}, by, now)


def move_provider(*, provider_id: UUID, earlier: bool, by: User | None, now: datetime) -> None:
    """Have a provider tried one place earlier or later within its channel; at the end of the row nothing happens."""
    _check_may(by)
    with transaction.atomic():
        found = _locked(provider_id)
        row = list(Provider.objects.filter(channel=found.channel))
        here = row.index(found)
        there = here - 1 if earlier else here + 1
        if not 0 <= there < len(row):
            return
        row[here], row[there] = row[there], row[here]
        for position, one in enumerate(row, 1):
            if one.position != position:
                Provider.objects.filter(pk=one.pk).update(position=position, changed_at=now)
        _note(found, "provider.moved", {"order": [one.name for one in row]}, by, now)


def remove_provider(*, provider_id: UUID, by: User | None, now: datetime) -> None:
    """Forget a provider and its credentials. What it has sent stays recorded."""
    _check_may(by)
    with transaction.atomic():
        found = _locked(provider_id)
        _note(found, "provider.removed", {}, by, now)
        ProviderHealth.objects.filter(name=str(found.pk)).delete()
        found.delete()


def rotate_credentials(*, by: User | None, now: datetime) -> Rotated:
    """Encrypt every provider's secrets, and people's secret addresses, anew with the first key.

    What no key opens stays as it is and is told.
    """
    _check_may(by)
    done, lost = 0, []
    with transaction.atomic():
        for one in _lock_all():
            if not one.sealed:
                continue
            try:
                Provider.objects.filter(pk=one.pk).update(sealed=reseal(one.sealed))
                done += 1
            except Unsealable:
                lost.append(one.name)
        addresses, locked = reseal_addresses()
        data = {"providers": done, "unreadable": lost, "addresses": addresses, "unreadable_addresses": locked}
        record(stream="system", kind="provider.credentials_rotated", actor=_actor(by), at=now, data=data)
    return Rotated(done + addresses, tuple(lost), addresses, locked)


def note_provider_test(*, provider_id: UUID, accepted: bool, answer: str, by: User | None, now: datetime) -> None:
    """Journal that somebody has had a test sent to themselves. `answer` must hold no secret."""
    found = Provider.objects.filter(pk=provider_id).first()
    if found is not None:
        data = {"provider": str(found.pk), "name": found.name, "accepted": accepted, "answer": answer[:500]}
        record(stream="system", kind="provider.tested", actor=_actor(by), at=now, data=data)


def _check_may(by: User | None) -> None:
    if by is not None and not is_administrator.test(by):
        raise NotAllowed("not_allowed", "Providers are set up by administrators. Ask one of them.")


def _lock_all() -> list[Provider]:
    return list(Provider.objects.select_for_update().order_by("pk"))


def _locked(provider_id: UUID) -> Provider:
    found = next((one for one in _lock_all() if one.pk == provider_id), None)
    if found is None:
        raise NotFound("provider_not_found", "There is no such provider. It may have been removed meanwhile.")
    return found


def _checked_name(name: str, own: UUID | None) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        message = f"Give the provider a name of up to {LONGEST_NAME} characters."
        raise InvalidInput("bad_name", message, {"name": "Give it a name."})
    others = Provider.objects.filter(name=name)
    if (others.exclude(pk=own) if own else others).exists():
        raise InvalidInput("name_taken", f"Another provider is called {name}.", {"name": "This name is taken."})
    return name


def _checked(
    kind: ProviderKind, values: Mapping[str, str], known: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return (plain values, secrets) as they will be stored; `known` fills secrets that were left empty."""
    problems: dict[str, str] = {}
    plain: dict[str, str] = {}
    secret: dict[str, str] = {}
    for setting in kind.settings:
        value = str(values.get(setting.name, "")).strip()
        if setting.secret:
            value = value or known.get(setting.name, "")
        value = value or setting.default
        if not value:
            if setting.required:
                problems[setting.name] = f"Give it. {setting.remedy}".strip()
            continue
        if len(value) > LONGEST_VALUE or not all(c.isprintable() or c in "\n\t" for c in value):
            problems[setting.name] = "It is too long, or holds characters that no such value has."
        (secret if setting.secret else plain)[setting.name] = value
    for name in values.keys() - {setting.name for setting in kind.settings}:
        problems[name] = f"{kind.label} knows no such setting."
    if problems:
        raise InvalidInput("bad_settings", f"{kind.label} cannot be used so.", problems)
    try:
        kind.build({**plain, **secret}, Reach())
    except (KeyError, ValueError, TransportError) as error:
        raise InvalidInput("bad_settings", scrubbed(str(error), secret.values())) from None
    return plain, secret


def _note(one: Provider, kind: str, data: dict[str, Any], by: User | None, now: datetime) -> None:
    """Journal a change (names of settings, never values) and let every engine know."""
    told = {"provider": str(one.pk), "name": one.name, "kind": one.kind, "channel": one.channel, **data}
    record(stream="system", kind=kind, actor=_actor(by), at=now, data=told)
    ring(connection, OUTBOX, PROVIDERS)


def _actor(by: User | None) -> str:
    return f"person:{by.pk}" if by else "system"
