"""Mailed links: made, and used once (SECURITY "Tokens"). Whoever mails them stands higher up (config/wiring.py)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from tocsin.domain.journal.publish import publish
from tocsin.domain.people.actions.checking import actor_of, demand, stream_of, tell
from tocsin.domain.people.actions.persons import ADMINISTRATORS_ONLY, create_person, set_password
from tocsin.domain.people.enums import LinkPurpose
from tocsin.domain.people.events import LinkMade
from tocsin.domain.people.models import OneTimeLink, User
from tocsin.domain.people.one_time import id_in
from tocsin.domain.people.queries import find_person
from tocsin.domain.people.rules import may_administer_people
from tocsin.kernel.errors import NotFound

LIFETIMES = {
    LinkPurpose.INVITATION: timedelta(days=7),
    LinkPurpose.SIGN_IN: timedelta(minutes=15),
    LinkPurpose.PASSWORD: timedelta(hours=1),
}
GONE = "This link is not good any more: it was used, it has expired, or it is not whole. Ask for a new one."


@transaction.atomic
def invite(
    *, email: str, name: str, role: str, by: User, now: datetime, organisation: object = None, manager: object = None,
    language: str = "", zone: str = "UTC",
) -> OneTimeLink:  # fmt: skip
    """Add a person without a password and mail them a link by which they set their own. Administrators only.

    Raises what create_person raises.
    """
    demand(by, may_administer_people, ADMINISTRATORS_ONLY)
    made = create_person(
        email=email, name=name, role=role, organisation=organisation, manager=manager, language=language, zone=zone,  # type: ignore[arg-type]  # rows or None, as create_person takes them
        by=by, now=now,
    )  # fmt: skip
    return _make(made, LinkPurpose.INVITATION, now=now, by=by)


@transaction.atomic
def invite_again(*, user_id: UUID, by: User, now: datetime) -> OneTimeLink:
    """Mail a new invitation; the earlier ones are good no more. Administrators only."""
    demand(by, may_administer_people, ADMINISTRATORS_ONLY)
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        raise NotFound("person_not_found", "There is no such active person.")
    return _make(user, LinkPurpose.INVITATION, now=now, by=by)


@transaction.atomic
def ask_for_link(*, email: str, purpose: LinkPurpose, now: datetime, where: str = "") -> OneTimeLink | None:
    """Mail a link to the stored address of whoever has it; None, and nothing happens, if nobody has.

    The caller answers the same in either case, so that nobody learns who has an account.
    """
    user = find_person(email)
    if user is None or not user.is_active:
        return None
    return _make(user, purpose, now=now, by=None, where=where[:300])


def link_of(token: str, purpose: LinkPurpose, now: datetime) -> OneTimeLink:
    """Return the link a token names with its person. Raises NotFound if it is forged, used, expired or its person gone."""
    pk = id_in(token, purpose)
    links = OneTimeLink.objects.select_related("user")
    found = links.filter(pk=pk, purpose=purpose, used_at=None, expires_at__gt=now).first() if pk else None
    if found is None or not found.user.is_active:
        raise NotFound("link_gone", GONE)
    return found


@transaction.atomic
def use_link(*, token: str, purpose: LinkPurpose, now: datetime, password: str = "") -> OneTimeLink:
    """Use a link up, and with it every other of the same purpose; set the password where it is about one.

    Of two who use it at once one gets NotFound. Raises InvalidInput for a weak password, and the link stays good.
    """
    link = link_of(token, purpose, now)
    User.objects.select_for_update(of=("self",)).get(pk=link.user_id)
    link = link_of(token, purpose, now)
    if purpose != LinkPurpose.SIGN_IN:
        set_password(user_id=link.user_id, password=password, by=None, now=now, actor=f"person:{link.user_id}")
        # Whoever sets a password proves the mailbox: links of other kinds that lie in it are void as well.
        OneTimeLink.objects.filter(user=link.user_id, used_at=None).update(used_at=now)
        link.user.refresh_from_db()
    OneTimeLink.objects.filter(user=link.user_id, purpose=purpose, used_at=None).update(used_at=now)
    told = {"link": link.pk, "purpose": link.purpose}
    tell(stream_of(link.user_id), "person.link_used", f"person:{link.user_id}", now, told)
    return link


def _make(user: User, purpose: LinkPurpose, *, now: datetime, by: User | None, where: str = "") -> OneTimeLink:
    actor = actor_of(by, f"person:{user.pk}" if by is None else None)
    if purpose == LinkPurpose.INVITATION:
        OneTimeLink.objects.filter(user=user, purpose=purpose, used_at=None).update(used_at=now)
    link = OneTimeLink.objects.create(
        user=user, purpose=purpose, made_at=now, expires_at=now + LIFETIMES[purpose], made_by=actor, where=where
    )
    told = {"link": link.pk, "purpose": purpose, "expires_at": link.expires_at}
    tell(stream_of(user.pk), "person.link_made", actor, now, told)
    publish(LinkMade(link_id=link.pk, user_id=user.pk, purpose=str(purpose), at=now, expires_at=link.expires_at))
    return link
