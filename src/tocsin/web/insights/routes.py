"""Addresses of insights."""

from django.urls import URLPattern

from tocsin.web.insights.backtest_routes import routes as backtests

routes: list[URLPattern] = [
    *backtests,
]
