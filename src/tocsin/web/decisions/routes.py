"""Addresses of decisions."""

from django.urls import URLPattern, path

from tocsin.web.decisions import catalogue, on_tickets, reporting

routes: list[URLPattern] = [
    path("decisions", catalogue.listing, name="decisions"),
    path("decisions/new", catalogue.edit, name="decision_new"),
    path("decisions/report", reporting.page, name="decisions_report"),
    path("decisions/report.csv", reporting.as_csv, name="decisions_csv"),
    path("decisions/asked/<uuid:request_id>", on_tickets.answer, name="decision_answer"),
    path("decisions/asked/<uuid:request_id>/withdraw", on_tickets.withdraw, name="decision_withdraw"),
    path("decisions/<slug:slug>", catalogue.decision, name="decision"),
    path("decisions/<slug:slug>/edit", catalogue.edit, name="decision_edit"),
    path("tickets/<int:number>/decisions", on_tickets.panel, name="ticket_decisions"),
    path("tickets/<int:number>/decide", on_tickets.decide, name="ticket_decide"),
    path("tickets/<int:number>/escalate/right", on_tickets.right, name="ticket_escalate_right"),
]
