"""Tickets whose words are alike: groups that no field names.

Each subject becomes a vector of its words, weighed as BM25 weighs them (each word once and all of like length, so
only its rarity remains), with trigrams of letters beside them so that "logon" and "logons" are neighbours. A group is the neighbourhood
of one subject, its leader: the one with the most neighbours, then the one with the most that are left, and so on.
Leaders are chosen over the whole history, never by the last weeks alone: otherwise every group would look as if it grew.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

ALIKE = 0.5  # cosine from which two subjects are neighbours
LEAST = 8  # neighbours that make a group
GROUPS = 400
BLOCK = 1_000
COMMON = 0.2  # a word in more than a fifth of all subjects says nothing
TRIGRAM = 0.35  # what a trigram weighs beside a word
_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class Group:
    """Subjects that are alike: positions in the list that was given. `name`: the words that most of them share."""

    leader: int
    members: tuple[int, ...]
    name: str


def words_of(subject: str) -> list[str]:
    """Return the words of a subject: lower case, without accents, numbers and what is shorter than three letters."""
    plain = unicodedata.normalize("NFKD", subject.lower())
    return _WORD.findall("".join(letter for letter in plain if not unicodedata.combining(letter)))


def groups(subjects: Sequence[str], *, alike: float = ALIKE, least: int = LEAST) -> list[Group]:
    """Return the groups, the largest first. Each subject is in one at most."""
    worded = [words_of(subject) for subject in subjects]
    table = _weighed(worded)
    if table is None:
        return []
    near = _neighbours(table, alike)
    left = np.ones(len(subjects), dtype=bool)
    many = np.diff(near.indptr)
    found: list[Group] = []
    for leader in np.argsort(-many, kind="stable"):
        if many[leader] < least or len(found) >= GROUPS:
            break
        members = near.indices[near.indptr[leader] : near.indptr[leader + 1]]
        members = members[left[members]]
        if not left[leader] or len(members) < least:
            continue
        left[members] = False
        found.append(
            Group(int(leader), tuple(int(one) for one in sorted(members)), _name([worded[one] for one in members]))
        )
    return sorted(found, key=lambda group: -len(group.members))


def _weighed(worded: Sequence[Sequence[str]]) -> sparse.csr_array | None:
    vocabulary: dict[str, int] = {}
    rows, columns = [], []
    for row, words in enumerate(worded):
        for term in {*words, *(f"#{word[at : at + 3]}" for word in words for at in range(len(word) - 2))}:
            rows.append(row)
            columns.append(vocabulary.setdefault(term, len(vocabulary)))
    if not vocabulary:
        return None
    count, size = np.bincount(columns, minlength=len(vocabulary)), len(worded)
    rarity = np.log(1 + (size - count + 0.5) / (count + 0.5))
    rarity[count > max(COMMON * size, LEAST * 4)] *= 0.1
    short = np.array([TRIGRAM if term.startswith("#") else 1.0 for term in vocabulary])
    weights = (rarity * short)[columns]
    table = sparse.csr_array((weights, (rows, columns)), shape=(size, len(vocabulary)))
    length = np.sqrt(np.asarray(table.multiply(table).sum(axis=1)).ravel())
    scale = sparse.diags_array(1 / np.maximum(length, 1e-9))
    return sparse.csr_array(scale @ table)


def _neighbours(table: sparse.csr_array, alike: float) -> sparse.csr_array:
    turned, blocks = table.T.tocsr(), []
    for start in range(0, table.shape[0], BLOCK):
        block = sparse.csr_array(table[start : start + BLOCK] @ turned)
        block.data[block.data < alike] = 0
        block.eliminate_zeros()
        blocks.append(block)
    return sparse.csr_array(sparse.vstack(blocks, format="csr"))


def _name(members: Sequence[Sequence[str]]) -> str:
    """Return the words that at least half of the members have, in the order in which the first of them says them."""
    counted: dict[str, int] = {}
    for words in members:
        for word in dict.fromkeys(words):
            counted[word] = counted.get(word, 0) + 1
    shared = {word for word, count in counted.items() if count * 2 >= len(members)}
    for words in sorted(members, key=lambda one: -len(shared.intersection(one))):
        return " ".join(word for word in dict.fromkeys(words) if word in shared)[:80]
    return ""
