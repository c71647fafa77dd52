"""Addresses of listening."""

from django.urls import URLPattern, path

from tocsin.web.listening import advising, assisting, calls, heard, on_tickets, signals

routes: list[URLPattern] = [
    path("tickets/<int:number>/listening", on_tickets.panel, name="ticket_listening"),
    path("tickets/<int:number>/listening/edit", on_tickets.edit, name="ticket_listening_edit"),
    path("tickets/<int:number>/listening/play-back", on_tickets.play_back, name="ticket_play_back"),
    path("tickets/<int:number>/listening/answer", on_tickets.confirm, name="ticket_listening_answer"),
    path("tickets/<int:number>/listening/mood", on_tickets.mood, name="ticket_mood"),
    path("tickets/<int:number>/listening/versions", on_tickets.versions, name="ticket_listening_versions"),
    path("tickets/<int:number>/listening/concerns/<uuid:concern_id>", on_tickets.answered, name="ticket_concern"),
    path("tickets/<int:number>/advice", on_tickets.advice, name="ticket_advice"),
    path("tickets/<int:number>/call", calls.call_notes, name="ticket_call"),
    path("tickets/<int:number>/signals", signals.of_ticket, name="ticket_signals"),
    path("tickets/<int:number>/assistant/<slug:wanted>", assisting.ask, name="ticket_assistant"),
    path("tickets/<int:number>/drafts/<uuid:draft_id>/insert", assisting.insert, name="ticket_assistant_insert"),
    path("signals", signals.overview, name="signals"),
    path("signals/words", signals.words, name="signal_words"),
    path("signals/words/reset", signals.reset_word, name="signal_word_reset"),
    path("signals/<uuid:signal_id>/correct", signals.correct, name="signal_correct"),
    path("settings/advice", advising.rules_page, name="advice_rules"),
    path("settings/advice/new", advising.edit, name="advice_rule_new"),
    path("settings/advice/versions", advising.versions, name="advice_versions"),
    path("settings/advice/versions/<int:version>/restore", advising.restore, name="advice_restore"),
    path("settings/advice/rules/<slug:key>/edit", advising.edit, name="advice_rule_edit"),
    path("settings/advice/rules/<slug:key>/switch", advising.switch, name="advice_rule_switch"),
    path("settings/advice/rules/<slug:key>/remove", advising.drop, name="advice_rule_drop"),
    path("settings/assistant", assisting.settings, name="assistant"),
    path("settings/assistant/test", assisting.test, name="assistant_test"),
    path("heard/<str:token>", heard.by_link, name="heard_link"),
    path("portal/<int:number>/heard", heard.in_portal, name="portal_heard"),
    path("portal/<int:number>/heard/line", heard.portal_line, name="portal_heard_line"),
]
