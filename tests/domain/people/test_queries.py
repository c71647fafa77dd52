"""Reads of people: who answers, who leads whom, in how many queries."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from tests.domain.people.conftest import Make
from tocsin.domain.people import queries
from tocsin.domain.people.enums import Line, Role
from tocsin.domain.people.models import Deputy, Membership, Skill, Team, User
from tocsin.kernel.errors import NotFound
from tocsin.kernel.ids import new_id

HOUR = timedelta(hours=1)


def stands_in(user: User, deputy: User, starts_at: datetime, ends_at: datetime | None = None) -> None:
    Deputy.objects.create(user=user, deputy=deputy, starts_at=starts_at, ends_at=ends_at)


def test_a_person_is_found_in_whatever_case_the_address_is_written(make: Make) -> None:
    ana = make("ana")
    assert queries.find_person(" ANA@Example.com ") == ana
    assert queries.find_person("nobody@example.com") is None


def test_a_deputy_answers_from_the_start_until_before_the_end(make: Make, now: datetime) -> None:
    ana, ben = make("ana"), make("ben")
    stands_in(ana, ben, now, now + HOUR)
    tick = timedelta(microseconds=1)
    for at, expected in ((now - tick, ana), (now, ben), (now + HOUR - tick, ben), (now + HOUR, ana)):
        assert queries.answerable(ana.pk, at)[0] == expected


def test_the_deputy_most_lately_begun_is_preferred(make: Make, now: datetime) -> None:
    ana, ben, cyd = make("ana"), make("ben"), make("cyd")
    stands_in(ana, ben, now - 2 * HOUR)
    stands_in(ana, cyd, now - HOUR)
    found, evidence = queries.answerable(ana.pk, now)
    assert (found, evidence) == (cyd, ["Cyd answers for Ana"])
    assert [row.deputy for row in queries.deputies_at([ana.pk], now)[ana.pk]] == [cyd, ben]
    assert [row.deputy for row in queries.deputies_of(ana, after=now)] == [ben, cyd]


def test_everybody_asked_for_is_answered_even_the_unknown(make: Make, now: datetime) -> None:
    gone, unknown = make("gone", active=False), new_id()
    found = queries.answerable_many([gone.pk, unknown], now)
    assert found == {gone.pk: (None, ("Gone is deactivated",)), unknown: (None, ("this person does not exist",))}


def test_two_hundred_people_need_as_many_queries_as_one(
    make: Make, now: datetime, django_assert_max_num_queries: Any
) -> None:
    people = [make(f"p{n:03}") for n in range(200)]
    for left, right in pairwise(people):
        stands_in(left, right, now)
    with django_assert_max_num_queries(7):
        found = queries.answerable_many([person.pk for person in people], now)
    assert found[people[0].pk][0] == people[5]
    assert found[people[199].pk] == (people[199], ())
    assert found[people[0].pk] == (
        queries.answerable(people[0].pk, now)[0],
        tuple(queries.answerable(people[0].pk, now)[1]),
    )


def test_the_line_of_managers_ends_at_a_circle(make: Make) -> None:
    ana, ben, cyd = make("ana"), make("ben"), make("cyd")
    for user, manager in ((ana, ben), (ben, cyd), (cyd, ana)):
        User.objects.filter(pk=user.pk).update(manager=manager)
    assert queries.manager_chain(ana.pk) == [ben, cyd]
    assert queries.manager_chain(new_id()) == []


def test_teams_come_with_their_people_in_one_query(make: Make, django_assert_num_queries: Any) -> None:
    desk = Team.objects.create(name="Desk", slug="desk", line=Line.L1)
    network = Team.objects.create(name="Network", slug="network", line=Line.L2, escalates_to=desk)
    ana, ben, gone = make("ana"), make("ben"), make("gone", active=False)
    for user in (ben, ana, gone):
        Membership.objects.create(team=desk, user=user)
    with django_assert_num_queries(1):
        found = queries.members_of_teams([desk.pk, network.pk])
    assert found == {desk.pk: [ana, ben], network.pk: []}
    with django_assert_num_queries(1):
        assert [(team.slug, team.member_count) for team in queries.teams()] == [("desk", 2), ("network", 0)]  # type: ignore[attr-defined] - annotated
    assert queries.team_by_slug("network").escalates_to == desk
    assert queries.teams_of(ana) == [desk]
    with pytest.raises(NotFound, match="There is no team 'x'"):
        queries.team_by_slug("x")


def test_skills_find_active_people_by_name(make: Make) -> None:
    skill = Skill.objects.create(name="Oracle RAC")
    skill.people.set([make("ben"), make("ana"), make("gone", active=False)])
    assert [user.name for user in queries.skilled_in("oracle rac")] == ["Ana", "Ben"]


def test_actors_get_their_names(make: Make, django_assert_num_queries: Any) -> None:
    ana = make("ana")
    words = {f"person:{ana.pk}", "engine", "person:nonsense", f"person:{new_id()}"}
    with django_assert_num_queries(1):
        assert queries.names_of_actors(words) == {f"person:{ana.pk}": "Ana"}
    with django_assert_num_queries(0):
        assert queries.names_of_actors({"engine"}) == {}


def test_requesters_see_nobody_but_themselves(make: Make) -> None:
    ana, rita = make("ana"), make("rita", Role.REQUESTER)
    assert queries.access_person(rita, rita.pk) == rita
    assert queries.access_person(ana, rita.pk) == rita
    with pytest.raises(NotFound):
        queries.access_person(rita, ana.pk)
    assert list(queries.people("AN")) == [ana]
