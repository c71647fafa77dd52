"""Who is on call now, asked through the API: one schedule among fifty, and the web server's own share beside it.

One client, the product's own web server. The baseline is a request that reads no schedule (/api/v1/me): what token,
limits and HTTP cost by themselves.
"""

import http.client
import statistics
import time
from datetime import time as clock
from datetime import timedelta

from django.db import connection

from tests.bench.bench_desk_api import server
from tests.bench.figure import Figure
from tocsin.domain.oncall.actions import create_schedule
from tocsin.domain.oncall.logic.schedule import Layer, Rotation, RotationKind
from tocsin.domain.people.actions import make_token
from tocsin.domain.people.enums import Role, Scope
from tocsin.domain.people.models import User
from tocsin.kernel.clock import database_now

SCHEDULES, CREW, ROUNDS = 50, 8, 400
GOAL = 5.0


def prepare() -> str:
    """Set up schedules with weekly turns and a token that may read them; return the token."""
    now = database_now(connection)
    monday = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=now.weekday())
    people = [User.objects.create(email=f"p{n}@bench.example", name=f"P{n}", role=Role.AGENT) for n in range(CREW)]
    weeks = Rotation(RotationKind.WEEKLY, tuple((str(one.pk),) for one in people), monday, handover=clock(8))
    for number in range(SCHEDULES):
        create_schedule(
            name=f"Schedule {number}", slug=f"s{number}", zone="Europe/Berlin", by=None, now=monday - timedelta(days=30),
            layers=[Layer("Weeks", (weeks,))],
        )  # fmt: skip
    token, _ = make_token(owner=people[0], name="bench", scopes=[Scope.ONCALL_READ], by=people[0], now=now)
    return token


def asked(port: int, token: str, path: str) -> list[float]:
    """Return the milliseconds of each of ROUNDS requests over one connection, after a few that warm up."""
    line = http.client.HTTPConnection("127.0.0.1", port)
    took = []
    for number in range(ROUNDS + 40):
        began = time.perf_counter()
        line.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        answer = line.getresponse()
        body = answer.read()
        if number >= 40:
            took.append((time.perf_counter() - began) * 1000)
        if answer.status != 200 or len(body) < 80:
            raise RuntimeError(f"{path}: {answer.status} {body[:200]!r}")
    return took


def run() -> list[Figure]:
    token = prepare()
    with server(workers=1, TOCSIN_API_RATE="1000000") as port:
        plain = asked(port, token, "/api/v1/me")
        one = asked(port, token, "/api/v1/schedules/s7/on-call")
        every = asked(port, token, "/api/v1/on-call")
    told, base = "GET /api/v1/me", statistics.median(plain)
    p95 = statistics.quantiles(one, n=20)[18]
    return [
        Figure(name="reach who_is_on_api_p50_ms", value=statistics.median(one), unit="ms, one of 50 schedules", baseline=told,
               baseline_value=base, goal="< 5 ms", met=statistics.median(one) < GOAL),
        Figure(name="reach who_is_on_api_p95_ms", value=p95, unit="ms, one of 50 schedules", baseline=told,
               baseline_value=statistics.quantiles(plain, n=20)[18], goal="< 5 ms", met=p95 < GOAL),
        Figure(name="reach who_is_on_everywhere_api_p50_ms", value=statistics.median(every), unit="ms, all 50 schedules",
               baseline=told, baseline_value=base, goal="none", met=True),
    ]  # fmt: skip
