"""The routes of on-call."""

from django.urls import URLPattern, path

from tocsin.web.oncall import changes, feeds, importing, layers, load, mine, views

routes: list[URLPattern] = [
    path("schedules", views.listing, name="schedules"),
    path("schedules/new", views.create, name="schedule_new"),
    path("schedules/<slug:slug>", views.schedule, name="schedule"),
    path("schedules/<slug:slug>/edit", views.edit, name="schedule_edit"),
    path("schedules/<slug:slug>/load", load.of_schedule, name="schedule_load"),
    path("schedules/<slug:slug>/layers/new", layers.new, name="layer_new"),
    path("schedules/<slug:slug>/layers/<int:layer_id>", layers.edit, name="layer_edit"),
    path("schedules/<slug:slug>/layers/<int:layer_id>/up", layers.move, name="layer_move"),
    path("schedules/<slug:slug>/layers/<int:layer_id>/end", layers.remove, name="layer_remove"),
    path("schedules/<slug:slug>/override", changes.override, name="override_new"),
    path("schedules/<slug:slug>/overrides/<uuid:override_id>/end", changes.end_override, name="override_end"),
    path("schedules/<slug:slug>/shift", changes.shift, name="shift_new"),
    path("schedules/<slug:slug>/shifts/<uuid:shift_id>/end", changes.end_shift, name="shift_end"),
    path("schedules/<slug:slug>/swap", changes.offer, name="swap_offer"),
    path("schedules/<slug:slug>/import", importing.shifts, name="shift_import"),
    path("swaps/<uuid:swap_id>/answer", changes.answer_swap, name="swap_answer"),
    path("swaps/<uuid:swap_id>/withdraw", changes.withdraw_swap, name="swap_withdraw"),
    path("on-call/load", load.everywhere, name="oncall_load"),
    path("me/shifts", mine.shifts, name="my_shifts"),
    path("absences/new", mine.absence, name="absence_new"),
    path("absences/<uuid:absence_id>/end", mine.end_absence, name="absence_end"),
    path("absences/<uuid:absence_id>/cover", mine.propose, name="cover_propose"),
    path("absences/<uuid:absence_id>/answer", mine.answer_cover, name="cover_answer"),
    path("me/feeds/make", feeds.make, name="feed_make"),
    path("me/feeds/<uuid:feed_id>/revoke", feeds.revoke, name="feed_revoke"),
    path("calendars/<str:token>.ics", feeds.feed, name="feed"),
]
