"""What insights write: the facts that figures are counted from, and targets."""

from tocsin.domain.insights.actions.metrics import rebuild, refresh
from tocsin.domain.insights.actions.metrics_targets import clear_target, set_target, watch_bands

__all__ = ["clear_target", "rebuild", "refresh", "set_target", "watch_bands"]
