"""Several policy documents together: read as one, so that nothing is done until all of them are right."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tocsin.domain.escalation.logic import spec
from tocsin.domain.escalation.logic.policy import Policy
from tocsin.domain.escalation.logic.spec_errors import PolicyError, PolicyErrors


@dataclass(frozen=True, slots=True)
class Document:
    """One policy as read from a file: what it says, and on which line each field stands."""

    file: str
    text: str
    content: Policy
    lines: Mapping[str, int]

    def error(self, path: str, message: str, remedy: str) -> PolicyError:
        return PolicyError(self.file, self.lines.get(path, 1), path, message, remedy)


def read_all(documents: Sequence[tuple[str, str]]) -> list[Document]:
    """Read all (filename, text) documents. Raises one PolicyErrors for all that is wrong in all of them."""
    errors: list[PolicyError] = []
    read: dict[str, Document] = {}
    for filename, text in documents:
        try:
            content, lines = spec.load_with_lines(text, filename=filename)
        except PolicyErrors as found:
            errors.extend(found.errors)
            continue
        document = Document(filename, text, content, lines)
        if content.slug in read:
            message = f"Another document of this set has the slug {content.slug}: {read[content.slug].file}."
            errors.append(document.error("slug", message, "Give it a slug of its own."))
            continue
        read[content.slug] = document
    if errors:
        raise PolicyErrors(errors)
    return list(read.values())


def cycles(read: Sequence[Document], policies: Mapping[str, Policy]) -> Iterator[PolicyError]:
    """Yield one error for each level through which a document of the set reaches itself."""

    def children(slug: str) -> Iterator[str]:
        return (level.policy for level in policies[slug].levels if level.policy in policies)

    for document in read:
        slug = document.content.slug
        for index, level in enumerate(document.content.levels):
            chain = _way(level.policy, slug, children) if level.policy in policies else []
            if chain:
                message = f"The policies start each other without end: {' > '.join([slug, *chain])}."
                yield document.error(f"levels[{index}].policy", message, "Take one of them out of the circle.")


def _way(start: str, goal: str, children: Callable[[str], Iterator[str]]) -> list[str]:
    """Return the slugs from `start` to `goal` over children, empty if there is no way."""
    before: dict[str, str] = {start: ""}
    waiting = [start]
    while waiting:
        slug = waiting.pop()
        if slug == goal:
            chain = [slug]
            while before[chain[0]]:
                chain.insert(0, before[chain[0]])
            return chain
        for child in children(slug):
            if child not in before:
                before[child] = slug
                waiting.append(child)
    return []
