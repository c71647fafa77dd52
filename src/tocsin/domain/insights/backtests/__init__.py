"""Back-tests, shadow mode and the threshold advisor (docs/backtest.md)."""
