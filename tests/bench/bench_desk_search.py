"""Search over 1,000,000 tickets: what an agent and a customer wait for, beside PostgreSQL's own ranking.

Tickets are made in the database: 8 to 60 words drawn from 30,000 by Zipf's law, 40 % of them open, 500 customers. The
queries are drawn from tickets, as people remember them: one to four words, common and rare ones mixed, some
misspelt, some unfinished, some with filters. The baseline is what most desks do: the same index, `ORDER BY ts_rank`.
TOCSIN_BENCH_TICKETS sets another number of tickets.
"""

import os
import random
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection

from tests.bench.figure import Figure
from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import Organisation, User
from tocsin.domain.sla.searching import search_tickets
from tocsin.kernel.clock import database_now

TICKETS = int(os.environ.get("TOCSIN_BENCH_TICKETS", "1000000"))
VOCABULARY = 30_000
CUSTOMERS = 500
QUERIES = 120
GOAL = 200.0
SYLLABLES = (
    "ba",
    "ko",
    "mi",
    "ter",
    "lan",
    "vos",
    "pre",
    "dun",
    "sil",
    "gra",
    "fen",
    "tor",
    "qui",
    "zem",
    "hal",
    "nor",
)

_WORDS = """
CREATE TABLE bench_word AS SELECT n AS rank, w AS word FROM unnest(%s::text[]) WITH ORDINALITY AS u(w, n);
CREATE UNIQUE INDEX ON bench_word (rank)
"""
_MAKE = """
INSERT INTO tickets_ticket (
    id, number, subject, description, organisation_id, requester_id, status, impact, urgency, priority, category,
    configuration_item, channel, opened_at, updated_at, handovers, ping_pongs, reopens, external_source, external_ref,
    is_demo {more}
)
SELECT gen_random_uuid(), 5000000 + n, t.subject, t.body, c.organisation, c.person,
       CASE WHEN n %% 5 < 2 THEN 'open' ELSE 'closed' END, 2, 2, 1 + n %% 4, '', '', 'email',
       timestamptz '2020-01-01' + n * interval '3 minutes', timestamptz '2020-01-01' + n * interval '3 minutes',
       0, 0, 0, '', '', false {values}
FROM generate_series(%s, %s) AS n
JOIN bench_customer c ON c.number = n %% {customers}
CROSS JOIN LATERAL (
    SELECT string_agg(w.word, ' ') FILTER (WHERE k <= 6) AS subject, string_agg(w.word, ' ') FILTER (WHERE k > 6) AS body
    FROM (
        SELECT k, floor(exp(random() * ln({vocabulary} + 1.0)) + 0 * n)::int AS rank
        FROM generate_series(1, 8 + (random() * 52)::int) AS k
    ) drawn JOIN bench_word w ON w.rank = drawn.rank
) AS t
"""
_ENTRIES = """
INSERT INTO search_entry (kind, object_id, words, length, at)
SELECT 'ticket', id, setweight(to_tsvector('english', subject), 'A') || setweight(to_tsvector('english', description), 'C')
       || array_to_tsvector(ARRAY['§kind:ticket', '§reader:staff', '§reader:org:' || organisation_id,
          '§reader:person:' || requester_id, '§status:' || status, '§priority:' || priority]),
       array_length(string_to_array(subject || ' ' || description, ' '), 1), opened_at
FROM tickets_ticket WHERE number BETWEEN %s AND %s ORDER BY number
"""
_COUNT = """
INSERT INTO search_term (lexeme, entries) SELECT word, ndoc FROM ts_stat('SELECT words FROM search_entry');
INSERT INTO search_totals (id, entries, words) SELECT 1, count(*), sum(length) FROM search_entry
"""
_BASELINE = """
SELECT object_id FROM search_entry, plainto_tsquery('english', %s) AS q
WHERE words @@ q AND words @@ %s::tsquery ORDER BY ts_rank(words, q) DESC LIMIT 50
"""


def run() -> list[Figure]:
    """Make the tickets, ask, and compare."""
    chance = random.Random(7)
    words = _vocabulary(chance)
    customer = _fill(words)
    agent = User.objects.create(email="bench@example.org", name="Agent", role=Role.AGENT)
    texts = _texts(chance)
    queries = [_remembered(chance, text) for text in texts]
    now = database_now(connection)

    def ask(user: User) -> Callable[[str], Any]:
        return lambda text: search_tickets(user=user, text=text, now=now)

    staff = [*queries, *[f"{query} status:open" for query in queries[: QUERIES // 3]]]
    ours, ours_median = _timed(ask(agent), staff)
    theirs, _ = _timed(ask(customer), queries)
    plain, plain_median = _timed(_plain, queries)
    found = sum(1 for query in queries if search_tickets(user=agent, text=query, now=now).tickets) / len(queries)
    size = f"{TICKETS:,} tickets"
    baseline = "same index, ORDER BY ts_rank"
    return [
        Figure(name="desk search_p95_ms", value=ours, unit=f"ms, {size}, agent", baseline=f"{baseline}, p95",
               baseline_value=plain, goal="< 200 ms", met=ours < GOAL),
        Figure(name="desk search_median_ms", value=ours_median, unit=f"ms, {size}, agent", baseline=f"{baseline}, median",
               baseline_value=plain_median, goal="", met=True),
        Figure(name="desk search_customer_p95_ms", value=theirs, unit=f"ms, {size}, customer",
               baseline=f"{baseline}, p95, all tickets", baseline_value=plain, goal="< 200 ms", met=theirs < GOAL),
        Figure(name="desk search_found", value=found, unit="share of queries with an answer", baseline="none",
               baseline_value=None, goal="> 0.95", met=found > 0.95),
    ]  # fmt: skip


def _vocabulary(chance: random.Random) -> list[str]:
    words: dict[str, None] = {}
    while len(words) < VOCABULARY:
        words["".join(chance.choice(SYLLABLES) for _ in range(chance.randint(2, 5)))] = None
    return list(words)


def _fill(words: list[str]) -> User:
    """Make customers, tickets and the index; return one customer."""
    organisations = Organisation.objects.bulk_create(Organisation(name=f"Customer {n}") for n in range(CUSTOMERS))
    people = User.objects.bulk_create(
        User(email=f"c{n}@example.org", name=f"Person {n}", role=Role.REQUESTER, organisation=organisation)
        for n, organisation in enumerate(organisations)
    )
    with connection.cursor() as cursor:
        cursor.execute(_WORDS, [words])
        cursor.execute("CREATE TABLE bench_customer (number int PRIMARY KEY, organisation uuid, person uuid)")
        cursor.executemany(
            "INSERT INTO bench_customer VALUES (%s, %s, %s)",
            [(n, person.organisation_id, person.pk) for n, person in enumerate(people)],
        )
        more, values = _required(cursor)
        cursor.execute("DROP INDEX search_entry_words")
    make = _MAKE.format(customers=CUSTOMERS, vocabulary=VOCABULARY, more=more, values=values)
    _halves(make, 0)
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES, [5_000_000, 5_000_000 + TICKETS])  # in the order of age, as a living desk has them
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute("CREATE INDEX search_entry_words ON search_entry USING gin (words) WITH (fastupdate = off)")
        cursor.execute(_COUNT)
        cursor.execute("VACUUM ANALYZE search_entry")
        cursor.execute("ANALYZE tickets_ticket, search_term")
    return people[0]


def _required(cursor: Any) -> tuple[str, str]:
    """Return columns of tickets that the statement does not know and that may not be empty, with a value for each."""
    cursor.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'tickets_ticket'"
        " AND is_nullable = 'NO' AND column_default IS NULL"
    )
    known = _MAKE[_MAKE.index("(") : _MAKE.index(")")]
    zero = {"boolean": "false", "integer": "0", "smallint": "0", "bigint": "0", "jsonb": "'{}'"}
    rest = [(name, zero.get(kind, "''")) for name, kind in cursor.fetchall() if name not in known]
    return "".join(f", {name}" for name, _ in rest), "".join(f", {value}" for _, value in rest)


def _halves(statement: str, first: int) -> None:
    """Run a statement over two halves of the numbers, on two cores."""
    middle = TICKETS // 2

    def half(start: int, end: int) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET synchronous_commit = off")
                cursor.execute(statement, [first + start, first + end])
        finally:
            connection.close()

    threads = [threading.Thread(target=half, args=span) for span in ((1, middle), (middle + 1, TICKETS))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _texts(chance: random.Random) -> list[str]:
    numbers = [5_000_000 + chance.randint(1, TICKETS) for _ in range(QUERIES)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT subject FROM tickets_ticket WHERE number = ANY(%s) AND subject <> ''", [numbers])
        return [row[0] for row in cursor.fetchall()]


def _remembered(chance: random.Random, text: str) -> str:
    """Return what somebody types who remembers this ticket."""
    known = text.split()
    words = chance.sample(known, min(len(known), chance.choice((1, 2, 2, 3, 4))))
    turn = chance.random()
    if turn < 0.1 and len(words[-1]) > 5:
        at = chance.randint(1, len(words[-1]) - 2)
        words[-1] = words[-1][:at] + words[-1][at + 1 :]  # misspelt
    elif turn < 0.25 and len(words[-1]) > 4:
        words[-1] = words[-1][:-2]  # still typing
        return " ".join(words)
    return " ".join(words) + " "


def _plain(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_BASELINE, [text, "'§reader:staff'"])
        cursor.fetchall()


def _timed(ask: Callable[[str], Any], queries: Sequence[str]) -> tuple[float, float]:
    """Return the 95th percentile and the median in milliseconds, each query once, after a few for warmth."""
    for query in queries[:5]:
        ask(query)
    took = []
    for query in queries:
        began = time.perf_counter()
        ask(query)
        took.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(took, n=20)[18], statistics.median(took)
