"""Where promises, updates, plans and subscriptions are found."""

from django.urls import URLPattern, path

from tocsin.web.stakeholders import following, plans, promises, ticked, updates

routes: list[URLPattern] = [
    path("promises", promises.ledger, name="promises"),
    path("promises/<uuid:promise_id>/keep", promises.keep, name="promise_keep"),
    path("promises/<uuid:promise_id>/renegotiate", promises.renegotiate, name="promise_renegotiate"),
    path("promises/<uuid:promise_id>/cancel", promises.cancel, name="promise_cancel"),
    path("tickets/<int:number>/promises", promises.panel, name="ticket_promises"),
    path("tickets/<int:number>/promises/new", promises.new, name="promise_new"),
    path("tickets/<int:number>/promises/offers", ticked.offers, name="ticket_promise_offers"),
    path("tickets/<int:number>/update", updates.update, name="ticket_update"),
    path("tickets/<int:number>/update/preview", updates.preview, name="ticket_update_preview"),
    path("tickets/<int:number>/update/not-needed", updates.no_closing, name="ticket_no_closing"),
    path("plans", plans.plans, name="plans"),
    path("plans/<slug:kind>", plans.edit_plan, name="plan_edit"),
    path("plans/templates/new", plans.edit_template, name="template_new"),
    path("plans/templates/preview", plans.preview_template, name="template_preview"),
    path("plans/templates/<uuid:template_id>", plans.edit_template, name="template_edit"),
    path("following", following.following, name="following"),
    path("following/new", following.follow, name="follow"),
    path("following/feed", following.make_feed, name="updates_feed_make"),
    path("following/escalations/<uuid:escalation_id>", following.follow_escalation, name="follow_escalation"),
    path("following/<uuid:subscription_id>/end", following.unfollow, name="unfollow"),
    path("unsubscribe/<str:token>", following.unsubscribe, name="unsubscribe"),
    path("feeds/updates/<str:token>", following.feed, name="updates_feed"),
]
