"""Addresses of risk."""

from django.urls import path

from tocsin.web.risk import on_tickets, pages

routes = [
    path("risk", pages.overview, name="risk"),
    path("risk/<slug:outcome>", pages.card, name="risk_card"),
    path("risk/<slug:outcome>/training", pages.training, name="risk_training"),
    path("risk/<slug:outcome>/train", pages.train, name="risk_train"),
    path("risk/<slug:outcome>/switch", pages.switch, name="risk_switch"),
    path("tickets/<int:number>/risk", on_tickets.panel, name="ticket_risk"),
    path("tickets/<int:number>/risk/<slug:outcome>", on_tickets.answer, name="ticket_risk_answer"),
]
