"""Who there is: customers, staff, teams on their lines, services, deputies, skills (SEMANTICS 1)."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Upper

from tocsin.domain.people.enums import Line, LinkPurpose, Refusal, Role, SignInMethod
from tocsin.kernel.ids import new_id


class PersonStore(BaseUserManager["User"]):
    """Finds people by the address they sign in with."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class Organisation(models.Model):
    """A customer (or our own company)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=120, unique=True)
    zone = models.CharField(max_length=64, default="UTC", help_text="IANA time zone")
    account_manager = models.ForeignKey("User", models.SET_NULL, null=True, blank=True, related_name="accounts")
    external_ref = models.CharField(max_length=120, blank=True, default="")
    members_see_all = models.BooleanField(default=False, help_text="its people see all its tickets in the portal")
    is_demo = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class User(AbstractBaseUser):
    """A person: requester at a customer, or staff. Deactivated, never deleted."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=20, choices=Role, default=Role.REQUESTER)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="people")
    manager = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="reports")
    zone = models.CharField(max_length=64, default="UTC", help_text="IANA time zone")
    language = models.CharField(max_length=8, blank=True, default="", help_text="empty: as the browser asks")
    sees_organisation = models.BooleanField(
        default=False, help_text="sees all tickets of the own organisation, whatever that has set"
    )
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(null=True, blank=True)
    is_demo = models.BooleanField(default=False)

    objects = PersonStore()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        # Nobody has two accounts that differ in case only; also serves look-ups by __iexact.
        constraints = [models.UniqueConstraint(Upper("email"), name="people_email_once")]

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """A group on one support line."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=120, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    line = models.CharField(max_length=12, choices=Line, default=Line.L1)
    lead = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="teams_led")
    escalation_manager = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="teams_managed")
    escalates_to = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="escalated_from")
    members = models.ManyToManyField(User, through="Membership", related_name="teams")
    is_demo = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One person in one team."""

    team = models.ForeignKey(Team, models.CASCADE)
    user = models.ForeignKey(User, models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="people_membership_once")]


class Deputy(models.Model):
    """`deputy` answers for `user` from `starts_at` to `ends_at` (UTC; an open end is null)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="deputies")
    deputy = models.ForeignKey(User, models.CASCADE, related_name="deputy_for")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(user=models.F("deputy")), name="people_deputy_not_self"),
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True) | models.Q(ends_at__gt=models.F("starts_at")),
                name="people_deputy_ends_after_start",
            ),
        ]


class Service(models.Model):
    """What the business uses, and which team owns it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=120, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="services")
    offered = models.BooleanField(default=True, help_text="customers may choose it in the portal")
    categories = models.JSONField(default=list, help_text="what a customer may choose to say it is about")
    is_demo = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class Skill(models.Model):
    """Something a person can do that a level may ask for ("Oracle RAC", "Czech")."""

    name = models.CharField(max_length=80, unique=True)
    people = models.ManyToManyField(User, related_name="skills", blank=True)

    def __str__(self) -> str:
        return self.name


class Attempt(models.Model):
    """Something that is limited and was tried, kept for a day. `who` is a keyed digest: people type passwords there."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=20, default="password", help_text="a name in sign_in.LIMITS")
    who = models.CharField(max_length=64)
    address = models.CharField(max_length=64, help_text="the network address it came from")
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["kind", "address", "at"], name="people_attempt_address"),
            models.Index(fields=["kind", "who", "at"], name="people_attempt_who"),
        ]


class UsedCode(models.Model):
    """A one-time code that was taken, by its keyed digest: none is taken twice, by whichever process (RFC 6238)."""

    digest = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField()


class SignIn(models.Model):
    """One try to sign in, for the audit: who, when, from where, how, and why it was refused. Kept for a year."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="sign_ins", help_text="null: nobody known")
    method = models.CharField(max_length=20, choices=SignInMethod)
    second = models.CharField(max_length=20, blank=True, default="", choices=SignInMethod, help_text="second factor")
    refused = models.CharField(max_length=30, blank=True, default="", choices=Refusal, help_text="empty: let in")
    address = models.CharField(max_length=64, help_text="network address")
    browser = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["-at"], name="people_sign_in_at"),
            models.Index(fields=["user", "-at"], name="people_sign_in_user"),
        ]


class OneTimeLink(models.Model):
    """A link that was mailed: an invitation, a sign-in, a new password. Good once, until it expires.

    The row holds no secret: the link is its id, signed with the installation's key (`one_time.token_of`).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="one_time_links")
    purpose = models.CharField(max_length=10, choices=LinkPurpose)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    made_by = models.CharField(max_length=80, help_text="the journal's word for who asked for it")
    where = models.CharField(max_length=300, blank=True, default="", help_text="path to go to afterwards")

    class Meta:
        indexes = [models.Index(fields=["user", "purpose"], name="people_link_user")]


class ApiToken(models.Model):
    """A secret with which a program acts as a person, within its scopes. Only the digest of it is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=120, help_text="what it is for")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token, which has 256 random bits")
    prefix = models.CharField(max_length=24, help_text="how it begins, to tell one from another")
    scopes = models.JSONField(default=list, help_text="Scope values")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True, help_text="written at most once a minute")

    class Meta:
        indexes = [models.Index(fields=["user", "-made_at"], name="people_token_user")]
