"""Who may set up integrations, and deal with events that were not understood."""

from tocsin.domain.people.rules import is_administrator

may_set_up_integrations = is_administrator
