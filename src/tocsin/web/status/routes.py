"""Addresses of status."""

from django.urls import URLPattern, path

from tocsin.web.status import (
    account_escalations,
    accounts,
    briefing,
    feeds,
    keeping,
    on_tickets,
    reading,
    subscribing,
    telling,
)

routes: list[URLPattern] = [
    # what readers open, signed in or not
    path("status/<slug:word>", reading.page, name="status"),
    path("status/<slug:word>/history", reading.history, name="status_history"),
    path("status/<slug:word>/incidents/<uuid:incident_id>", reading.incident, name="status_incident"),
    path("status/<slug:word>/feed.atom", feeds.atom, name="status_feed"),
    path("status/<slug:word>/summary.json", feeds.summary, name="status_summary"),
    path("status/<slug:word>/subscribe", subscribing.subscribe, name="status_subscribe"),
    path("status-mail/confirm/<str:token>", subscribing.confirm, name="status_confirm"),
    path("status-mail/leave/<str:token>", subscribing.leave, name="status_leave"),
    # those who tell
    path("status-pages", keeping.listing, name="status_pages"),
    path("status-pages/new", keeping.edit, name="status_page_new"),
    path("status-pages/<slug:slug>", keeping.page, name="status_page"),
    path("status-pages/<slug:slug>/edit", keeping.edit, name="status_page_edit"),
    path("status-pages/<slug:slug>/link", keeping.renew_link, name="status_page_link"),
    path("status-pages/<slug:slug>/remove", keeping.remove, name="status_page_remove"),
    path("status-pages/<slug:slug>/components/new", keeping.component, name="status_component_new"),
    path("status-pages/<slug:slug>/components/<uuid:component_id>", keeping.component, name="status_component"),
    path("status-pages/<slug:slug>/components/<uuid:component_id>/state", keeping.state, name="status_component_state"),
    path(
        "status-pages/<slug:slug>/components/<uuid:component_id>/remove",
        keeping.remove_component,
        name="status_component_remove",
    ),
    path("status-pages/<slug:slug>/incidents/new", telling.new_incident, name="status_incident_new"),
    path("status-pages/<slug:slug>/maintenance/new", telling.new_maintenance, name="status_maintenance_new"),
    path("status-pages/<slug:slug>/incidents/<uuid:incident_id>", telling.incident, name="status_incident_kept"),
    path("status-pages/<slug:slug>/incidents/<uuid:incident_id>/tell", telling.tell, name="status_tell"),
    path("tickets/<int:number>/customers-told", on_tickets.panel, name="ticket_told"),
    path("tickets/<int:number>/status-page", on_tickets.choose_page, name="ticket_status_page"),
    path("tickets/<int:number>/account-escalation", on_tickets.account_escalation, name="ticket_account"),
    # executives
    path("briefing", briefing.overall, name="briefing"),
    path("briefing/<uuid:escalation_id>", briefing.one, name="brief"),
    # customers as a whole
    path("accounts", accounts.listing, name="accounts"),
    path("accounts/<uuid:organisation_id>", accounts.account, name="account_view"),
    path("accounts/<uuid:organisation_id>/escalate", account_escalations.new, name="account_escalate"),
    path("account-escalations/<int:number>", account_escalations.page, name="account_escalation"),
    path("account-escalations/<int:number>/change", account_escalations.change, name="account_change"),
    path("account-escalations/<int:number>/offer", account_escalations.offer, name="account_offer"),
    path("account-escalations/<int:number>/answer", account_escalations.answer, name="account_answer"),
    path("account-escalations/<int:number>/update", account_escalations.update, name="account_update"),
    path("account-escalations/<int:number>/tickets", account_escalations.add, name="account_add"),
    path(
        "account-escalations/<int:number>/tickets/<int:ticket>/remove",
        account_escalations.remove,
        name="account_remove",
    ),
    path("account-escalations/<int:number>/end", account_escalations.end, name="account_end"),
]
