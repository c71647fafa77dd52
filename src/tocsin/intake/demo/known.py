"""What the demonstration's company knows: a few articles, published."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from tocsin.domain.knowledge import actions
from tocsin.domain.knowledge.models import Article
from tocsin.domain.people.models import Service, User


def create(
    told: list[dict[str, Any]], people: Mapping[str, User], services: Mapping[str, Service], now: datetime
) -> None:
    """Write and publish the articles of known.yaml; the publisher is a lead."""
    lead = people["maren"]
    for one in told:
        made = actions.save_article(
            title=one["title"], body=one["body"], kind=one["kind"], steps="\n".join(one.get("steps", [])),
            audience=one["for"], service=services[one["service"]], by=people[one["owner"]], now=now,
        )  # fmt: skip
        actions.publish(article_id=made.pk, by=lead, now=now)
        Article.objects.filter(pk=made.pk).update(is_demo=True)


def remove(people: Any) -> None:
    """Remove what belongs to the demonstration or was written by its people, before they go."""
    theirs = Q(is_demo=True) | Q(owner__in=people) | Q(versions__by__in=people) | Q(files__by__in=people)
    Article.objects.filter(pk__in=Article.objects.filter(theirs).values("pk")).delete()
