"""Escalation policies: list, read, try, publish."""

from ninja import Router

from tocsin.api.auth import Caller
from tocsin.api.operation import ApiRequest, operation
from tocsin.api.operations import finding
from tocsin.api.paging import cut
from tocsin.api.schemas import escalations as schema
from tocsin.api.schemas.given import USUAL_LIMIT, Cursor, Limit, Page, Slug
from tocsin.domain.escalation import policies, publishing
from tocsin.domain.escalation import queries as escalation
from tocsin.domain.escalation.models import Policy
from tocsin.domain.escalation.rules import may_edit_policies
from tocsin.domain.people.enums import Scope
from tocsin.domain.people.rules import may_see_people
from tocsin.domain.tickets import queries as tickets
from tocsin.kernel.errors import NotAllowed, NotFound

router = Router()
READ, WRITE = Scope.POLICIES_READ, Scope.POLICIES_WRITE


@operation(router, "GET", "/policies", scope=READ, answer=Page[schema.PolicySummary])
def list_policies(request: ApiRequest, limit: Limit = USUAL_LIMIT, cursor: Cursor = "") -> Page[schema.PolicySummary]:
    """List policies by slug."""
    if not may_see_people.test(request.caller.user):
        raise NotAllowed("not_allowed", "Policies are for those who work here. Ask the service desk.")
    shown = {policy.slug for policy in escalation.all_policies()}
    rows = [row for row in publishing.listing() if row.slug in shown]
    page, following = cut(rows, limit=limit, cursor=cursor, key=lambda row: row.slug)
    items = [
        schema.PolicySummary(
            slug=row.slug, name=row.name, enabled=row.enabled, version=row.number, published_at=row.published_at,
            published_by=row.published_by, running=row.running,
        )
        for row in page
    ]  # fmt: skip
    return Page(items=items, next=following)


@operation(router, "GET", "/policies/{slug}", scope=READ, answer=schema.Policy)
def read_policy(request: ApiRequest, slug: Slug, version: int | None = None) -> schema.Policy:
    """Read a policy as it was written, with its versions; `version`: an earlier one."""
    return _policy(_access(request.caller, slug), version)


@operation(router, "POST", "/policy-dry-runs", scope=READ, answer=schema.Plan)
def try_policies(request: ApiRequest, given: schema.DryRun) -> schema.Plan:
    """Say what publishing would change, and change nothing. 400 names everything that is wrong, with line and remedy."""
    _demand_editor(request.caller)
    return _plan(publishing.plan(documents=_documents(given), prune=given.prune))


@operation(router, "POST", "/policies", scope=WRITE, answer=schema.Plan)
def publish_policies(request: ApiRequest, given: schema.Publication) -> schema.Plan:
    """Publish policies: all of the documents, or none. What says something new becomes the next version."""
    caller = request.caller
    _demand_editor(caller)
    done = publishing.apply(
        documents=_documents(given), by=caller.user, now=caller.now, note=given.note, prune=given.prune
    )
    return _plan(done)


@operation(router, "POST", "/policies/{slug}/preview", scope=READ, answer=schema.Preview)
def preview_policy(request: ApiRequest, slug: Slug, given: schema.Trial) -> schema.Preview:
    """Show whom a policy would page on a ticket if it began now and nobody answered. Nothing is changed."""
    caller = request.caller
    found = _access(caller, slug)
    ticket = tickets.access_ticket(caller.user, given.ticket)
    finding.demand_internals(caller, "Policies are")
    if found.current_id is None:
        raise NotFound("policy_not_found", f"There is no published version of {slug!r}.")
    levels = escalation.if_it_fired_now(policies.content_of(found.current_id), ticket.pk, caller.now)
    told = [
        schema.LevelPreview(
            number=level.number, name=level.name, at=level.at, delay_seconds=level.delay_seconds,
            targets=list(level.targets),
            people=[
                schema.Evidence(id=one.id, name=one.name, by=list(one.by), reachable=one.reachable) for one in level.people
            ],
            condition=level.condition, ack=level.ack, skipped=level.skipped,
        )
        for level in levels
    ]  # fmt: skip
    return schema.Preview(levels=told)


@operation(router, "PUT", "/policies/{slug}/enabled", scope=WRITE, answer=schema.Policy)
def switch_policy(request: ApiRequest, slug: Slug, given: schema.Switch) -> schema.Policy:
    """Let a policy's triggers fire, or stop them. Runs under way go on either way."""
    caller = request.caller
    _access(caller, slug)
    _demand_editor(caller)
    publishing.set_enabled(slug=slug, enabled=given.enabled, by=caller.user, now=caller.now, note=given.note)
    return _policy(_access(caller, slug), None)


def _access(caller: Caller, slug: str) -> Policy:
    """Return a policy, ladders of tests excepted. Raises NotFound, for customers too."""
    if may_see_people.test(caller.user):
        found = escalation.policy_by_slug(slug)
        if not found.is_drill:
            return found
    raise NotFound("policy_not_found", f"There is no policy {slug!r}.")


def _demand_editor(caller: Caller) -> None:
    if not may_edit_policies.test(caller.user):
        raise NotAllowed(
            "not_allowed", "Only escalation managers and administrators publish policies. Ask one of them."
        )


def _documents(given: schema.DryRun) -> list[tuple[str, str]]:
    return [(one.file, one.text) for one in given.documents]


def _plan(found: publishing.Plan) -> schema.Plan:
    changes = [
        schema.Change(
            slug=one.slug, name=one.name, file=one.file, change=one.change, version=one.number,
            differences=list(one.differences), running=one.running, enabled=one.enabled,
        )
        for one in found.changes
    ]  # fmt: skip
    return schema.Plan(changed=found.changed, policies=changes)


def _policy(found: Policy, wanted: int | None) -> schema.Policy:
    versions = escalation.versions_of(found)
    current = found.current.number if found.current else 0
    number = current if wanted is None else wanted
    version = next((one for one in versions if one.number == number), None)
    if version is None:
        raise NotFound("version_not_found", f"There is no version {number} of {found.slug!r}.")
    told = [
        schema.PolicyVersion(
            version=one.number,
            digest=one.digest,
            published_at=one.created_at,
            published_by=one.created_by,
            note=one.note,
        )
        for one in versions
    ]
    return schema.Policy(
        slug=found.slug, name=found.name, enabled=found.enabled, version=number, digest=version.digest,
        source=version.source, spec=version.spec, versions=told,
    )  # fmt: skip
