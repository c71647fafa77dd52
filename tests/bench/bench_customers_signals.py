"""Signals: how fast messages are judged, and how well, beside a plain count of strong words.

The texts are those of tests/fixtures/signals.yaml, written and labelled for the tests; the quality is of these texts and no
claim about any customer. The baseline counts how many of the ten commonest words of anger of both languages a text holds
and calls it displeased from one on, in the same run.
"""

import time
from collections.abc import Callable
from pathlib import Path

from ruamel.yaml import YAML

from tests.bench.figure import Figure
from tocsin.domain.listening.logic.phrases import words_of
from tocsin.domain.listening.logic.signals import judge
from tocsin.domain.listening.wordlists import lexicons

TEXTS = Path(__file__).parents[1] / "fixtures/signals.yaml"
ROUNDS = 20
GOAL = 1_000  # messages a second, of one process
PLAIN = {
    "unacceptable", "ridiculous", "terrible", "disappointed", "angry", "complaint", "useless", "worst", "again", "manager",
    "inakzeptabel", "lächerlich", "furchtbar", "enttäuscht", "verärgert", "beschwerde", "nutzlos", "unverschämt", "wieder", "chef",
}  # fmt: skip


def run() -> list[Figure]:
    """Measure speed and quality of both."""
    texts = YAML(typ="safe").load(TEXTS.read_text("utf-8"))
    ours, plain = _rate(texts, _signal), _rate(texts, _plain)
    good, bare = _f1(texts, _signal), _f1(texts, _plain)
    words = "plain count of twenty strong words"
    return [
        Figure(
            name="customers signals_per_s", value=round(ours), unit="messages/s", baseline=words,
            baseline_value=round(plain), goal=f"> {GOAL:,}/s", met=ours > GOAL,
        ),
        Figure(
            name=f"customers signals_f1 ({len(texts)} texts of ours)", value=round(good, 3), unit="F1", baseline=words,
            baseline_value=round(bare, 3), goal="better than the plain count", met=good > bare,
        ),
    ]  # fmt: skip


def _signal(text: str) -> bool:
    return judge(text, lexicons(), {}).degree > 0


def _plain(text: str) -> bool:
    return any(word.text in PLAIN for word in words_of(text))


def _rate(texts: list[dict[str, str]], judged: Callable[[str], bool]) -> float:
    judged(texts[0]["text"])
    begin = time.perf_counter()
    for _ in range(ROUNDS):
        for one in texts:
            judged(one["text"])
    return ROUNDS * len(texts) / (time.perf_counter() - begin)


def _f1(texts: list[dict[str, str]], judged: Callable[[str], bool]) -> float:
    hits = wrong = missed = 0
    for one in texts:
        said, meant = judged(one["text"]), "displeased" in one["labels"]
        hits, wrong, missed = hits + (said and meant), wrong + (said and not meant), missed + (meant and not said)
    return 2 * hits / (2 * hits + wrong + missed)
