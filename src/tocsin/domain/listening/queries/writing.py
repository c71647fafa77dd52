"""The rules of the writing advice as they hold here, and what they say of a draft."""

from dataclasses import dataclass
from uuid import UUID

from tocsin.domain.listening.logic.advice import Advice, Rule, Rules
from tocsin.domain.listening.models import RuleBook
from tocsin.domain.listening.queries.records import open_concerns
from tocsin.domain.listening.wordlists import common_words, shipped_rules
from tocsin.kernel.errors import NotFound

LONGEST_DRAFT = 20_000


@dataclass(frozen=True, slots=True)
class Listed:
    """A rule as the settings show it."""

    rule: Rule
    on: bool
    own: bool


@dataclass(slots=True)
class _Kept:
    """The rules of the version used last in this process."""

    number: int = -1
    rules: Rules | None = None


_kept = _Kept()


def book() -> RuleBook | None:
    """Return the newest version of the house's rules, None: as shipped."""
    return RuleBook.objects.select_related("by").order_by("-number").first()


def book_of(number: int) -> RuleBook:
    """Return one version. Raises NotFound."""
    found = RuleBook.objects.select_related("by").filter(pk=number).first()
    if found is None:
        raise NotFound("version_not_found", f"There is no version {number}.")
    return found


def books() -> list[RuleBook]:
    """Return every version, the newest first."""
    return list(RuleBook.objects.select_related("by").order_by("-number")[:100])


def listed_rules() -> list[Listed]:
    """Return the house's own rules, then the shipped ones."""
    now = book()
    off = set(now.off) if now else set()
    own = [Listed(Rule(**one), True, True) for one in (now.own if now else [])]
    return own + [Listed(rule, rule.key not in off, False) for rule in shipped_rules()]


def own_rule(key: str) -> Rule:
    """Return one of the house's own rules. Raises NotFound."""
    found = next((one.rule for one in listed_rules() if one.own and one.rule.key == key), None)
    if found is None:
        raise NotFound("rule_not_found", "There is no such rule of yours.")
    return found


def active_rules() -> Rules:
    """Return the rules that hold now, compiled once for each version."""
    number = RuleBook.objects.order_by("-number").values_list("number", flat=True).first() or 0
    if _kept.rules is None or _kept.number != number:
        _kept.rules = Rules([one.rule for one in listed_rules() if one.on], common_words())
        _kept.number = number
    return _kept.rules


def advice_for(draft: str, *, ticket_id: UUID | None = None) -> Advice:
    """Return what could be said better in a draft, and which open concerns of the ticket it does not answer."""
    concerns = [(str(one.pk), one.words) for one in open_concerns(ticket_id)] if ticket_id else []
    return active_rules().advise(draft[:LONGEST_DRAFT], concerns)
