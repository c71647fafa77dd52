"""Searching everything: tickets by words and filters, people, customers (UX "Search"). The address holds the search."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tocsin.domain.people import queries as people
from tocsin.domain.sla.searching import FILTERS, search_tickets
from tocsin.web.access import now, staff, viewer
from tocsin.web.desk.queue import rows_of

MOST = 50
EXAMPLES = [
    ("vpn status:open", "open tickets that mention a VPN"),
    ('"access denied" team:network', "these words one after the other, at one team"),
    ("sla:<1h owner:none", "what is breached within the hour and nobody has"),
    ("customer:acme -status:closed", "one customer's, less what is closed"),
    ("from:rita@example.org outlook", "what somebody once wrote about Outlook"),
]


@staff
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show what is found, best first; how misspelt words were read; and what could not be read."""
    text = request.GET.get("q", "")[:400]
    wanted = text.strip()
    # What was sent off is finished: only the palette completes the last word.
    found = search_tickets(user=viewer(request), text=f"{wanted} ", now=now(request), limit=MOST) if wanted else None
    plain = " ".join(word for word in wanted.split() if ":" not in word)
    rows = rows_of(request, list(found.tickets)) if found else []
    context = {
        "rows": rows,
        "q": text,
        "found": found,
        "page": {"rows": rows},
        "most": MOST,
        "people": list(people.alike(plain)[:8]) if plain else [],
        "customers": list(people.organisations_alike(plain)[:8]) if plain else [],
        "examples": EXAMPLES,
        "filters": FILTERS,
        "section": "search",
    }
    return render(request, "desk/search.html", context)
