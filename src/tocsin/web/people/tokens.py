"""My API tokens: made after one more proof of who I am, shown once, revoked at once."""

from datetime import timedelta
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.domain.people import actions
from tocsin.domain.people import queries as people
from tocsin.domain.people.enums import Scope
from tocsin.kernel.errors import TocsinError
from tocsin.web.access import now, signed_in, viewer
from tocsin.web.fields import Form, choice
from tocsin.web.sheets import done

LIVES = [("30", "30 days"), ("90", "90 days"), ("365", "1 year"), ("1825", "5 years"), ("", "until it is revoked")]


class TokenForm(Form):
    name = forms.CharField(
        label="What it is for", max_length=120, help_text="Such as the program that carries it.",
        widget=forms.TextInput(attrs={"autofocus": True}),
    )  # fmt: skip
    scopes = forms.MultipleChoiceField(
        label="What it may do", choices=[(s.value, f"{s.label} ({s.value})") for s in Scope],
        widget=forms.CheckboxSelectMultiple, help_text="At most: what you may not do, it may not do either.",
    )  # fmt: skip
    days = choice("How long it is good", LIVES, required=False, initial="90")


@signed_in
@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """List my tokens: what each may do, when it was last used, until when it is good."""
    at = now(request)
    rows = [
        {"row": row, "open": row.revoked_at is None and (row.expires_at is None or row.expires_at > at)}
        for row in people.tokens_of(viewer(request).pk)
    ]
    return render(request, "people/tokens.html", {"rows": rows, "section": "account"})


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth carries no types
def new(request: HttpRequest) -> HttpResponse:
    """Make one and show it: this once, for only its digest is kept."""
    user, at = viewer(request), now(request)
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        days = form.value("days")
        try:
            token, row = actions.make_token(
                owner=user, name=form.value("name"), scopes=form.cleaned_data["scopes"], by=user, now=at,
                expires_at=at + timedelta(days=int(days)) if days else None,
            )  # fmt: skip
            context = {"token": token, "row": row, "section": "account"}
            return render(request, "people/token_made.html", context)
        except TocsinError as error:
            form.refuse(error)
    context = {"form": form, "section": "account"}
    return render(request, "people/token_new.html", context, status=422 if form.errors else 200)


@signed_in
@require_POST
def revoke(request: HttpRequest, token_id: UUID) -> HttpResponse:
    """Let one open nothing from now on."""
    row = actions.revoke_token(token_id=token_id, by=viewer(request), now=now(request))
    return done(request, reverse("tokens"), f"{row.name} opens nothing any more.")
