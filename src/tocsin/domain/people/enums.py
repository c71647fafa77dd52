from django.db import models


class Line(models.TextChoices):
    """Support lines, in the order in which work climbs."""

    L1 = "L1", "First line"
    L2 = "L2", "Second line"
    L3 = "L3", "Third line"
    MANAGEMENT = "management", "Management"


class Role(models.TextChoices):
    """What a person is in Tocsin; predicates in rules.py say what each may do."""

    REQUESTER = "requester", "Requester"
    AGENT = "agent", "Agent"
    LEAD = "lead", "Team lead"
    ESCALATION_MANAGER = "escalation_manager", "Escalation manager"
    PROBLEM_MANAGER = "problem_manager", "Problem manager"
    STAKEHOLDER = "stakeholder", "Stakeholder"
    ADMINISTRATOR = "administrator", "Administrator"
