"""Mailed links: asking for one, and using one. A GET shows a page; only its button acts (mail scanners open links)."""

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from tocsin.domain.people import actions
from tocsin.domain.people import sign_in as limits
from tocsin.domain.people.enums import LinkPurpose, Refusal, SignInMethod
from tocsin.domain.people.models import OneTimeLink
from tocsin.kernel.errors import InvalidInput, NotFound, TocsinError
from tocsin.web.access import now, public
from tocsin.web.accounts.adapters import audit
from tocsin.web.accounts.forms import TOO_MANY, AddressForm, NewPasswordForm
from tocsin.web.accounts.landing import landing, wanted
from tocsin.web.network import address_of

ASKING = {
    LinkPurpose.SIGN_IN: ("Sign in by mail", "We mail you a link that signs you in. No password is needed."),
    LinkPurpose.PASSWORD: ("Forgotten password", "We mail you a link by which you set a new password."),
}
USING = {
    LinkPurpose.INVITATION: ("Welcome", "Set the password of your account and sign in"),
    LinkPurpose.SIGN_IN: ("Sign in", "Sign in"),
    LinkPurpose.PASSWORD: ("New password", "Set the password and sign in"),
}


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, purpose: str) -> HttpResponse:
    """Mail a link to the stored address. The answer is the same whether or not anybody has this address."""
    if purpose not in ASKING:
        raise NotFound("no_such_link", "There is no such page.")
    title, lead = ASKING[LinkPurpose(purpose)]
    form = AddressForm(request.POST or None)
    sent = False
    if request.method == "POST" and form.is_valid():
        email = form.value("email")
        if limits.spend("link", email, address_of(request), now(request)):
            actions.ask_for_link(email=email, purpose=LinkPurpose(purpose), now=now(request), where=wanted(request))
            sent = True
        else:
            form.add_error(None, TOO_MANY)
    context = {"form": form, "title": title, "lead": lead, "sent": sent, "next": wanted(request), "purpose": purpose}
    return render(request, "accounts/ask.html", context, status=_status(form))


def _status(form: AddressForm) -> int:
    if TOO_MANY in form.non_field_errors():
        return 429
    return 422 if form.errors else 200


@public
@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, purpose: str, token: str) -> HttpResponse:
    """Show what a link is good for; its button signs in, with a new password where the link is about one."""
    if purpose not in USING:
        raise NotFound("no_such_link", "There is no such page.")
    address, at = address_of(request), now(request)
    if not limits.is_allowed("", address, at, "token"):
        return _gone(request, purpose, InvalidInput("too_many", TOO_MANY), 429)
    try:
        link = actions.link_of(token, LinkPurpose(purpose), at)
    except NotFound as error:
        if request.method == "POST":
            limits.failed("", address, at, "token")
            audit(request, None, SignInMethod.LINK, refused=Refusal.LINK)
        return _gone(request, purpose, error, 404)
    form = None if purpose == LinkPurpose.SIGN_IN else NewPasswordForm(request.POST or None)
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            used = actions.use_link(
                token=token, purpose=LinkPurpose(purpose), now=at, password=form.value("password") if form else ""
            )
            return _signed_in(request, used)
        except NotFound as error:
            return _gone(request, purpose, error, 404)
        except TocsinError as error:
            if form is None:
                raise
            form.refuse(error)
    title, submit = USING[LinkPurpose(purpose)]
    context = {"form": form, "title": title, "submit": submit, "link": link, "purpose": purpose}
    return render(request, "accounts/enter.html", context, status=422 if form is not None and form.errors else 200)


def _signed_in(request: HttpRequest, link: OneTimeLink) -> HttpResponse:
    user = link.user
    if request.user.is_authenticated and request.user.pk == user.pk:
        return redirect(link.where or landing(user))
    if request.user.is_authenticated:
        request.session.flush()  # somebody else was signed in here: nothing of theirs goes over
    record_authentication(request, user, method="code", email=user.email)
    login = Login(user=user, email=user.email, redirect_url=link.where or landing(user))
    answer: HttpResponse = perform_login(request, login)
    return answer


def _gone(request: HttpRequest, purpose: str, error: TocsinError, status: int) -> HttpResponse:
    again = purpose if purpose in ASKING else ""
    return render(request, "accounts/gone.html", {"error": error, "again": again}, status=status)
