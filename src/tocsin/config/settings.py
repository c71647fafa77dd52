"""Django's settings. What an operator may set is an environment variable read here (docs/operator.md lists them)."""

import os
import secrets
from pathlib import Path

from django.utils.csp import CSP

from tocsin.config import postgres
from tocsin.config.live import live_sources
from tocsin.config.oidc import oidc_provider

# Threads that learn risk sleep at their barriers: spinning, they would eat the machine that other people work on.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read when scikit-learn is loaded, which only a training does

PACKAGE = Path(__file__).resolve().parent.parent
STATE = postgres.state_directory()


def _secret_key() -> str:
    """Return TOCSIN_SECRET_KEY, or a random key kept in the state directory (0600) for trial and tests."""
    given = os.environ.get("TOCSIN_SECRET_KEY", "")
    if given:
        return given
    STATE.mkdir(parents=True, exist_ok=True)
    path = STATE / "secret_key"
    if not path.exists():
        temporary = path.with_suffix(f".{os.getpid()}")
        temporary.touch(mode=0o600)
        temporary.write_text(secrets.token_urlsafe(48))
        temporary.rename(path)
    return path.read_text()


def _words(name: str) -> tuple[str, ...]:
    """Return a list given by comma, in lower case."""
    return tuple(word.strip().lower() for word in os.environ.get(name, "").split(",") if word.strip())


SECRET_KEY = _secret_key()
DEBUG = os.environ.get("TOCSIN_DEBUG", "") == "1"
DEMO = os.environ.get("TOCSIN_DEMO", "") == "1"  # the built-in mail viewer, for demonstrations only
BASE_URL = os.environ.get("TOCSIN_BASE_URL", "").rstrip("/")
ALLOWED_HOSTS = [h for h in os.environ.get("TOCSIN_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",") if h]
DATABASES = {"default": postgres.database_settings(STATE)}

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "rules.apps.AutodiscoverRulesConfig",
    "procrastinate.contrib.django",
    "tocsin.domain.journal",
    "tocsin.domain.search",
    "tocsin.domain.people",
    "tocsin.domain.calendars",
    "tocsin.domain.tickets",
    "tocsin.domain.desk",
    "tocsin.domain.webhooks",
    "tocsin.domain.knowledge",
    "tocsin.domain.oncall",
    "tocsin.domain.notify",
    "tocsin.domain.sla",
    "tocsin.domain.escalation",
    "tocsin.domain.training",
    "tocsin.domain.stakeholders",
    "tocsin.domain.listening",
    "tocsin.domain.status",
    "tocsin.domain.feedback",
    "tocsin.domain.decisions",
    "tocsin.domain.swarms",
    "tocsin.domain.frontline",
    "tocsin.domain.problems",
    "tocsin.domain.reviews",
    "tocsin.domain.insights",
    "tocsin.domain.risk",
    "tocsin.intake.email",
    "tocsin.intake.alerts",
    "tocsin.api",
    "tocsin.config.apps.ConfigConfig",
]
MIDDLEWARE = [
    "tocsin.api.serving.ShortWay",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tocsin.web.accounts.second_factor.SecondFactor",
    "tocsin.web.middleware.ViewerZone",
    "tocsin.web.middleware.ViewerLanguage",
    "tocsin.web.middleware.Refusals",
]
ROOT_URLCONF = "tocsin.config.urls"
WSGI_APPLICATION = "tocsin.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tocsin.web.shell.shell",
            ],
            "builtins": ["django.templatetags.static", "tocsin.web.tags"],
            "loaders": [("tocsin.web.languages.loader.Loader", ["tocsin.web.languages.loader.Source"])],
        },
    }
]
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["rules.permissions.ObjectPermissionBackend", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BASE_URL.startswith("https://")
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Where open pages hear of changes: ":8001" (the same host, that port), a full address behind a proxy, or "" (pages ask).
LIVE_URL = os.environ.get("TOCSIN_LIVE_URL", "")
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF, *live_sources(LIVE_URL, ALLOWED_HOSTS, BASE_URL)],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    "manifest-src": [CSP.SELF],
    "worker-src": [CSP.SELF],
}
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = os.environ.get("TOCSIN_LANGUAGE", "en")  # of whoever has chosen none, where the browser asks for none
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
FORMAT_MODULE_PATH = ["tocsin.web.languages.formats"]
STATIC_URL = "/static/"
STATIC_ROOT = STATE / "static"
STATICFILES_DIRS = [PACKAGE / "web" / "static"]
WHITENOISE_USE_FINDERS = True  # the built files lie in the package: nothing need be collected before a start
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

SMTP_HOST = os.environ.get("TOCSIN_SMTP_HOST", "")
SMTP_PORT = int(os.environ.get("TOCSIN_SMTP_PORT", "25"))
SMTP_USER = os.environ.get("TOCSIN_SMTP_USER", "")
SMTP_PASSWORD = os.environ.get("TOCSIN_SMTP_PASSWORD", "")
SMTP_TLS = os.environ.get("TOCSIN_SMTP_TLS", "")  # "", starttls or tls
MAIL_FROM = os.environ.get("TOCSIN_MAIL_FROM", "Tocsin <tocsin@localhost>")
WEBHOOK_SECRET = os.environ.get("TOCSIN_WEBHOOK_SECRET", "") or SECRET_KEY
# Networks (CIDR, by comma) that webhooks may reach although they are not public: an on-premise receiver.
WEBHOOK_ALLOW = [n.strip() for n in os.environ.get("TOCSIN_WEBHOOK_ALLOW", "").split(",") if n.strip()]
LEASE_SECONDS = float(os.environ.get("TOCSIN_LEASE_SECONDS", "60"))  # how long a sender may hold a delivery
BUNDLE_OVER = int(os.environ.get("TOCSIN_BUNDLE_OVER", "5"))  # more than so many due at once: one message
PER_MINUTE = int(os.environ.get("TOCSIN_PER_MINUTE", "20"))  # messages to one address; more wait, none is dropped
MAX_ATTEMPTS = int(os.environ.get("TOCSIN_MAX_ATTEMPTS", "6"))  # of one delivery
BEAT_URL = os.environ.get("TOCSIN_BEAT_URL", "")  # dead-man's switch: fetched every minute while nothing is overdue

# Signing in (docs/accounts.md). allauth carries the steps after "who": second factors, passkeys, company sign-in.
ACCOUNT_ADAPTER = "tocsin.web.accounts.adapters.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "tocsin.web.accounts.adapters.SocialAdapter"
MFA_ADAPTER = "tocsin.web.accounts.adapters.MfaAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # nobody registers: people are invited to their address
ACCOUNT_RATE_LIMITS = False  # ours count in the database, over all processes (domain/people/sign_in.py)
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False  # web/accounts/adapters.py decides, by verified addresses only
SOCIALACCOUNT_STORE_TOKENS = False
MFA_RATE_LIMITS = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are the administrator's word, not the person's
MFA_TOTP_TOLERANCE = 1
MFA_TOTP_ISSUER = "Tocsin"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not BASE_URL.startswith("https://")  # trials on one machine
ACCOUNT_FORMS = {"reauthenticate": "tocsin.web.accounts.forms.AgainPasswordForm"}
MFA_FORMS = {
    "activate_totp": "tocsin.web.accounts.forms.AddTotpForm",
    "add_webauthn": "tocsin.web.accounts.forms.AddPasskeyForm",
    "edit_webauthn": "tocsin.web.accounts.forms.RenamePasskeyForm",
    "authenticate": "tocsin.web.accounts.forms.SecondFactorForm",
    "reauthenticate": "tocsin.web.accounts.forms.AgainForm",
    "authenticate_webauthn": "tocsin.web.accounts.forms.SecondPasskeyForm",
    "login_webauthn": "tocsin.web.accounts.forms.PasskeyForm",
    "reauthenticate_webauthn": "tocsin.web.accounts.forms.AgainPasskeyForm",
}
OIDC_ISSUER = os.environ.get("TOCSIN_OIDC_ISSUER", "").rstrip("/")
OIDC_NAME = os.environ.get("TOCSIN_OIDC_NAME", "Company account")  # on the button
OIDC_LINK = os.environ.get(
    "TOCSIN_OIDC_LINK", "verified"
)  # join accounts by an address the provider has verified; or "never"
OIDC_SECOND_FACTOR = os.environ.get("TOCSIN_OIDC_SECOND_FACTOR", "") == "1"  # the provider demands one: that is enough
OIDC_CREATE = (
    os.environ.get("TOCSIN_OIDC_CREATE", "") == "1"
)  # whoever the provider vouches for gets a requester's account
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": oidc_provider(
        OIDC_ISSUER,
        name=OIDC_NAME,
        client_id=os.environ.get("TOCSIN_OIDC_CLIENT_ID", ""),
        secret=os.environ.get("TOCSIN_OIDC_CLIENT_SECRET", ""),
        scope=os.environ.get("TOCSIN_OIDC_SCOPE", "openid email profile"),
    )
}
# Roles that must have a second factor, by comma: administrator,escalation_manager. A person without one sets it up first.
REQUIRE_SECOND_FACTOR = frozenset(
    r.strip() for r in os.environ.get("TOCSIN_REQUIRE_SECOND_FACTOR", "").split(",") if r.strip()
)
# How many proxies of our own stand before us. 0: X-Forwarded-For and -Proto are anybody's word and are not read.
TRUSTED_PROXIES = int(os.environ.get("TOCSIN_TRUSTED_PROXIES", "0"))
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


# Mail in (docs/mail.md). Nothing is taken in while neither a listener nor an IMAP address is set.
MAIL_LISTEN = os.environ.get("TOCSIN_MAIL_LISTEN", "")  # host:port of our own SMTP listener
MAIL_TLS_CERT = os.environ.get("TOCSIN_MAIL_TLS_CERT", "")  # PEM files: with both, STARTTLS is offered
MAIL_TLS_KEY = os.environ.get("TOCSIN_MAIL_TLS_KEY", "")
MAIL_TLS_ONLY = os.environ.get("TOCSIN_MAIL_TLS_ONLY", "") == "1"
MAIL_ADDRESSES = _words("TOCSIN_MAIL_ADDRESSES")  # of the desk, by comma; the first is what we write from
MAIL_DOMAINS = _words("TOCSIN_MAIL_DOMAINS")  # every address of these is the desk's
MAIL_NOTES = os.environ.get("TOCSIN_MAIL_NOTES", "").strip().lower()  # staff who write here add a note
MAIL_LARGEST = int(os.environ.get("TOCSIN_MAIL_LARGEST", str(25 * 1024 * 1024)))  # bytes of one mail
MAIL_SENDERS = os.environ.get("TOCSIN_MAIL_SENDERS", "known_domains")  # unknown ones: open, known_domains or quarantine
MAIL_AUTOMATIC = os.environ.get("TOCSIN_MAIL_AUTOMATIC", "quarantine")  # new mail written by programs: or open
MAIL_AUTHSERV = os.environ.get("TOCSIN_MAIL_AUTHSERV", "").strip().lower()  # whose Authentication-Results are believed
MAIL_SPAM = os.environ.get("TOCSIN_MAIL_SPAM", "")  # header rules by semicolon: X-Spam-Flag: YES; X-Spam-Score >= 5
MAIL_SPAM_CHECK = os.environ.get("TOCSIN_MAIL_SPAM_CHECK", "")  # package.module:function
MAIL_OWN_LISTS = _words("TOCSIN_MAIL_OWN_LISTS")  # List-Ids that only pass mail on to the desk
MAIL_CAP = int(os.environ.get("TOCSIN_MAIL_CAP", "5"))  # automatic mails to one address within an hour
MAIL_FLOOD = int(os.environ.get("TOCSIN_MAIL_FLOOD", "60"))  # mails from one address within an hour; more are set aside
MAIL_PLUS = os.environ.get("TOCSIN_MAIL_PLUS", "1") == "1"  # the mail server delivers desk+anything@ to desk@
MAIL_HOLD = float(
    os.environ.get("TOCSIN_MAIL_HOLD", "3")
)  # seconds until a reply leaves: a status set with it is told with it
MAIL_TO_OWNER = os.environ.get("TOCSIN_MAIL_TO_OWNER", "1") == "1"  # customers' messages go to the ticket's owner
MAIL_KEEP_DAYS = int(
    os.environ.get("TOCSIN_MAIL_KEEP_DAYS", "30")
)  # how long the mail itself is kept after it was dealt with
MAIL_NAME = os.environ.get("TOCSIN_MAIL_NAME", "Service desk")  # how letters sign
IMAP_URL = os.environ.get("TOCSIN_IMAP_URL", "")  # imaps://user@host/INBOX
IMAP_PASSWORD = os.environ.get("TOCSIN_IMAP_PASSWORD", "")
IMAP_MOVE_TO = os.environ.get("TOCSIN_IMAP_MOVE_TO", "")  # folder for what was taken; "" flags it as seen
FILE_UPLOAD_HANDLERS = ["tocsin.web.uploads.Quota", "django.core.files.uploadhandler.TemporaryFileUploadHandler"]
ATTACHMENTS = Path(os.environ.get("TOCSIN_ATTACHMENTS", "") or STATE / "attachments")  # never served as files
ATTACHMENT_LARGEST = int(os.environ.get("TOCSIN_ATTACHMENT_LARGEST", "25000000"))  # bytes of one file
ATTACHMENT_MOST = int(os.environ.get("TOCSIN_ATTACHMENT_MOST", "20"))  # files in one message
ATTACHMENT_TOTAL = int(os.environ.get("TOCSIN_ATTACHMENT_TOTAL", "50000000"))  # bytes in one message
ATTACHMENT_BLOCKED = frozenset(_words("TOCSIN_ATTACHMENT_BLOCKED"))  # more endings, without dot

# Providers of channels (docs/providers.md).
SECRET_KEY_FALLBACKS = [k.strip() for k in os.environ.get("TOCSIN_SECRET_KEY_FALLBACKS", "").split(",") if k.strip()]
CREDENTIAL_KEYS = [k.strip() for k in os.environ.get("TOCSIN_CREDENTIAL_KEYS", "").split(",") if k.strip()]
# Who may be texted and called: ISO codes and calling codes by comma (DE,AT,+44); empty: every country's ordinary numbers.
PHONE_COUNTRIES = frozenset(word.upper() for word in _words("TOCSIN_PHONE_COUNTRIES"))
PHONE_HOURLY_PERSON = int(
    os.environ.get("TOCSIN_PHONE_HOURLY_PERSON", "30")
)  # texts and calls to one person in an hour
PHONE_HOURLY = int(os.environ.get("TOCSIN_PHONE_HOURLY", "300"))  # to everybody together; above it an alarm is raised
# Answering pages by mail (docs/answers.md): replies go to this address with a signed token after a plus. Empty: to the
# mail domain's answer@, or to the desk's own address, where mail is taken in at all.
ANSWER_ADDRESS = os.environ.get("TOCSIN_ANSWER_ADDRESS", "").strip().lower()
PROMISE_PHRASES = os.environ.get("TOCSIN_PROMISE_PHRASES", "")  # a folder whose YAML files add to the words of promises
UNDO_SECONDS = float(os.environ.get("TOCSIN_UNDO_SECONDS", "10"))  # in which a reply can be taken back; 0: sent at once
# How often an escalation of our own goes the whole way, from the decision to a console delivery (docs/drills.md). 0: never.
CANARY_MINUTES = float(os.environ.get("TOCSIN_CANARY_MINUTES", "10"))
API_RATE = int(os.environ.get("TOCSIN_API_RATE", "600"))  # requests of one token in a minute; 0: no limit
API_BODY = int(os.environ.get("TOCSIN_API_BODY", "1000000"))  # bytes of one request's body
# Events of monitoring (docs/integrations.md).
EVENT_LARGEST = int(os.environ.get("TOCSIN_EVENT_LARGEST", "1000000"))  # bytes of one request
EVENT_KEEP_DAYS = int(os.environ.get("TOCSIN_EVENT_KEEP_DAYS", "30"))  # how long events that were dealt with are kept

# Faults of pages and of the API go to standard error: Django's own choice outside DEBUG is a mail to nobody.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler", "level": "ERROR"}},
    "loggers": {"django.request": {"handlers": ["stderr"]}},
}
