"""Every route of the product. Who may open which stands on the views (web/access.py); a test refuses one without a mark."""

from django.urls import URLPattern, URLResolver, path

from tocsin.web import demo_mail, health, palette, sign_in
from tocsin.web.control import policies, settings
from tocsin.web.desk import acts, clocks, escalating, proof, queue, ticket
from tocsin.web.people import notifications
from tocsin.web.people import views as people
from tocsin.web.respond import views as respond

urlpatterns: list[URLPattern | URLResolver] = [
    path("", queue.home, name="home"),
    path("sign-in", sign_in.sign_in, name="sign_in"),
    path("sign-out", sign_in.sign_out, name="sign_out"),
    # the desk
    path("queue", queue.queue, name="queue"),
    path("queue/news", queue.news, name="queue_news"),
    path("palette", palette.palette, name="palette"),
    path("tickets/new", acts.new, name="ticket_new"),
    path("tickets/<int:number>", ticket.ticket, name="ticket"),
    path("tickets/<int:number>/live", ticket.live, name="ticket_live"),
    path("tickets/<int:number>/news", ticket.news, name="ticket_news"),
    path("tickets/<int:number>/message", acts.message, name="ticket_message"),
    path("tickets/<int:number>/take", acts.take, name="ticket_take"),
    path("tickets/<int:number>/untake", acts.untake, name="ticket_untake"),
    path("tickets/<int:number>/status", acts.status, name="ticket_status"),
    path("tickets/<int:number>/details", acts.details, name="ticket_details"),
    path("tickets/<int:number>/assign", acts.assign, name="ticket_assign"),
    path("tickets/<int:number>/hand-over", acts.hand_over, name="ticket_hand_over"),
    path("tickets/<int:number>/link", acts.link, name="ticket_link"),
    path("tickets/<int:number>/escalate", escalating.escalate, name="ticket_escalate"),
    path("tickets/<int:number>/escalate/preview", escalating.preview, name="ticket_escalate_preview"),
    path("tickets/<int:number>/clocks/<uuid:clock_id>", clocks.trace, name="clock_trace"),
    path("tickets/<int:number>/clocks/<uuid:clock_id>/agree", clocks.agree, name="clock_agree"),
    path("handovers/<uuid:handover_id>/answer", acts.answer_handover, name="handover_answer"),
    path("handovers/<uuid:handover_id>/withdraw", acts.withdraw_handover, name="handover_withdraw"),
    path("escalations/<uuid:escalation_id>", proof.page, name="escalation_proof"),
    path("escalations/<uuid:escalation_id>.json", proof.as_json, name="escalation_proof_json"),
    path("escalations/<uuid:escalation_id>/end", escalating.end, name="escalation_end"),
    path("escalations/<uuid:escalation_id>/de-escalate", escalating.give_back, name="escalation_de_escalate"),
    path(
        "escalations/<uuid:escalation_id>/after-reassign", escalating.after_reassign, name="escalation_after_reassign"
    ),
    path("de-escalations/<uuid:offer_id>/answer", escalating.answer_give_back, name="de_escalation_answer"),
    path("runs/<uuid:run_id>/respond", respond.by_run, name="run_respond"),
    path("runs/<uuid:run_id>/call-next", escalating.call_next, name="run_call_next"),
    path("runs/<uuid:run_id>/approve", escalating.approve, name="run_approve"),
    path("runs/<uuid:run_id>/refuse", escalating.refuse, name="run_refuse"),
    # answering
    path("respond/", respond.mine, name="respond_mine"),
    path("respond/<str:token>", respond.by_link, name="respond_link"),
    # people
    path("people", people.everybody, name="people"),
    path("people/<uuid:user_id>", people.person, name="person"),
    path("people/<uuid:user_id>/deputy", people.deputy, name="person_deputy"),
    path("people/<uuid:user_id>/deputies/<int:deputy_id>/end", people.end_deputy, name="deputy_end"),
    path("teams/<slug:slug>", people.team, name="team"),
    path("me/notifications", notifications.mine, name="notifications"),
    path("me/notifications/add", notifications.add, name="method_add"),
    path("me/notifications/sequence/<str:urgency>", notifications.set_sequence, name="sequence_set"),
    path("me/notifications/quiet", notifications.set_quiet, name="quiet_set"),
    path("methods/<uuid:method_id>/vouch", notifications.vouch, name="method_vouch"),
    # control
    path("policies", policies.listing, name="policies"),
    path("policies/new", policies.edit, name="policy_new"),
    path("policies/<slug:slug>", policies.detail, name="policy"),
    path("policies/<slug:slug>/preview", policies.preview, name="policy_preview"),
    path("policies/<slug:slug>/edit", policies.edit, name="policy_edit"),
    path("policies/<slug:slug>/versions", policies.versions, name="policy_versions"),
    path("policies/<slug:slug>/enable", policies.enable, name="policy_enable"),
    path("policies/<slug:slug>/rebase", policies.rebase, name="policy_rebase"),
    path("settings", settings.overview, name="settings"),
    path("settings/catch-all", settings.catch_all, name="catch_all"),
    path("settings/maintenance", settings.plan_maintenance, name="maintenance_plan"),
    path("settings/maintenance/<uuid:window_id>/end", settings.end_maintenance, name="maintenance_end"),
    # operators
    path("live", health.live, name="live"),
    path("ready", health.ready, name="ready"),
    path("engine", health.engine, name="engine"),
    path("demo/mail", demo_mail.mail, name="demo_mail"),
]
