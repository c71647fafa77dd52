"""Finding: BM25 in SQL over what an index narrows down, with misspelt words put right.

Okapi BM25 with k1 = 1.2 and b = 0.75 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009). A word in
the title counts as three. Ranking reads whole rows, so at most CANDIDATES are ranked: for words that stand in more
entries than that, the youngest are.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import log
from typing import Any
from uuid import UUID

from django.db import connection

from tocsin.domain.search.logic.document import mark_of
from tocsin.domain.search.logic.query import Asked
from tocsin.domain.search.models import Term, Totals

K1, B = 1.2, 0.75
TITLE = 3  # how often a word in the title counts
CANDIDATES = 1_000
SPELLINGS = 6  # lexemes that stand in for an unfinished or misspelt word
ALIKE = 0.35  # trigram similarity of a misspelling
WALK_AT_MOST = 30  # walk only where the nearest span is less than a thirtieth of everything
FEW = 3  # found by all words: then by some of them, too


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found. `score` compares within one answer only."""

    kind: str
    object_id: UUID
    score: float


@dataclass(frozen=True, slots=True)
class _Word:
    """One word as typed, with the lexemes that stand for it and how rare it is."""

    typed: str
    lexemes: tuple[str, ...]
    weight: float  # inverse document frequency
    entries: int
    was_misspelt: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, best first. `read_as` says how misspelt words were read: {typed: read}."""

    hits: tuple[Hit, ...]
    read_as: dict[str, str]


def find(
    asked: Asked, *, kinds: Collection[str], readers: Collection[str], labels: Sequence[Collection[str]] = (),
    without_labels: Collection[str] = (), internal: bool, limit: int = 50,
) -> Found:  # fmt: skip
    """Return what holds all the words, best first; where that is next to nothing, what holds some of them.

    `readers`: an entry must be for one of them. `labels`: each of these must be met by one of its alternatives.
    `internal`: whether words that only staff may read are searched. Phrases must stand as they were typed.
    """
    words = _words(asked)
    marks = [[mark_of(f"kind:{kind}") for kind in kinds], [mark_of(f"reader:{reader}") for reader in readers]]
    marks += [[mark_of(label) for label in group] for group in labels]
    fixed = [_any(group) for group in marks] + [f"!{_lexeme(mark_of(label))}" for label in without_labels]
    suffix = "" if internal else ":AC"
    phrases = [phrase for typed in asked.phrases if (phrase := _phrase(typed, suffix))]
    fixed += phrases
    fixed += [f"!{group}" for typed in asked.without if (group := _group(typed, suffix))]
    if not words and not phrases:
        said_nothing = asked.words or asked.phrases  # only "the", only punctuation
        return Found(() if said_nothing else tuple(_youngest(fixed, limit)), {})
    entries = min(_entries(group) for group in marks)
    every = " & ".join([*fixed, *(_any(word.lexemes, suffix) for word in words)])
    hits = _ranked(every, words, internal, limit, min([entries, *(word.entries for word in words)]))
    if len(hits) < FEW and len(words) > 1:
        some = sorted(words, key=lambda word: word.entries)[: max(2, len(words) - 1)]
        loose = " & ".join([*fixed, f"({' | '.join(_any(word.lexemes, suffix) for word in some)})"])
        seen = {hit.object_id for hit in hits}
        more = _ranked(loose, words, internal, limit, min(entries, sum(word.entries for word in some)))
        hits += [hit for hit in more if hit.object_id not in seen]
    return Found(tuple(hits[:limit]), {word.typed: word.lexemes[0] for word in words if word.was_misspelt})


_LEXEMES = """
SELECT w.number, l.lexeme, coalesce(t.entries, 0)
FROM unnest(%s::text[]) WITH ORDINALITY AS w(word, number),
     unnest(ARRAY['english', 'german']) AS d(dictionary),
     LATERAL unnest(to_tsvector(d.dictionary::regconfig, unaccent(w.word))) AS l
LEFT JOIN search_term t ON t.lexeme = l.lexeme AND t.entries > 0
ORDER BY 1, 3 DESC
"""
_UNFINISHED = """
SELECT lexeme, entries FROM search_term
WHERE lexeme LIKE %s AND left(lexeme, 1) <> '§' AND entries > 0 ORDER BY entries DESC LIMIT %s
"""
_MISSPELT = """
SELECT lexeme, entries FROM search_term
WHERE lexeme %% %s AND similarity(lexeme, %s) >= %s AND left(lexeme, 1) <> '§' AND entries > 0
ORDER BY similarity(lexeme, %s) DESC, entries DESC LIMIT %s
"""


def _words(asked: Asked) -> list[_Word]:
    """Look up what stands for each word. Words that say nothing ("the") are left out."""
    if not asked.words:
        return []
    totals = Totals.objects.filter(pk=1).values_list("entries", flat=True).first() or 0
    known: dict[int, dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_LEXEMES, [list(asked.words)])
        for number, lexeme, entries in cursor.fetchall():
            known.setdefault(number, {})[lexeme] = max(entries, known.get(number, {}).get(lexeme, 0))
        found: list[_Word] = []
        for number, typed in enumerate(asked.words, start=1):
            lexemes = known.get(number, {})
            if asked.typing and number == len(asked.words) and len(typed) > 2:
                lexemes = {**_similar(cursor, _UNFINISHED, [f"{_like(typed)}%", SPELLINGS]), **lexemes}
            alike: dict[str, int] = {}
            if lexemes and not any(lexemes.values()) and len(typed) > 3:
                word = typed.lower()
                alike = _similar(cursor, _MISSPELT, [word, word, ALIKE, word, SPELLINGS])
            if lexemes:
                found.append(_word(typed, alike or lexemes, totals, was_misspelt=bool(alike)))
    return found


def _similar(cursor: Any, statement: str, parameters: list[Any]) -> dict[str, int]:
    cursor.execute(statement, parameters)
    return dict(cursor.fetchall())


def _word(typed: str, lexemes: dict[str, int], totals: int, *, was_misspelt: bool) -> _Word:
    entries = sum(lexemes.values())
    most = max(lexemes.values())
    rarity = log(1 + (max(totals, most) - most + 0.5) / (most + 0.5))
    return _Word(typed, tuple(lexemes), rarity, entries, was_misspelt)


# BM25 of candidates `c` by their words: those looked for, taken apart by where they stand.
_SCORED = """\
CROSS JOIN average
CROSS JOIN LATERAL (
    SELECT sum((%(weights)s::float8[])[array_position(%(lexemes)s::text[], u.lexeme)] * f.often * (%(k1)s + 1)
               / (f.often + %(k1)s * (1 - %(b)s + %(b)s * c.length / average.length))) AS score
    FROM unnest(c.words) AS u(lexeme, positions, weights)
    CROSS JOIN LATERAL (
        SELECT sum(CASE weight WHEN 'A' THEN %(title)s WHEN 'D' THEN %(internal)s ELSE 1 END)::float8 AS often
        FROM unnest(u.weights) AS weight
    ) AS f
    WHERE u.lexeme = ANY(%(lexemes)s) AND f.often > 0
) AS s
ORDER BY coalesce(s.score, 0) DESC, c.at DESC LIMIT %(limit)s
"""

# Each candidate is looked up by its id (OFFSET 0 keeps the planner from reading the whole table in order instead).
_RANK = """
WITH candidates AS MATERIALIZED (
    SELECT id FROM search_entry
    WHERE words @@ %(query)s::tsquery {span}
    ORDER BY {order} DESC LIMIT %(most)s
), average AS MATERIALIZED (SELECT greatest(words::float8 / nullif(entries, 0), 1) AS length FROM search_totals)
SELECT c.kind, c.object_id, coalesce(s.score, 0)
FROM candidates
CROSS JOIN LATERAL (SELECT * FROM search_entry e WHERE e.id = candidates.id OFFSET 0) AS c
{scored}"""


def _ranked(query: str, words: Sequence[_Word], internal: bool, limit: int, expected: int) -> list[Hit]:
    """Rank what matches; `expected` is how many entries that can be at most.

    A few are fetched through the index. Many lie close together: walking back from the youngest entry meets enough of
    them soon, in spans that widen; should they lie elsewhere after all, the index has the last word.
    """
    weights = {lexeme: word.weight for word in words for lexeme in word.lexemes}
    values: dict[str, Any] = {
        "query": query, "most": CANDIDATES, "lexemes": list(weights), "weights": list(weights.values()), "k1": K1,
        "b": B, "title": TITLE, "internal": int(internal), "limit": limit,
    }  # fmt: skip
    with connection.cursor() as cursor:
        for behind in _spans(cursor, expected):
            cursor.execute(
                _RANK.format(span="AND id > %(behind)s", order="id", scored=_SCORED), {**values, "behind": behind}
            )
            rows = cursor.fetchall()
            if len(rows) >= limit:
                return [Hit(*row) for row in rows]
        cursor.execute(_RANK.format(span="", order="at", scored=_SCORED), values)
        return [Hit(*row) for row in cursor.fetchall()]


def _spans(cursor: Any, expected: int) -> list[int]:
    """Return ids behind which to walk: where about CANDIDATES matches should lie, then four times as far."""
    if expected <= 4 * CANDIDATES:
        return []
    cursor.execute("SELECT coalesce(max(id), 0), coalesce(min(id), 0) FROM search_entry")
    newest, oldest = cursor.fetchone()
    near = (newest - oldest) * CANDIDATES // expected
    if near * WALK_AT_MOST > newest - oldest:
        return []  # not common enough: the index is faster
    return [max(newest - near, 0), max(newest - 4 * near, 0)]


def _entries(marks: Collection[str]) -> int:
    """Return how many entries have one of these marks."""
    return sum(Term.objects.filter(lexeme__in=marks).values_list("entries", flat=True))


def _youngest(parts: list[str], limit: int) -> list[Hit]:
    """Return what only filters were asked for, youngest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, object_id, 0.0 FROM search_entry WHERE words @@ %s::tsquery ORDER BY at DESC LIMIT %s",
            [" & ".join(parts), limit],
        )
        return [Hit(*row) for row in cursor.fetchall()]


_QUOTED = re.compile(r"'(?:[^']|'')*'")


def _phrase(phrase: str, suffix: str) -> str:
    """Return words one after the other, in either dictionary."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT phraseto_tsquery('english', unaccent(%s))::text, phraseto_tsquery('german', unaccent(%s))::text",
            [phrase, phrase],
        )
        queries = [query for query in cursor.fetchone() if query]
    queries = [_QUOTED.sub(lambda match: match[0] + suffix, query) for query in queries]
    return f"({' | '.join(f'({query})' for query in queries)})" if queries else ""


def _group(typed: str, suffix: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(_LEXEMES, [[typed]])
        return _any(tuple({row[1] for row in cursor.fetchall()}), suffix)


def _any(lexemes: Collection[str], suffix: str = "") -> str:
    return f"({' | '.join(f'{_lexeme(lexeme)}{suffix}' for lexeme in lexemes)})" if lexemes else ""


def _lexeme(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _like(typed: str) -> str:
    return typed.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


TELLING = 10  # words of a text that are looked for
READ = 4_000  # characters of a text that are read
LOOKED_AT = 300  # of the candidates, how many are ranked exactly
ALIKE_CANDIDATES = 2_000  # entries that the words looked for stand in, together, at most (three words always count)

_TELLING = """
SELECT l.lexeme, count(*) AS often, max(t.entries) AS entries
FROM unnest(ARRAY['english', 'german']) AS d(dictionary)
CROSS JOIN LATERAL unnest(to_tsvector(d.dictionary::regconfig, unaccent(%s))) AS l
CROSS JOIN LATERAL unnest(l.positions) AS p
JOIN search_term t ON t.lexeme = l.lexeme AND t.entries > 0
WHERE length(l.lexeme) > 1 GROUP BY l.lexeme
"""


@dataclass(frozen=True, slots=True)
class Telling:
    """The words of a text that tell what it is about, looked up once for several questions."""

    words: tuple[_Word, ...]


def telling(text: str) -> Telling:
    """Return the telling words of a text."""
    return Telling(tuple(_telling(text)))


def alike(
    text: str | Telling, *, kinds: Collection[str], readers: Collection[str], labels: Sequence[Collection[str]] = (),
    internal: bool, limit: int = 20,
) -> list[Hit]:  # fmt: skip
    """Return what is most like a whole text, best first: its telling words are looked for, each of them optional.

    Words are weighed by how rare they are and how often the text says them; a word that stands nearly everywhere tells
    nothing and costs much, so the words taken stand in some thousands of entries together.
    """
    marks = [[mark_of(f"kind:{kind}") for kind in kinds], [mark_of(f"reader:{reader}") for reader in readers]]
    marks += [[mark_of(label) for label in group] for group in labels]
    words = text.words if isinstance(text, Telling) else _telling(text)
    if not words:
        return []
    suffix = "" if internal else ":AC"
    some = _any([lexeme for word in words for lexeme in word.lexemes], suffix)
    query = " & ".join([*(_any(group) for group in marks), some])
    return _ranked_alike(query, words, internal, limit)


# Taking a row's words apart, which exact ranking must, costs most: of the candidates only those go there that do well by
# a rough score, the built-in rank of each word (its frequency, saturating) weighed by how rare the word is. `||` gives
# each row's words once in memory, however large they are stored.
_ROUGH = """
WITH candidates AS MATERIALIZED (
    SELECT kind, object_id, at, length, told AS words, {rough} AS rough
    FROM (
        SELECT kind, object_id, at, length, words || ''::tsvector AS told
        FROM (
            SELECT kind, object_id, at, length, words FROM search_entry
            WHERE words @@ %(query)s::tsquery ORDER BY at DESC LIMIT %(most)s
        ) AS youngest OFFSET 0
    ) AS read
    ORDER BY rough DESC, at DESC LIMIT %(looked_at)s
), average AS MATERIALIZED (SELECT greatest(words::float8 / nullif(entries, 0), 1) AS length FROM search_totals)
SELECT c.kind, c.object_id, coalesce(s.score, 0)
FROM candidates AS c
{scored}"""


def _ranked_alike(query: str, words: Sequence[_Word], internal: bool, limit: int) -> list[Hit]:
    """Rank what has any of these words: roughly first, then exactly."""
    weights = {lexeme: word.weight for word in words for lexeme in word.lexemes}
    one, title = 1 / TITLE, 1.0  # the built-in rank takes weights up to 1, of D, C, B and A
    values: dict[str, Any] = {
        "query": query, "most": ALIKE_CANDIDATES, "looked_at": LOOKED_AT, "lexemes": list(weights),
        "weights": list(weights.values()), "k1": K1, "b": B, "title": TITLE, "internal": int(internal), "limit": limit,
        "classes": [one if internal else 0.0, one, one, title],
    }  # fmt: skip
    parts = []
    for number, (lexeme, weight) in enumerate(weights.items()):
        values |= {f"lexeme{number}": _lexeme(lexeme), f"weight{number}": weight}
        parts.append(f"%(weight{number})s * ts_rank(%(classes)s::float4[], told, %(lexeme{number})s::tsquery, 1)")
    with connection.cursor() as cursor:
        cursor.execute(_ROUGH.format(rough=" + ".join(parts), scored=_SCORED), values)
        return [Hit(*row) for row in cursor.fetchall()]


def _telling(text: str) -> list[_Word]:
    totals = Totals.objects.filter(pk=1).values_list("entries", flat=True).first() or 0
    with connection.cursor() as cursor:
        cursor.execute(_TELLING, [text.replace("\x00", " ")[:READ]])
        rows = cursor.fetchall()
    weighed = sorted(
        (_word(lexeme, {lexeme: entries}, totals, was_misspelt=False) for lexeme, _, entries in rows),
        key=lambda word: -word.weight,
    )
    often = {lexeme: min(many / 2, 3) for lexeme, many, _ in rows}  # both dictionaries may count the same word
    weighed.sort(key=lambda word: -word.weight * max(often[word.typed], 1) ** 0.5)
    taken: list[_Word] = []
    entries = 0
    for word in weighed:
        if len(taken) >= TELLING:
            break
        if len(taken) >= 3 and entries + word.entries > ALIKE_CANDIDATES:
            continue
        taken.append(word)
        entries += word.entries
    return taken
