"""API tokens: made, shown once, revoked (SECURITY "Tokens")."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from tocsin.domain.people.actions.checking import actor_of, demand, stream_of, tell, words
from tocsin.domain.people.enums import Scope
from tocsin.domain.people.logic.tokens import digest_of
from tocsin.domain.people.models import ApiToken, User
from tocsin.domain.people.rules import may_have_tokens, may_revoke_token
from tocsin.kernel.errors import InvalidInput, NotFound
from tocsin.kernel.ids import new_id

MARK = "tocsin_pat_"  # so that scanners of source code know one that was left lying about
LONGEST_LIFE = timedelta(days=366 * 5)
MOST = 50  # tokens of one person that are not revoked
SEEN_EVERY = timedelta(minutes=1)
SHOWN = 6  # characters of the random part that lists show: 36 of its 256 bits


@transaction.atomic
def make_token(
    *,
    owner: User,
    name: str,
    scopes: Collection[str],
    by: User | None,
    now: datetime,
    expires_at: datetime | None = None,
    actor: str | None = None,
) -> tuple[str, ApiToken]:
    """Return a new token and its row. The token is shown once and kept nowhere; it acts as `owner`, within `scopes`.

    People make their own only; the command line makes them for anybody. Raises InvalidInput for unknown or no
    scopes and for an end that is past or more than five years away.
    """
    demand(by, may_have_tokens, "People make their own tokens, while their account is active.", owner)
    unknown = sorted(set(scopes) - set(Scope.values))
    if unknown or not scopes:
        problem = f"Choose from {', '.join(Scope.values)}." if unknown else "Choose at least one scope."
        raise InvalidInput("bad_scopes", problem, {"scopes": problem})
    if expires_at is not None and not now < expires_at <= now + LONGEST_LIFE:
        problem = "It must end in the future, within five years."
        raise InvalidInput("bad_expiry", problem, {"expires_at": problem})
    User.objects.select_for_update(of=("self",)).get(pk=owner.pk)
    if ApiToken.objects.filter(user=owner, revoked_at=None).count() >= MOST:
        raise InvalidInput("too_many_tokens", f"There are {MOST} tokens already. Revoke one that is not needed.")
    token = MARK + secrets.token_urlsafe(32)
    row = ApiToken.objects.create(
        id=new_id(), user=owner, name=words("name", name, limit=120), digest=digest_of(token), prefix=token[: len(MARK) + SHOWN],
        scopes=sorted(set(scopes)), made_at=now, expires_at=expires_at,
    )  # fmt: skip
    told = {"token": row.pk, "scopes": row.scopes, "expires_at": expires_at}
    tell(stream_of(owner.pk), "token.made", actor_of(by, actor), now, told)
    return token, row


@transaction.atomic
def revoke_token(*, token_id: UUID, by: User | None, now: datetime, actor: str | None = None) -> ApiToken:
    """Let a token open nothing from now on. Revoking it again changes nothing. Raises NotFound."""
    row = ApiToken.objects.select_for_update(of=("self",)).select_related("user").filter(pk=token_id).first()
    if row is None or (by is not None and not may_revoke_token.test(by, row.user)):
        raise NotFound("token_not_found", "There is no such token.")
    if row.revoked_at is None:
        row.revoked_at = now
        row.save(update_fields=["revoked_at"])
        tell(stream_of(row.user_id), "token.revoked", actor_of(by, actor), now, {"token": row.pk})
    return row


def note_use(*, token: ApiToken, now: datetime) -> None:
    """Note that a token was used, at most once a minute; of several at once one writes."""
    if token.used_at is None or now - token.used_at >= SEEN_EVERY:
        earlier = ApiToken.objects.filter(pk=token.pk).exclude(used_at__gt=now - SEEN_EVERY)
        earlier.update(used_at=now)
