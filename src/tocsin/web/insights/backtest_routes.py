"""Where back-tests, the threshold advisor and shadows are found."""

from django.urls import path

from tocsin.web.insights import backtests, shadows

routes = [
    path("backtests", backtests.listing, name="backtests"),
    path("backtests/new", backtests.new, name="backtest_new"),
    path("backtests/<uuid:backtest>", backtests.backtest, name="backtest"),
    path("backtests/<uuid:backtest>/progress", backtests.progress, name="backtest_progress"),
    path("backtests/<uuid:backtest>/cancel", backtests.cancel, name="backtest_cancel"),
    path("backtests/<uuid:backtest>/tickets/<int:number>", backtests.on_ticket, name="backtest_ticket"),
    path("policies/<slug:slug>/threshold", backtests.threshold, name="threshold_new"),
    path("policies/<slug:slug>/shadow", shadows.new, name="shadow_new"),
    path("shadows", shadows.listing, name="shadows"),
    path("shadows/<uuid:shadow>", shadows.shadow, name="shadow"),
    path("shadows/<uuid:shadow>/stop", shadows.stop, name="shadow_stop"),
    path("shadows/<uuid:shadow>/tickets/<int:number>", shadows.on_ticket, name="shadow_ticket"),
]
