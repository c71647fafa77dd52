"""What may help somebody before they send a request. Each source is a function; the page shows what they find.

A further source is one more function here.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from tocsin.domain.knowledge import queries as knowledge
from tocsin.domain.people.models import User
from tocsin.domain.tickets import queries as tickets
from tocsin.web.portal import words

SHORTEST = 4  # characters typed before anything is looked for
MOST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """One line: what it is, where it leads, and a word on why it is shown."""

    title: str
    href: str
    why: str


type Source = Callable[[User, str], list[Suggestion]]


def own_open_requests(user: User, typed: str) -> list[Suggestion]:
    """What this customer has asked already and is still open."""
    return [
        Suggestion(
            title=found.subject,
            href=reverse("portal_ticket", args=[found.number]),
            why=f"{found.reference}, {words.standing(found).short.lower()}",
        )
        for found in tickets.similar_open_requests(user, typed)
    ]


def answers(user: User, typed: str) -> list[Suggestion]:
    """Articles that this customer may read."""
    return [
        Suggestion(title=found.title, href=reverse("portal_article", args=[found.number]), why=found.reference)
        for found in knowledge.find_articles(user, typed, limit=MOST)
    ]


SOURCES: list[Source] = [own_open_requests, answers]


def suggestions(user: User, typed: str) -> list[Suggestion]:
    """Return the first few that the sources find, in their order."""
    if len(typed.strip()) < SHORTEST:
        return []
    return [one for source in SOURCES for one in source(user, typed)][:MOST]
