"""Who may send what happens here to other programs: it leaves the house, internal notes and all."""

from tocsin.domain.people.rules import is_administrator

may_set_up_webhooks = is_administrator
