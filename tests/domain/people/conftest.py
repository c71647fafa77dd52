"""People of a small house."""

from collections.abc import Callable

import pytest

from tocsin.domain.people.enums import Role
from tocsin.domain.people.models import Organisation, User

type Make = Callable[..., User]


@pytest.fixture
def make(db: None) -> Make:
    """Make a person by first name; an agent unless told otherwise."""

    def made(name: str, role: Role = Role.AGENT, organisation: Organisation | None = None, active: bool = True) -> User:
        return User.objects.create(
            email=f"{name}@example.com", name=name.title(), role=role, organisation=organisation, is_active=active
        )

    return made


@pytest.fixture
def admin(make: Make) -> User:
    return make("admin", Role.ADMINISTRATOR)
