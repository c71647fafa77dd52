"""Addresses of insights."""

from django.urls import URLPattern, path

from tocsin.web.insights import metrics_files, metrics_pages, metrics_targets, reports
from tocsin.web.insights.backtest_routes import routes as backtests

routes: list[URLPattern] = [
    path("insights", metrics_pages.overview, name="insights"),
    path("insights.csv", metrics_pages.as_csv, name="insights_csv"),
    path("insights/metrics/<slug:key>", metrics_pages.metric, name="insights_metric"),
    path("insights/metrics/<slug:key>.csv", metrics_pages.metric_csv, name="insights_metric_csv"),
    path("insights/metrics/<slug:key>/by/<slug:dimension>.csv", metrics_files.groups_csv, name="insights_groups_csv"),
    path("insights/metrics/<slug:key>/target", metrics_targets.edit, name="insights_target_edit"),
    path("insights/tickets", metrics_pages.tickets, name="insights_tickets"),
    path("insights/tickets.csv", metrics_pages.tickets_csv, name="insights_tickets_csv"),
    path("insights/targets", metrics_targets.listing, name="insights_targets"),
    path("insights/targets/<uuid:target>/clear", metrics_targets.clear, name="insights_target_clear"),
    path("insights/wall", metrics_pages.wall, name="insights_wall"),
    path("insights/reports", reports.listing, name="insights_reports"),
    path("insights/reports/new", reports.new, name="insights_report_new"),
    path("insights/reports/leave/<str:token>", reports.leave, name="insights_report_leave"),
    path("insights/reports/<uuid:report>", reports.report, name="insights_report"),
    path("insights/reports/<uuid:report>.pdf", reports.pdf, name="insights_report_pdf"),
    path("insights/reports/<uuid:report>/edit", reports.edit, name="insights_report_edit"),
    path("insights/reports/<uuid:report>/sample", reports.sample, name="insights_report_sample"),
    path("insights/reports/<uuid:report>/remove", reports.remove, name="insights_report_remove"),
    path("insights/reports/<uuid:report>/stop", reports.stop, name="insights_report_stop"),
    *backtests,
]
