from django.db import models


class ProblemState(models.TextChoices):
    """A problem's one status; moves stand in logic/lifecycle.py."""

    CANDIDATE = "candidate", "Candidate"
    OPEN = "open", "Open"
    CAUSE_KNOWN = "cause_known", "Cause known"
    WORKAROUND = "workaround", "Workaround"
    KNOWN_ERROR = "known_error", "Known error"
    FIX_PLANNED = "fix_planned", "Fix planned"
    FIXED = "fixed", "Fixed"
    VERIFIED = "verified", "Verified"
    CLOSED = "closed", "Closed"


class HypothesisState(models.TextChoices):
    OPEN = "open", "To be tested"
    CONFIRMED = "confirmed", "Confirmed"
    REJECTED = "rejected", "Rejected"


class ProposalState(models.TextChoices):
    """What became of a proposal. Lapsed: the next look no longer found it."""

    PROPOSED = "proposed", "Proposed"
    ACCEPTED = "accepted", "Accepted"
    MERGED = "merged", "Merged"
    REJECTED = "rejected", "Rejected"
    LAPSED = "lapsed", "Lapsed"


class MeasureKind(models.TextChoices):
    ARTICLE = "article", "Article"
    TRAINING = "training", "Training"
    DECISION_RIGHT = "decision_right", "Decision right"
    POLICY_CHANGE = "policy_change", "Policy change"
    FIX = "fix", "Fix"
    SUPPLIER_ACTION = "supplier_action", "Supplier's action"


class VerdictWord(models.TextChoices):
    """What a measure is judged to have done; decided by logic/effect.py."""

    TOO_EARLY = "too_early", "Too early"
    WORKED = "worked", "Worked"
    NO_EFFECT = "no_effect", "No effect seen"
    WORSE = "worse", "Worse"
