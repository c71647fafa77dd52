"""What insights keep: back-tests and shadows beside the read models of the metrics."""

from tocsin.domain.insights.models.backtest import (
    BackTest,
    BackTestChunk,
    BackTestTicket,
    Shadow,
    ShadowLook,
    ShadowReport,
)

__all__ = ["BackTest", "BackTestChunk", "BackTestTicket", "Shadow", "ShadowLook", "ShadowReport"]
