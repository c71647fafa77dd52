"""What makes two alerts the same, by an integration's template. No template language: names in braces, nothing else."""

import re

from tocsin.intake.alerts.reading.alert import Alert, bounded

_NAME = re.compile(r"\{([a-z_]+(?:\.[^{}]{1,80})?)\}")
NAMES = ("key", "title", "severity")


def problem_of(template: str) -> str:
    """Return what is wrong with a template, "" if nothing is."""
    found = [name.partition(".") for name in _NAME.findall(template)]
    wrong = [head for head, _, rest in found if head not in (*NAMES, "facts") or (head == "facts") != bool(rest)]
    if wrong or "{" in _NAME.sub("", template) or "}" in _NAME.sub("", template):
        return "Use {key}, {title}, {severity} and {facts.<name>}, such as {facts.host}."
    return "" if found else "Name something that tells alerts apart, such as {key}."


def key_of(template: str, alert: Alert) -> str:
    """Return the key of `alert`, bounded; the sender's own where the template comes to nothing."""

    def value(match: re.Match[str]) -> str:
        head, _, rest = match.group(1).partition(".")
        if head == "facts":
            return alert.facts.get(rest, "")
        return {"key": alert.key, "title": alert.title, "severity": alert.severity or ""}[head]

    return bounded(" ".join(_NAME.sub(value, template).split()) or alert.key)
