"""What other machines say about a mail: authentication results (RFC 8601) and spam marks. Pure."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum


class Authentic(StrEnum):
    """What our own mail server found out about the sender's domain."""

    NOT_ASKED = ""  # no server of ours is named that we could believe
    PASS = "pass"  # noqa: S105 - a verdict, no password
    FAIL = "fail"
    NONE = "none"  # our server says nothing that decides


_METHOD = re.compile(r"(?:^|[;\s])(dmarc|spf|dkim)\s*=\s*([a-z]+)", re.IGNORECASE)
_RULE = re.compile(r"^([\w-]{1,60})\s*(>=|<=|>|<|:|=)?\s*(.{0,100})$")


def authenticity(heads: Mapping[str, Sequence[str]], authserv: str) -> Authentic:
    """Return what the topmost Authentication-Results of `authserv` says. Others are anybody's word, and not read.

    DMARC decides. Without it a failed SPF together with a DKIM that did not pass counts as failed.
    """
    if not authserv:
        return Authentic.NOT_ASKED
    for value in heads.get("authentication-results", ()):
        name, _, results = value.partition(";")
        if (name.split() or [""])[0].lower() != authserv:
            continue
        found: dict[str, str] = {}
        for method, result in _METHOD.findall(results[:2_000]):
            # Any passing signature counts; of the others the first.
            if method.lower() not in found or result.lower() == "pass":
                found[method.lower()] = result.lower()
        return _verdict(found)
    return Authentic.NONE


def _verdict(found: Mapping[str, str]) -> Authentic:
    dmarc = found.get("dmarc", "")
    if dmarc == "pass":
        return Authentic.PASS
    if dmarc in {"fail", "permerror"}:
        return Authentic.FAIL
    if found.get("spf") in {"fail", "softfail"} and found.get("dkim") != "pass":
        return Authentic.FAIL
    return Authentic.PASS if found.get("dkim") == "pass" and not dmarc else Authentic.NONE


def spam_sign(heads: Mapping[str, Sequence[str]], rules: str) -> str:
    """Return the rule that calls this mail spam, "" if none does.

    Rules stand between semicolons: "X-Spam-Flag: YES" (the value begins so), "X-Spam-Score >= 5", or a bare header
    name (it is there). A rule that cannot be read never matches; `tocsin mail check` names it.
    """
    for rule in rules.split(";"):
        parsed = _RULE.match(rule.strip())
        if parsed and any(
            _matches(parsed.group(2) or "", parsed.group(3), value) for value in heads.get(parsed.group(1).lower(), ())
        ):
            return rule.strip()
    return ""


def unreadable_rules(rules: str) -> list[str]:
    """Return the rules that cannot be read, for `tocsin mail check`."""
    bad = []
    for rule in filter(None, (text.strip() for text in rules.split(";"))):
        parsed = _RULE.match(rule)
        if not parsed or (parsed.group(2) in {">", "<", ">=", "<="} and _number(parsed.group(3)) is None):
            bad.append(rule)
    return bad


def _matches(operator: str, wanted: str, value: str) -> bool:
    if not operator:
        return not wanted
    if operator in {":", "="}:
        return value.strip().lower().startswith(wanted.strip().lower())
    found, bound = _number(value), _number(wanted)
    if found is None or bound is None:
        return False
    return {">": found > bound, "<": found < bound, ">=": found >= bound, "<=": found <= bound}[operator]


def _number(text: str) -> float | None:
    match = re.search(r"-?\d{1,6}(?:\.\d{1,6})?", text[:60])
    return float(match.group()) if match else None
