"""Publishing policies: plan, apply, export (SEMANTICS 4: versions are immutable).

`plan` and `apply` take whole documents. Whatever is wrong in any of them is reported with file,
line, field and remedy, all at once, and then nothing at all is changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, F, Q

from tocsin.domain.escalation.events import PolicyChanged
from tocsin.domain.escalation.logic import spec
from tocsin.domain.escalation.logic.policy import Policy as Content
from tocsin.domain.escalation.logic.spec_diff import differences
from tocsin.domain.escalation.logic.spec_set import Document, read_all
from tocsin.domain.escalation.models import ENDED, Policy, PolicyVersion, Run
from tocsin.domain.escalation.references import check_references
from tocsin.domain.escalation.rules import may_edit_policies
from tocsin.domain.journal.actions import record
from tocsin.domain.journal.publish import publish
from tocsin.domain.people.models import User
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound

NEW, CHANGED, UNCHANGED, DISABLED = "new", "changed", "unchanged", "disabled"


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """What applying does to one policy."""

    slug: str
    name: str
    file: str
    change: str  # new, changed, unchanged, disabled
    number: int  # of the version it will have
    differences: tuple[str, ...] = ()
    running: int = 0  # runs under way, which keep the version they began with
    enabled: bool = True  # false: it stays disabled, and fires nothing until it is enabled

    def as_dict(self) -> dict[str, Any]:
        names = ("slug", "name", "file", "change", "number", "running", "enabled")
        return {**{name: getattr(self, name) for name in names}, "differences": list(self.differences)}


@dataclass(frozen=True, slots=True)
class Plan:
    """What applying the documents does, in order of slug."""

    changes: tuple[PolicyChange, ...] = field(default_factory=tuple)

    @property
    def changed(self) -> bool:
        """Whether applying would change anything."""
        return any(change.change != UNCHANGED for change in self.changes)

    @property
    def outline(self) -> tuple[tuple[str, str, int, tuple[str, ...]], ...]:
        """What it does, without what may vary meanwhile: how many runs are under way."""
        return tuple((change.slug, change.change, change.number, change.differences) for change in self.changes)

    def as_dict(self) -> dict[str, Any]:
        return {"changed": self.changed, "policies": [change.as_dict() for change in self.changes]}


def plan(*, documents: Sequence[tuple[str, str]], prune: bool = False) -> Plan:
    """Return what `apply` would do with these (filename, text) documents, changing nothing.

    `prune`: enabled policies that no document names would be disabled.
    Raises PolicyErrors with everything that is wrong, references to people and policies included.
    """
    with transaction.atomic():
        return _compare(read_all(documents), prune=prune)[0]


@transaction.atomic
def apply(
    *,
    documents: Sequence[tuple[str, str]],
    by: User | str,
    now: datetime,
    note: str = "",
    prune: bool = False,
    is_demo: bool = False,
    expected: Plan | None = None,
) -> Plan:
    """Publish every document that says something new as the next version of its policy, all or none.

    Runs under way keep the version they began with. Publishing is rare, so one lock serialises it:
    two people who apply at once cannot build a chain of policies that closes into a circle.
    `expected`: the plan that somebody has agreed to; Conflict if it would come out differently by now.
    Raises PolicyErrors as `plan` does, NotAllowed if `by` is a person who may not edit policies.
    """
    actor = _actor(by)
    note = _note(note)
    read = read_all(documents)
    _lock()
    found, stored = _compare(read, prune=prune)
    if expected is not None and found.outline != expected.outline:
        raise Conflict("policy_moved_on", "Somebody has published since you planned. Nothing was changed: plan again.")
    texts = {document.content.slug: document for document in read}
    for change in found.changes:
        if change.change == DISABLED:
            _switch(stored[change.slug], enabled=False, actor=actor, now=now, note=note)
        elif change.change != UNCHANGED:
            _publish(texts[change.slug], change.number, actor=actor, now=now, note=note, is_demo=is_demo)
    return found


@transaction.atomic
def publish_source(
    *, text: str, by: User | str, now: datetime, note: str = "", slug: str = "", based_on: int | None = None
) -> PolicyVersion:
    """Publish one policy from its YAML and return its current version (the present one if nothing changed).

    `slug`: the policy that is being edited; the text must be of it. `based_on`: the number of the
    version that was edited; Conflict if somebody has published another since.
    """
    _actor(by)
    content = spec.load(text)
    if slug and content.slug != slug:
        message = f"The text is of the policy {content.slug}, but {slug} is being edited."
        raise InvalidInput("policy_slug_differs", message, {"slug": f"Keep `slug: {slug}`, or create a new policy."})
    _lock()
    current = _current([content.slug]).get(content.slug)
    number = current.current.number if current is not None and current.current is not None else 0
    if based_on is not None and based_on != number:
        raise Conflict(
            "policy_moved_on",
            f"Version {number} of {content.slug} has been published since you began with {based_on}. "
            "Nothing was changed: open the policy anew and repeat your edit.",
        )
    apply(documents=[("", text)], by=by, now=now, note=note)
    return PolicyVersion.objects.get(policy__slug=content.slug, policy__current=F("pk"))


@transaction.atomic
def set_enabled(*, slug: str, enabled: bool, by: User | str, now: datetime, note: str = "") -> Policy:
    """Let a policy's triggers fire, or stop them. Runs under way go on either way. Repeating it changes nothing."""
    actor = _actor(by)
    note = _note(note)
    _lock()
    policy = _current([slug]).get(slug)
    if policy is None:
        raise NotFound("policy_not_found", f"There is no policy {slug}.", {"slug": slug})
    if policy.enabled != enabled:
        _switch(policy, enabled=enabled, actor=actor, now=now, note=note)
    return policy


def export(slug: str, number: int | None = None) -> str:
    """Return the YAML of a policy as it was written: of the current version, or of version `number`. NotFound."""
    versions = PolicyVersion.objects.filter(policy__slug=slug)
    versions = versions.filter(number=number) if number is not None else versions.filter(policy__current=F("pk"))
    source = versions.values_list("source", flat=True).first()
    if source is None:
        which = f"version {number} of " if number is not None else ""
        raise NotFound("policy_not_found", f"There is no {which}policy {slug}.", {"slug": slug})
    return source


@dataclass(frozen=True, slots=True)
class PolicySummary:
    """One line of the list of policies."""

    slug: str
    name: str
    enabled: bool
    number: int  # of the current version; 0: never published
    published_at: datetime | None
    published_by: str
    running: int


def listing() -> list[PolicySummary]:
    """Return every policy by slug, with its current version and its runs under way."""
    rows = list(Policy.objects.select_related("current").defer("current__source", "current__spec").order_by("slug"))
    running = _running([policy.slug for policy in rows])
    return [
        PolicySummary(
            policy.slug,
            policy.name,
            policy.enabled,
            policy.current.number if policy.current else 0,
            policy.current.created_at if policy.current else None,
            policy.current.created_by if policy.current else "",
            running.get(policy.slug, 0),
        )
        for policy in rows
    ]


def _actor(by: User | str) -> str:
    if isinstance(by, str):
        return by
    if not may_edit_policies.test(by):
        raise NotAllowed("not_allowed", "Only escalation managers and administrators publish policies.")
    return f"person:{by.pk}"


def _note(note: str) -> str:
    if len(note) > 300:
        raise InvalidInput("note_too_long", "The note is too long.", {"note": "At most 300 characters."})
    return note.strip()


def _lock() -> None:
    """Wait until nobody else publishes; released at the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('tocsin.policies'))")


def _current(slugs: Sequence[str]) -> dict[str, Policy]:
    rows = Policy.objects.filter(slug__in=slugs).select_related("current").select_for_update(of=("self",))
    return {policy.slug: policy for policy in rows.order_by("slug")}


def _compare(read: Sequence[Document], *, prune: bool) -> tuple[Plan, dict[str, Policy]]:
    """Compare documents with what is published; check references against what will then be true."""
    named = {document.content.slug for document in read}
    stored = {policy.slug: policy for policy in Policy.objects.select_related("current").order_by("slug")}
    pruned = [policy for slug, policy in stored.items() if prune and policy.enabled and slug not in named]
    kept: dict[str, Content] = {}
    for slug, policy in stored.items():
        if policy.current is not None and policy.enabled and slug not in named and policy not in pruned:
            kept[slug] = spec.from_json(policy.current.spec)
    disabled = {slug for slug, policy in stored.items() if not policy.enabled}
    check_references(read, kept, disabled=disabled, pruned={policy.slug for policy in pruned})
    running = _running([*named, *(policy.slug for policy in pruned)])
    changes = [_change(document, stored.get(document.content.slug), running) for document in read]
    for policy in pruned:
        number = policy.current.number if policy.current else 0
        changes.append(
            PolicyChange(policy.slug, policy.name, "", DISABLED, number, (), running.get(policy.slug, 0), False)
        )
    return Plan(tuple(sorted(changes, key=lambda change: change.slug))), stored


def _running(slugs: Sequence[str]) -> dict[str, int]:
    open_runs = Run.objects.filter(~Q(status__in=ENDED), version__policy__slug__in=slugs)
    return dict(open_runs.values_list("version__policy__slug").annotate(count=Count("pk")))


def _change(document: Document, policy: Policy | None, running: dict[str, int]) -> PolicyChange:
    content = document.content
    if policy is None or policy.current is None:
        return PolicyChange(content.slug, content.name, document.file, NEW, 1)
    # Compared by what they say, not by digest: a release that adds a field makes no new versions by itself.
    lines = differences(spec.from_json(policy.current.spec), content)
    return PolicyChange(
        content.slug,
        content.name,
        document.file,
        CHANGED if lines else UNCHANGED,
        policy.current.number + bool(lines),
        lines,
        running.get(content.slug, 0),
        policy.enabled,
    )


def _publish(document: Document, number: int, *, actor: str, now: datetime, note: str, is_demo: bool) -> None:
    content = document.content
    owner = User.objects.filter(email__iexact=content.owner).first() if content.owner else None
    policy, _ = Policy.objects.get_or_create(slug=content.slug, defaults={"name": content.name, "is_demo": is_demo})
    digest = spec.digest(content)
    version = PolicyVersion.objects.create(
        policy=policy,
        number=number,
        source=document.text,
        spec=spec.to_json(content),
        digest=digest,
        created_at=now,
        created_by=actor,
        note=note,
    )
    policy.name, policy.owner, policy.current = content.name, owner, version
    policy.save(update_fields=["name", "owner", "current"])
    data = {"policy": content.slug, "number": number, "digest": digest, "by": actor, "note": note}
    record(stream=f"policy:{content.slug}", kind="policy.published", actor=actor, at=now, data=data)
    publish(PolicyChanged(policy_id=policy.pk, at=now))


def _switch(policy: Policy, *, enabled: bool, actor: str, now: datetime, note: str) -> None:
    policy.enabled = enabled
    policy.save(update_fields=["enabled"])
    kind = "policy.enabled" if enabled else "policy.disabled"
    record(stream=f"policy:{policy.slug}", kind=kind, actor=actor, at=now, data={"by": actor, "note": note})
    publish(PolicyChanged(policy_id=policy.pk, at=now))
