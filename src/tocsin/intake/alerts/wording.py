"""What tickets say of alerts."""

from tocsin.intake.alerts.reading import Alert
from tocsin.intake.alerts.reading.alert import in_words


def description(alert: Alert) -> str:
    """Return the text of a ticket that an alert opens."""
    parts = [alert.text, in_words(alert.facts.items()), alert.link]
    return "\n\n".join(part for part in parts if part)


def storm(name: str, tickets: int, minutes: int, alert: Alert) -> str:
    """Return the text of the ticket that takes a storm's alerts."""
    return (
        f"{name} opened {tickets} tickets within {minutes} minutes. Every further alert goes to this ticket, until none "
        f"has come for {minutes} minutes; they are listed on it.\n\nThe first of them: {alert.title}\n\n{description(alert)}"
    )


def milestone(size: int, alert: Alert) -> str:
    return f"{size} alerts by now. The latest: {alert.title}"


def again(alert: Alert) -> str:
    return _with(f"The alert fires again: {alert.title}", alert)


def graver(alert: Alert) -> str:
    return _with(f"The alert has become {alert.severity}: {alert.title}", alert)


def news(alert: Alert) -> str:
    return _with(f"News of the alert: {alert.title}", alert)


def ended(alert: Alert, left: int) -> str:
    """`left`: how many alerts of the ticket still fire."""
    rest = "" if not left else " One more fires." if left == 1 else f" {left} more fire."
    return f"The alert has ended: {alert.title}.{rest}"


def _with(words: str, alert: Alert) -> str:
    return f"{words}\n\n{alert.text}" if alert.text else words
