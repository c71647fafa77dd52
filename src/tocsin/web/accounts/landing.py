"""Where a person begins: requesters in the portal, everybody else at the queue."""

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from tocsin.domain.people.models import User
from tocsin.domain.people.rules import is_staff, is_stakeholder


def landing(user: User) -> str:
    """Return the first page of a person."""
    return reverse("queue") if (is_staff | is_stakeholder).test(user) else reverse("portal")


def wanted(request: HttpRequest) -> str:
    """Return the path of this site that `next` asks for, or "": never another host (SECURITY "Abuse cases")."""
    told = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(told, allowed_hosts=None, require_https=request.is_secure())
    return told if safe and told.startswith("/") and not urlsplit(told).netloc else ""
