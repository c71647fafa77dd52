"""What the domain says of feedback, in the language being spoken."""

from tocsin.domain.feedback.logic.differences import Difference
from tocsin.domain.feedback.logic.satisfaction import Moved, Satisfaction
from tocsin.web.languages.catalogue import exact, say


def finding(figures: Satisfaction) -> str:
    """Say in one sentence how it stands: a title states the finding."""
    if figures.csat is None:
        return exact("Nobody has rated anything in this time")
    share = round(100 * figures.csat)
    return say(
        f"{share} % satisfied, of one rating" if figures.n == 1 else f"{share} % satisfied, of {figures.n} ratings"
    )


def moved(by: Moved | None) -> str:
    """Say how CSAT moved against the period before."""
    if by is None:
        return ""
    if by.points == 0:
        return exact("as in the period before")
    points = abs(by.points)
    if by.points > 0:
        return say(f"up by {points} points" if by.sure else f"up by {points} points, within chance")
    return say(f"down by {points} points" if by.sure else f"down by {points} points, within chance")


def difference(one: Difference) -> str:
    """Say who sees what differently."""
    topic, low, high = topic_of(one.key), party_of(one.worst), party_of(one.best)
    return say(f"On {topic}, {low} says {one.low} of 5, {high} {one.high} of 5.")


def topic_of(key: str) -> str:
    known = {
        "outcome": exact("whether it is solved"),
        "timing": exact("whether help came in time"),
        "informed": exact("whether people were informed"),
        "handover": exact("whether the handover was whole"),
        "needed": exact("whether it was right to escalate"),
        "learnt": exact("whether the front line can do it alone now"),
    }
    return known.get(key, key.replace("_", " "))


def party_of(party: str) -> str:
    known = {
        "customer": exact("the customer"),
        "front_line": exact("the front line"),
        "expert": exact("the expert"),
        "manager": exact("the manager"),
    }
    return known.get(party, party)


def about(key: str) -> str:
    """Name what a question is about, in a word or two."""
    known = {
        "outcome": exact("Outcome"),
        "timing": exact("In time"),
        "informed": exact("Kept informed"),
        "handover": exact("Handover"),
        "needed": exact("Right to escalate"),
        "learnt": exact("Learnt from it"),
        "better": exact("To do better"),
    }
    return known.get(key, key.replace("_", " ").capitalize())


def not_asked(why: str) -> str:
    """Say why somebody was not asked."""
    known = {
        "it was opened again": exact("it was opened again"),
        "closed as a duplicate": exact("closed as a duplicate"),
        "nobody to ask": exact("nobody to ask"),
        "does not want to be asked": exact("does not want to be asked"),
        "asked not long ago": exact("asked not long ago"),
        "not in the sample": exact("not in the sample"),
        "no mail leaves here": exact("no mail leaves here"),
        "it goes on": exact("it goes on"),
    }
    return known.get(why, say(why))


def rule_of(why: str) -> str:
    """Say by which rule somebody is to call."""
    known = {
        "account manager": exact("account manager"),
        "lead of the team": exact("lead of the team"),
        "escalation manager of the team": exact("escalation manager of the team"),
        "owner of the ticket": exact("owner of the ticket"),
        "catch-all": exact("catch-all"),
        "handed on": exact("handed on"),
    }
    if why.startswith("deputy of the "):
        rule = known.get(why.removeprefix("deputy of the "), "")
        return say(f"stands in for: {rule}")
    return known.get(why, why)
