"""Taking what the author wrote out of a mail's text: quotes, forwarded mails and program signatures go. Pure.

Every line gets one letter for what it is, and rules over the letters decide. When in doubt a line stays: a quote
too many is a nuisance, a lost word of the author's is a fault. The whole text is kept beside the result anyway.
"""

import re
from dataclasses import dataclass

from tocsin.intake.email import quote_words as words

LONGEST_LOOK = 400  # characters of a line that are looked at
MOST_LINES = 5_000  # that are looked at; what follows stays with what stands before it
JOINED = 5  # lines over which an announcement may be wrapped
SIGNATURE_LINES = 12  # what follows "-- " is a signature only if it is no longer

TEXT, EMPTY, QUOTE, MARK, HEADER, DASHES, LINE, PROGRAM = "teqbhdls"


@dataclass(frozen=True, slots=True)
class Stripped:
    """What the author wrote, and whether anything was left out."""

    text: str
    left_out: bool


def strip(text: str) -> Stripped:
    """Return the author's own words. Never empty for a text that holds any word outside of announcements."""
    lines = _without_pgp(text.replace("\r\n", "\n").replace("\r", "\n").replace("\u200b", "").split("\n"))
    kept = _strip(lines)
    found = _trimmed(kept)
    return Stripped(found, len(found) < len(_trimmed(lines)))


def _strip(lines: list[str]) -> list[str]:
    letters = _letters(lines)
    lines, letters = _without_signature(lines, letters)
    lines, letters = _without_programs(lines, letters)
    lines, letters = _cut_at_headers(lines, letters)
    lines, letters = _cut_at_marks(lines, letters)
    return _without_trailing_quotes(lines, letters)


def _letters(lines: list[str]) -> str:
    """Return one letter for each line."""
    letters: list[str] = []
    fenced = False
    while len(letters) < min(len(lines), MOST_LINES):
        at = len(letters)
        line = lines[at][:LONGEST_LOOK]
        if line.lstrip().startswith("```"):
            fenced = not fenced
            letters.append(TEXT)
        elif fenced:
            letters.append(TEXT if line.strip() else EMPTY)
        elif not line.strip():
            letters.append(EMPTY)
        elif long := _announcement(lines, at):
            letters += [MARK] * long
        else:
            letters.append(_letter(line))
    found = "".join(letters)[: len(lines)]
    found += "".join(TEXT if line.strip() else EMPTY for line in lines[len(found) :])
    # A fence that is never closed is no fence: look again without it, or a quote below it would stay.
    return _letters([line.replace("```", "'''") for line in lines]) if fenced else found


def _letter(line: str) -> str:
    if words.QUOTED.match(line):
        return QUOTE
    if any(pattern.match(line) for pattern in words.HEADER_OF.values()):
        return HEADER
    if words.SIGNATURE_DASHES.match(line):
        return DASHES
    if words.RULE.match(line):
        return LINE
    stripped = line.strip()
    return PROGRAM if any(pattern.match(stripped) for pattern in words.PROGRAM_SIGNS) else TEXT


def _announcement(lines: list[str], at: int) -> int:
    """Return over how many lines "On <date> <somebody> wrote:" or its like stretches here; 0 if it is none."""
    first = lines[at][:LONGEST_LOOK]
    if words.BETWEEN_DASHES.match(first) or words.BEGIN_FORWARDED.match(first):
        return 1
    joined = ""
    taken = 0
    for offset, line in enumerate(lines[at : at + 2 * JOINED]):
        part = line[:LONGEST_LOOK].lstrip("> ").strip() if words.QUOTED.match(first) else line[:LONGEST_LOOK].strip()
        if not part:
            continue
        joined = f"{joined} {part}".strip()
        taken += 1
        if _announces(joined, taken):
            return offset + 1
        if taken == 1 and not _may_begin(joined):
            return 0
        if taken >= JOINED or len(joined) > LONGEST_LOOK:
            return 0
    return 0


def _may_begin(line: str) -> bool:
    """Say whether an announcement that is wrapped over several lines could begin with this line."""
    has_digit = any(c.isdigit() for c in line)
    return has_digit and bool(words.ON_DATE.match(line) or words.DATE_SOMEBODY.match(line) or line[:4].isdigit())


def _announces(line: str, taken: int) -> bool:
    dashed = words.DASHED.match(line)
    if dashed:
        line = dashed.group(1)
    has_digit = any(c.isdigit() for c in line)
    if has_digit and words.ON_DATE.match(line) and words.DATED.search(line):
        return bool(words.ENDS_WITH_WROTE.search(line) or words.WROTE_SOMEBODY.search(line))
    if words.ENDS_WITH_ADDRESS.search(line) and words.TIME.search(line) and words.YEAR.search(line):
        return True
    has_address = "@" in line and bool(words.ADDRESS.search(line))
    if words.DATE_SOMEBODY.match(line):
        # Its name and address may be wrapped; without an address it is a whole line by itself.
        return (
            taken > 1 and line.endswith(":") if line.rstrip().endswith("<") else not has_address or line.endswith(":")
        )
    if words.YEAR_SOMEBODY.match(line):
        return has_address or bool(words.HAS_WROTE.search(line))
    if taken == 1 and has_address and line.endswith((":", "：")):
        return bool(words.HAS_WROTE.search(line))
    return False


def _without_pgp(lines: list[str]) -> list[str]:
    kept: list[str] = []
    inside = False
    for at, line in enumerate(lines):
        if line.startswith("-----BEGIN PGP SIGNATURE-----"):
            inside = "-----END PGP SIGNATURE-----" in (following.strip() for following in lines[at : at + 80])
        if not inside and not line.startswith("-----BEGIN PGP SIGNED MESSAGE-----"):
            kept.append(line)
        if line.startswith("-----END PGP SIGNATURE-----"):
            inside = False
    return kept


def _without_signature(lines: list[str], letters: str) -> tuple[list[str], str]:
    """Leave out what stands between "-- " and the end, or the next quote, if it is short enough for a signature."""
    at = letters.find(DASHES)
    while at >= 0:
        rest = re.search(rf"[{MARK}{QUOTE}]", letters[at:])
        end = at + rest.start() if rest else len(letters)
        # Headers below it belong to a quote, which the other rules know how to end.
        if len(letters[at + 1 : end].replace(EMPTY, "")) <= SIGNATURE_LINES and HEADER * 3 not in letters[at:end]:
            lines, letters = lines[:at] + lines[end:], letters[:at] + letters[end:]
            at = letters.find(DASHES, at)
        else:
            at = letters.find(DASHES, at + 1)
    return lines, letters


def _without_programs(lines: list[str], letters: str) -> tuple[list[str], str]:
    """Leave out lines by which a mail program signs, where no word of the author's follows before the next quote."""
    kept: list[int] = []
    author_follows = False
    for at in range(len(letters) - 1, -1, -1):
        letter = letters[at]
        if letter in (MARK, QUOTE) or (letter == HEADER and HEADER * 2 in letters[max(0, at - 1) : at + 2]):
            author_follows = False
        elif letter in (TEXT, HEADER):
            author_follows = True
        if letter != PROGRAM or author_follows:
            kept.append(at)
    kept.reverse()
    return [lines[at] for at in kept], "".join(TEXT if letters[at] == PROGRAM else letters[at] for at in kept)


def _cut_at_headers(lines: list[str], letters: str) -> tuple[list[str], str]:
    """Cut at a block of mail headers (from, subject and one more at least) that somebody's text stands before."""
    for found in re.finditer(rf"{HEADER}[{HEADER}{TEXT}]*{HEADER}", letters):
        begin, end = found.start(), found.end()
        block = [line[:LONGEST_LOOK] for line in lines[begin:end]]
        if letters[begin:end].count(HEADER) < 3 or not (_names(block, "from") and _names(block, "subject")):
            continue
        while end < len(letters) and letters[end] == TEXT:
            end += 1  # the last header may be wrapped: the block ends with a blank line
        before = letters[:begin].rstrip(EMPTY + LINE + MARK)
        if TEXT in before:
            return lines[: len(before)], before
        return lines[: len(before)] + lines[end:], before + letters[end:]
    return lines, letters


def _names(block: list[str], header: str) -> bool:
    return any(words.HEADER_OF[header].match(line) for line in block)


def _cut_at_marks(lines: list[str], letters: str) -> tuple[list[str], str]:
    """Use the announcements: what they announce goes, unless the author wrote below or between."""
    letters = letters.replace(HEADER, TEXT).replace(DASHES, TEXT)
    if MARK not in letters:
        return lines, letters
    below = re.match(
        rf"^[{EMPTY}]*[{MARK}][{MARK}{QUOTE}{EMPTY}]*[{QUOTE}][{EMPTY}{LINE}]*(?={TEXT}[{TEXT}{EMPTY}{LINE}]*$)",
        letters,
    )
    if below:
        return lines[below.end() :], letters[below.end() :]
    first = letters.index(MARK)
    after = letters[first:]
    if TEXT in letters[:first] and (QUOTE not in after or TEXT not in after):
        before = letters[:first].rstrip(EMPTY + LINE)
        return lines[: len(before)], before
    # Answers stand between quotes: only the announcements go.
    kept = [at for at, letter in enumerate(letters) if letter != MARK]
    return [lines[at] for at in kept], "".join(letters[at] for at in kept)


def _without_trailing_quotes(lines: list[str], letters: str) -> list[str]:
    if TEXT in letters:
        return lines[: len(letters.rstrip(EMPTY + QUOTE + LINE))]
    return [] if all(words.ONLY_QUOTE_MARKS.match(line) for line in lines) else lines


def _trimmed(lines: list[str]) -> str:
    """Return the lines as one text without blank lines at either end; indents stay."""
    first = next((at for at, line in enumerate(lines) if line.strip()), len(lines))
    last = next((at for at in range(len(lines), first, -1) if lines[at - 1].strip()), first)
    return "\n".join(line.rstrip() for line in lines[first:last])
