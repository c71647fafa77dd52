"""The company of the demonstration, from company.yaml: created once, recognised again by its natural keys."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from typing import Any, cast

from django.conf import settings
from django.utils.crypto import salted_hmac
from ruamel.yaml import YAML

from tocsin.domain.calendars.actions import save_calendar
from tocsin.domain.escalation import actions as escalation
from tocsin.domain.escalation import publishing
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify.enums import Channel, Urgency
from tocsin.domain.people import actions
from tocsin.domain.people.models import Organisation, Service, Team, User
from tocsin.domain.sla import actions as sla
from tocsin.intake.demo import duty, known, learning, monitoring
from tocsin.intake.demo.spans import span

EXAMPLES = ("technical", "customer", "internal", "major-incident")
AGAIN = re.compile(r"(?:^  #.*\n)*^  - key: again\n(?:    .*\n)+\n?", re.MULTILINE)
KINDS = ("first_response", "next_update", "resolution")


@dataclass(slots=True)
class Company:
    """What was created, by the keys of company.yaml."""

    document: dict[str, Any]
    people: dict[str, User]
    teams: dict[str, Team]
    services: dict[str, Service]
    customers: dict[str, Organisation]

    @property
    def sign_ins(self) -> list[User]:
        """The people whose addresses are printed for the visitor, the one who may do most first."""
        return [self.people[key] for key in self.document["sign_in"]]


def document() -> dict[str, Any]:
    """Return company.yaml."""
    return cast(dict[str, Any], read("company.yaml"))


def read(name: str) -> Any:
    """Return one of the package's YAML files."""
    source = resources.files("tocsin.intake.demo").joinpath(name).read_text("utf-8")
    return YAML(typ="safe", pure=True).load(source)


def password() -> str:
    """Return the demonstration's password: the same on every run of this installation, and unknown to any other."""
    digest = salted_hmac("tocsin.demo.password", settings.SECRET_KEY, algorithm="sha256").hexdigest()
    return f"demo-{digest[:4]}-{digest[4:8]}-{digest[8:12]}"


def create(now: datetime) -> Company:
    """Create everything but tickets and policies. People joined long before `now`."""
    source, founded = document(), now - timedelta(days=400)
    customers = {
        key: actions.create_organisation(name=told["name"], zone=told["zone"], by=None, now=founded, is_demo=True)
        for key, told in source["customers"].items()
    }
    people = _staff(source, founded)
    for key, told in source["customers"].items():
        manager = people[told["account_manager"]]
        customers[key] = actions.set_account_manager(
            organisation_id=customers[key].pk, user=manager, by=None, now=founded
        )
    people |= _requesters(source, customers, founded)
    teams = _teams(source, people, founded)
    services = {
        slug: actions.create_service(
            name=told["name"], slug=slug, team=teams[told["team"]], by=None, now=founded, is_demo=True
        )
        for slug, told in source["services"].items()
    }
    _deputies_and_skills(source, people, now)
    _agreements(source, customers, founded)
    duty.create(source, people, teams, now)
    monitoring.create(now)
    known.create(read("known.yaml"), people, services, now - timedelta(days=60))
    learning.create(read("learning.yaml"), people, services, now)
    return Company(source, people, teams, services, customers)


def publish_policies(company: Company, now: datetime) -> None:
    """Publish the four examples and name the catch-all."""
    folder = resources.files("tocsin.domain.escalation.examples")
    texts = {name: folder.joinpath(f"{name}.yaml").read_text("utf-8") for name in EXAMPLES}
    # Three customers escalate within days here: "again within 30 days" would fire on nearly every ticket.
    texts["customer"] = AGAIN.sub("", texts["customer"])
    documents = [(f"{name}.yaml", text) for name, text in texts.items()]
    publishing.apply(documents=documents, by="system", now=now, note="Demonstration", is_demo=True)
    escalation.set_catch_all(user=company.people[company.document["catch_all"]], by=None, now=now)


def publish_live(now: datetime) -> None:
    """Publish the quick ladder of the live demonstration; its presence says that everything else is there."""
    live = resources.files("tocsin.intake.demo").joinpath("live.yaml").read_text("utf-8")
    publishing.apply(documents=[("live.yaml", live)], by="system", now=now, note="Demonstration", is_demo=True)


def _staff(source: dict[str, Any], founded: datetime) -> dict[str, User]:
    people: dict[str, User] = {}
    secret = password()
    for key, told in source["staff"].items():  # managers stand before those they manage
        person = people[key] = actions.create_person(
            email=f"{key}@{source['domain']}", name=told["name"], role=told["role"], manager=people.get(told.get("manager", "")),
            zone=told.get("zone", source["zone"]), password=secret, by=None, now=founded, is_demo=True,
        )  # fmt: skip
        method = notify.add_method(
            user_id=person.pk, channel=Channel.EMAIL, address=person.email, now=founded, verified=True
        )
        for urgency in Urgency.values:
            notify.set_rules(user_id=person.pk, urgency=urgency, steps=[(method.pk, 0)], now=founded)
    return people


def _requesters(source: dict[str, Any], customers: dict[str, Organisation], founded: datetime) -> dict[str, User]:
    """Create the customers' people, without passwords: they write in, they do not sign in to the desk."""
    return {
        key: actions.create_person(
            email=f"{key}@{customer}.example", name=name, organisation=customers[customer], zone=told["zone"],
            by=None, now=founded, is_demo=True,
        )
        for customer, told in source["customers"].items()
        for key, name in told["people"].items()
    }  # fmt: skip


def _teams(source: dict[str, Any], people: dict[str, User], founded: datetime) -> dict[str, Team]:
    teams: dict[str, Team] = {}
    for slug, told in source["teams"].items():  # those that work climbs to stand before those it comes from
        teams[slug] = actions.create_team(
            name=told["name"], slug=slug, line=told["line"], lead=people[told["lead"]],
            escalation_manager=people[told["escalation_manager"]], escalates_to=teams.get(told.get("escalates_to", "")),
            members=[people[key] for key in told["members"]], by=None, now=founded, is_demo=True,
        )  # fmt: skip
    return teams


def _deputies_and_skills(source: dict[str, Any], people: dict[str, User], now: datetime) -> None:
    for told in source["deputies"]:
        begin = now - span(told["from"])
        actions.set_deputy(
            user=people[told["user"]], deputy=people[told["deputy"]], starts_at=begin, ends_at=now + span(told["until"]),
            reason=told["reason"], by=None, now=begin,
        )  # fmt: skip
    for key, person in people.items():
        known = [name for name, holders in source["skills"].items() if key in holders]
        if known:
            actions.set_skills(user=person, names=known, by=None, now=now)


def _agreements(source: dict[str, Any], customers: dict[str, Organisation], founded: datetime) -> None:
    calendars = {
        key: save_calendar(**told, actor="system", now=founded, is_demo=True)
        for key, told in source["calendars"].items()
    }
    for slug, told in source["agreements"].items():
        lines = [
            (kind, priority, None, int(span(length).total_seconds()))
            for kind in KINDS
            for priority, length in enumerate(told.get(kind, []), start=1)
        ]
        sla.save_agreement(
            slug=slug, name=told["name"], calendar=calendars[told["calendar"]], targets=lines,
            organisation=customers.get(told.get("customer", "")), pause_statuses=source["pause_statuses"],
            actor="system", now=founded, is_demo=True,
        )  # fmt: skip
