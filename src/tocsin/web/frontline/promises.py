"""Promises that other apps make on tickets and that a shift handover shows beside clocks and escalations.

Each source is given the tickets' ids and the time, and returns {ticket id: promises}; the domain of the front line does
not know these apps (docs/structure.md).
"""

from tocsin.domain.frontline.queries import ExtraPromises

SOURCES: tuple[ExtraPromises, ...] = ()
