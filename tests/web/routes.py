"""Every route of the product with arguments from the small desk, and what each kind of person gets."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.urls import get_resolver

from tocsin.domain.escalation.models import Run
from tocsin.domain.listening.links import heard_token
from tocsin.domain.notify import links
from tocsin.domain.notify.models import ContactMethod

NOWHERE = UUID("00000000-0000-7000-8000-000000000000")
# Routes that only take a POST: what a GET answers there is 405 (or the sign-in).
POST_ONLY = {
    "ticket_presence", "ticket_draft", "held_take_back", "ticket_macro_use", "macro_delete", "ticket_asset_off",
    "ticket_follow", "ticket_wake", "bulk", "bulk_undo", "saved_view_delete",
    "mails_act", "webhook_test", "webhook_enable", "webhook_again", "set_up_code", "set_up_off",
    "answer_button", "drill_switch", "drill_cancel",
    "hook_slack_interactive", "push_subscribe", "hook_slack_command", "hook_telegram",
    "hook_twilio_sms", "hook_twilio_status", "hook_twilio_call_status", "hook_twilio_voice", "hook_twilio_keys",
    "provider_enable", "provider_move", "provider_test",
    "sign_out", "ticket_message", "ticket_take", "ticket_untake", "handover_withdraw", "escalation_after_reassign",
    "run_call_next", "run_approve", "sequence_set", "quiet_set", "method_vouch",
    "method_code", "method_test", "hook_pushover", "policy_enable", "maintenance_end", "deputy_end",
    "override_end", "shift_end", "swap_answer", "swap_withdraw", "absence_end", "cover_answer", "feed_make", "feed_revoke",
    "layer_move", "layer_remove",
    "portal_reply", "portal_close", "portal_rate", "oidc_begin", "oidc_leave", "sessions_end", "person_invite_again",
    "integration_pause", "integration_test", "integration_retry", "event_retry", "event_dismiss", "event", "events",
    "decision_withdraw", "knowledge_missed", "article_act", "article_restore", "ticket_help_judge", "ticket_article_insert",
    "ticket_article_follow", "ticket_step", "ticket_to_article",
    "invitation_accept", "swarm_join", "swarm_leave", "escalation_command_open", "escalation_command_state",
    "escalation_command_role_take", "escalation_command_role_end", "escalation_command_pin", "command_task_state",
    "command_note_off",
    "article_files", "article_file_remove", "article_viewed", "shift_answer", "shift_withdraw", "course_act",
    "requirement_release", "skill_strike",
    "promise_keep", "ticket_promise_offers", "ticket_update_preview", "ticket_no_closing", "updates_feed_make",
    "follow_escalation", "unfollow",
    "status_page_link", "status_component_state", "status_component_remove", "account_remove",
    "ticket_mood", "ticket_advice", "ticket_assistant_insert", "signal_word_reset", "advice_restore", "advice_rule_switch",
    "advice_rule_drop", "assistant_test",
    "risk_train", "risk_switch", "ticket_risk_answer",
    "problem_act", "problem_unlink", "push_take_back", "measure_withdraw", "ticket_problem_belongs",
    "review_notes", "review_gather", "moment_pick", "moment_remove", "cause_move", "cause_remove", "corrective_action_article",
    "review_watching", "review_move", "review_share_revoke", "review_rule_remove", "cause_category_retire",
    "insights_target_clear",
    "insights_report_sample", "insights_report_remove", "insights_report_stop",
    "backtest_cancel", "shadow_stop",
    "person_reactivate", "person_sign_out", "person_forget_factor", "token_revoke",
}  # fmt: skip
OF_STATUS_PAGE = {
    "status", "status_history", "status_feed", "status_summary", "status_subscribe", "status_page", "status_page_edit",
    "status_page_link", "status_page_remove", "status_component_new", "status_incident_new", "status_maintenance_new",
}  # fmt: skip
OF_STATUS_PART = {
    "status_incident", "status_component", "status_component_state", "status_component_remove", "status_incident_kept",
    "status_tell",
}  # fmt: skip
OF_ACCOUNT = {
    "account_escalation", "account_change", "account_offer", "account_answer", "account_update", "account_add", "account_end",
}  # fmt: skip
OF_SCHEDULE = {
    "schedule", "schedule_edit", "schedule_load", "layer_new", "override_new", "shift_new", "swap_offer", "shift_import",
}  # fmt: skip


def names() -> list[str]:
    """Return the name of every route but the API's own, which tests/api walks."""
    return sorted(
        pattern.name for pattern in get_resolver().url_patterns if not getattr(pattern.callback, "short_way", False)
    )


def view_of(name: str) -> Callable[..., Any]:
    return next(pattern.callback for pattern in get_resolver().url_patterns if pattern.name == name)


def arguments(name: str, desk: Any) -> list[Any]:
    """Return what a route's address needs, from things that exist where they can."""
    exact = _exact(desk)
    if name in exact:
        return exact[name]
    if name.startswith("portal_") and name not in ("portal_new", "portal_suggest"):
        return [desk.ticket.number]
    if name.startswith("person_") and name != "person_invite":
        return [desk.agent.pk]
    if name.startswith("escalation_"):
        return [desk.escalated.pk]
    if name.startswith("ticket") and name != "ticket_new":
        return [desk.ticket.number]
    if name in ("layer_edit", "layer_move", "layer_remove"):
        return ["first-line", desk.schedule.layers.get().pk]
    if name in OF_SCHEDULE:
        return ["first-line"]
    if name.startswith("policy") and name != "policy_new":
        return ["quick"]
    return []


@lru_cache(maxsize=1)  # a walk asks for the addresses of one desk hundreds of times
def _exact(desk: Any) -> dict[str, list[Any]]:
    """Return the arguments of the routes that are called like nothing else."""
    run = Run.objects.get(escalation=desk.escalated)
    token = links.respond_token(run.pk, run.cycle, run.level, desk.agent.pk, now=desk.now)
    return {
        **{f"run_{what}": [run.pk] for what in ("respond", "call_next", "approve", "refuse")},
        "held_take_back": [desk.ticket.number, NOWHERE],
        "ticket_macro_use": [desk.ticket.number, NOWHERE],
        **{f"promise_{what}": [NOWHERE] for what in ("keep", "renegotiate", "cancel")},
        "promise_new": [desk.ticket.number],
        "plan_edit": ["customer"],
        "template_edit": [NOWHERE],
        "follow_escalation": [desk.escalated.pk],
        "unfollow": [NOWHERE],
        "unsubscribe": ["never-was"],
        "updates_feed": ["never-was"],
        "ticket_asset_off": [desk.ticket.number, NOWHERE],
        "ticket_split": [desk.ticket.number, NOWHERE],
        **{name: [NOWHERE] for name in ("macro_edit", "macro_delete", "bulk_undo", "saved_view_delete", "field_edit")},
        "asset": [NOWHERE],
        **{name: ["breach"] for name in ("risk_card", "risk_training", "risk_train", "risk_switch")},
        "ticket_risk_answer": [desk.ticket.number, "breach"],
        **{name: [1] for name in ("article", "article_edit", "article_act", "article_opinion", "article_versions")},
        **{name: ["never-was"] for name in ("decision", "decision_edit")},
        **{name: [NOWHERE] for name in ("decision_answer", "decision_withdraw")},
        "article_files": [1],
        "article_viewed": [1],
        "article_file": [NOWHERE],
        "article_file_remove": [NOWHERE],
        **{name: [NOWHERE] for name in ("shift", "shift_answer", "shift_withdraw")},
        **{f"course{what}": [NOWHERE] for what in ("", "_edit", "_act", "_take")},
        "attempt": [NOWHERE],
        "completion_sign": [NOWHERE],
        "requirement_release": [1],
        "skill_strike": [NOWHERE, 1],
        "board_reassign": [desk.ticket.number],
        "team_coverage": [desk.team.slug],
        "team_ask_to_learn": [desk.team.slug],
        "portal_article": [1],
        "portal_knowledge": [],
        "article_restore": [1, 1],
        "ticket_article_insert": [desk.ticket.number, 1],
        "ticket_article_follow": [desk.ticket.number, 1],
        "ticket_step": [desk.ticket.number, 1, 1],
        "swarm_link": ["never-was"],
        **{f"invitation_{one}": [NOWHERE] for one in ("accept", "decline")},
        **{f"swarm_{one}": [NOWHERE] for one in ("join", "leave", "answer", "end")},
        **{name: [NOWHERE] for name in ("command_task", "command_task_state", "command_note_off")},
        **{
            name: [NOWHERE]
            for name in ("feedback_answer", "feedback_around", "recovery", "recovery_end", "recovery_give")
        },
        "feedback_questions": ["customer"],
        "feedback_preview": ["csat"],
        "feedback_asked": ["never-was"],
        "feedback_stop": ["never-was"],
        **{name: ["no-page"] for name in OF_STATUS_PAGE},
        **{name: ["no-page", NOWHERE] for name in OF_STATUS_PART},
        **{name: ["never-was"] for name in ("status_confirm", "status_leave")},
        **{name: [11] for name in OF_ACCOUNT},
        "account_remove": [11, desk.ticket.number],
        "brief": [desk.escalated.pk],
        "account_view": [desk.customer.pk],
        "account_escalate": [desk.customer.pk],
        "ticket_concern": [desk.ticket.number, NOWHERE],
        "ticket_assistant": [desk.ticket.number, "summary"],
        "ticket_assistant_insert": [desk.ticket.number, NOWHERE],
        "signal_correct": [NOWHERE],
        "advice_restore": [0],
        **{f"advice_rule_{what}": ["en-vague-asap"] for what in ("edit", "switch", "drop")},
        "heard_link": [heard_token(NOWHERE, 1, desk.requester.pk, now=desk.now)],
        **{f"problem{one}": [1] for one in ("", "_edit", "_act", "_link", "_publish", "_workaround", "_merge")},
        **{name: [1] for name in ("hypothesis_new", "measure_new")},
        **{name: [1, NOWHERE] for name in ("hypothesis_judge", "measure_withdraw", "push_take_back")},
        **{f"proposal{one}": [NOWHERE] for one in ("", "_accept", "_merge", "_reject")},
        **{name: [] for name in ("problems", "problem_new", "proposals", "measures", "digests")},
        "problem_end": [1, "close"],
        **{name: [] for name in ("reviews", "review_new", "corrective_actions", "closings", "reviews_setting")},
        **{name: [] for name in ("reviews_setting_edit", "review_rule_new", "cause_category_new")},
        **{f"review{one}": [1] for one in ("", "_edit", "_notes", "_gather", "_move", "_sign", "_versions", "_pdf")},
        **{
            name: [1]
            for name in (
                "review_share",
                "review_share_preview",
                "review_watching",
                "moment_new",
                "cause_new",
                "corrective_action_new",
            )
        },
        **{name: [1, NOWHERE] for name in ("moment_edit", "moment_pick", "moment_remove", "review_share_revoke")},
        **{f"cause_{one}": [1, NOWHERE] for one in ("edit", "move", "remove")},
        **{f"corrective_action_{one}": [1, NOWHERE] for one in ("edit", "done", "drop", "measure", "article")},
        **{name: ["never-was"] for name in ("shared_review", "shared_review_pdf")},
        **{name: [NOWHERE] for name in ("review_rule_edit", "review_rule_remove", "cause_category_edit")},
        "cause_category_retire": [NOWHERE],
        "problem_unlink": [1, desk.ticket.number],
        "digest": ["first-line", "2026-01"],
        "ticket_problem_belongs": [desk.ticket.number, 1],
        **{name: [NOWHERE] for name in ("backtest", "backtest_progress", "backtest_cancel", "shadow", "shadow_stop")},
        **{name: [NOWHERE, 1] for name in ("backtest_ticket", "shadow_ticket")},
        **{name: ["quick"] for name in ("threshold_new", "shadow_new")},
        "set_up_first": ["no-token"],
        "set_up_step": ["team"],
        **{
            f"webhook{one}": [NOWHERE]
            for one in ("", "_edit", "_test", "_enable", "_secret", "_remove", "_again_since")
        },
        "webhook_delivery": [NOWHERE, NOWHERE],
        "webhook_again": [NOWHERE, NOWHERE],
        "asset_edit": [NOWHERE],
        "override_end": ["first-line", NOWHERE],
        "shift_end": ["first-line", NOWHERE],
        "swap_answer": [NOWHERE],
        "swap_withdraw": [NOWHERE],
        "absence_end": [NOWHERE],
        "cover_propose": [NOWHERE],
        "cover_answer": [NOWHERE],
        "feed_revoke": [NOWHERE],
        "feed": [desk.feed],
        "respond_link": [token],
        "short_link": ["never-was"],
        "hook_telegram": [NOWHERE],
        "hook_slack_interactive": [NOWHERE],
        "hook_slack_command": [NOWHERE],
        "hook_twilio_sms": [NOWHERE],
        "provider_new": ["smtp"],
        **{f"hook_twilio_{what}": [NOWHERE, NOWHERE] for what in ("status", "call_status", "voice", "keys")},
        **{f"provider_{what}": [NOWHERE] for what in ("edit", "enable", "move", "remove", "test")},
        "answer_button": [links.answer_token(NOWHERE, now=desk.now)],
        "token_revoke": [NOWHERE],
        "person": [desk.agent.pk],
        "insights_metric": ["csat"],
        "insights_metric_csv": ["csat"],
        "insights_groups_csv": ["csat", "team"],
        "insights_target_edit": ["csat"],
        "insights_target_clear": [NOWHERE],
        "insights_report_leave": ["never-was"],
        **{f"insights_report{name}": [NOWHERE] for name in ("", "_pdf", "_edit", "_sample", "_remove", "_stop")},
        "person_deputy": [desk.agent.pk],
        "deputy_end": [desk.agent.pk, 1],
        "team": [desk.team.slug],
        "sequence_set": ["high"],
        "method_verify": [ContactMethod.objects.get(user=desk.agent).pk],
        "method_code": [ContactMethod.objects.get(user=desk.agent).pk],
        "method_test": [ContactMethod.objects.get(user=desk.agent).pk],
        "method_remove": [ContactMethod.objects.get(user=desk.agent).pk],
        "method_trial": [NOWHERE],
        "hook_pushover": ["never-was"],
        "method_vouch": [ContactMethod.objects.get(user=desk.agent).pk],
        "maintenance_end": [NOWHERE],
        "drill": [NOWHERE],
        "drill_json": [NOWHERE],
        "drill_switch": [NOWHERE],
        "drill_cancel": [NOWHERE],
        "link_ask": ["sign_in"],
        "link_enter": ["sign_in", "never-was"],
        "mfa_edit_webauthn": [1],
        "mfa_remove_webauthn": [1],
        "organisation": [desk.customer.pk],
        "organisation_edit": [desk.customer.pk],
        "service_edit": [desk.service.slug],
        "team_edit": [desk.team.slug],
        "attachment": [NOWHERE],
        "attachment_picture": [NOWHERE],
        "mail": [NOWHERE],
        "event": ["never-was"],
        "integration": [NOWHERE],
        **{f"integration_{what}": [NOWHERE] for what in ("edit", "rotate", "pause", "test", "remove", "retry")},
        "event_detail": [1],
        "event_retry": [1],
        "event_dismiss": [1],
        "mail_release": [NOWHERE],
        "mail_delete": [NOWHERE],
        "handover_answer": [NOWHERE],
        "handover_withdraw": [NOWHERE],
        "de_escalation_answer": [NOWHERE],
        "clock_trace": [desk.ticket.number, NOWHERE],
        "clock_agree": [desk.ticket.number, NOWHERE],
    }
