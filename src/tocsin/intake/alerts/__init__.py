"""Alerts of monitoring: stored before anybody is told, then taken in as tickets (SECURITY 10)."""
