"""Addresses of feedback."""

from django.urls import URLPattern, path

from tocsin.web.feedback import pages, public, recovering, setting

routes: list[URLPattern] = [
    path("feedback", pages.overview, name="feedback"),
    path("feedback/ratings", pages.listing, name="feedback_ratings"),
    path("feedback/ratings.csv", pages.as_csv, name="feedback_csv"),
    path("feedback/mine", pages.mine, name="feedback_mine"),
    path("feedback/mine/<uuid:ask>", pages.answer, name="feedback_answer"),
    path("feedback/escalations/<uuid:escalation>", pages.around, name="feedback_around"),
    path("feedback/recovery", recovering.listing, name="recoveries"),
    path("feedback/recovery/<uuid:recovery>", recovering.one, name="recovery"),
    path("feedback/recovery/<uuid:recovery>/outcome", recovering.end, name="recovery_end"),
    path("feedback/recovery/<uuid:recovery>/hand-on", recovering.give, name="recovery_give"),
    path("settings/feedback", setting.overview, name="feedback_setting"),
    path("settings/feedback/edit", setting.edit, name="feedback_setting_edit"),
    path("settings/feedback/questions/<slug:party>", setting.questions, name="feedback_questions"),
    path("settings/feedback/preview/<slug:what>", setting.preview, name="feedback_preview"),
    path("tickets/<int:number>/feedback", pages.panel, name="ticket_feedback"),
    path("asked/stop/<str:token>", public.stop, name="feedback_stop"),
    path("asked/<str:token>", public.asked, name="feedback_asked"),
]
