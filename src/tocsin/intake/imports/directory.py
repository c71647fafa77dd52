"""Teams, services, organisations and people that a log names: found by name, or made."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db.models import Model
from django.utils.text import slugify

from tocsin.domain.people.enums import Line, Role
from tocsin.domain.people.models import Organisation, Service, Team, User


@dataclass(slots=True)
class Directory:
    """Ids by the log's names. What is in the organisation already is used as it is and never changed.

    People are placeholders: inactive, without password or contact method, at an address that no
    mail can reach. They own what they owned, and nobody can be paged through them.
    """

    source: str
    teams: dict[str, UUID] = field(default_factory=dict)
    services: dict[str, UUID] = field(default_factory=dict)
    organisations: dict[str, UUID] = field(default_factory=dict)
    owners: dict[str, UUID] = field(default_factory=dict)

    def admit(
        self,
        *,
        teams: Mapping[str, str],
        services: Collection[str],
        organisations: Collection[str],
        owners: Collection[str],
    ) -> dict[str, int]:
        """Make sure that all of these are known; `teams` maps name to line (empty: not told). Returns what was made.

        Runs in the transaction of the tickets that need them. After a roll-back the directory
        must not be used any more (`forget`).
        """
        made = {
            "teams": _admit(self.teams, Team, teams, lambda name: {"line": teams[name] or Line.L1}),
            "services": _admit(self.services, Service, services, lambda _name: {}),
            "organisations": self._admit_organisations(organisations),
            "people": self._admit_owners(owners),
        }
        return {name: count for name, count in made.items() if count}

    def forget(self) -> None:
        """Drop what is remembered; the next `admit` looks it up again."""
        for known in (self.teams, self.services, self.organisations, self.owners):
            known.clear()

    def _admit_organisations(self, names: Collection[str]) -> int:
        new = sorted(set(names) - set(self.organisations))
        self.organisations.update(_ids(Organisation, "name", new))
        made = [Organisation(name=name) for name in new if name not in self.organisations]
        Organisation.objects.bulk_create(made)
        self.organisations.update({organisation.name: organisation.pk for organisation in made})
        return len(made)

    def _admit_owners(self, names: Collection[str]) -> int:
        new = sorted(set(names) - set(self.owners))
        addresses = {name: address_of(name, self.source) for name in new}
        known = _ids(User, "email", addresses.values())
        self.owners.update({name: known[address] for name, address in addresses.items() if address in known})
        made = [
            User(email=addresses[name], name=name, role=Role.AGENT, is_active=False, password=make_password(None))
            for name in new
            if name not in self.owners
        ]
        User.objects.bulk_create(made)
        self.owners.update({user.name: user.pk for user in made})
        return len(made)


def address_of(name: str, source: str) -> str:
    """Return the placeholder's address: readable, one per name, under .invalid (RFC 2606): no mail reaches it."""
    mark = hashlib.sha256(name.encode()).hexdigest()[:8]
    readable = slugify(name)[:40].strip("-") or "owner"
    return f"{readable}-{mark}@{source}.import.invalid"


def _admit(known: dict[str, UUID], model: Any, names: Iterable[str], more: Any) -> int:
    """Look up or make rows with a unique name and slug."""
    new = sorted(set(names) - set(known))
    if not new:
        return 0
    known.update(_ids(model, "name", new))
    missing = [name for name in new if name not in known]
    wanted = {name: slugify(name)[:70] or "imported" for name in missing}
    taken = set(model.objects.filter(slug__in=_candidates(wanted.values())).values_list("slug", flat=True))
    made = []
    for name in missing:
        slug = _free(wanted[name], taken, name)
        taken.add(slug)
        made.append(model(name=name, slug=slug, **more(name)))
    model.objects.bulk_create(made)
    known.update({row.name: row.pk for row in made})
    return len(made)


def _candidates(slugs: Iterable[str]) -> list[str]:
    return sorted(set(slugs))


def _free(slug: str, taken: Collection[str], name: str) -> str:
    if slug not in taken:
        return slug
    return f"{slug}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _ids(model: type[Model], column: str, values: Iterable[str]) -> dict[str, UUID]:
    found = model._default_manager.filter(**{f"{column}__in": list(values)})
    return dict(found.values_list(column, "pk"))
