"""Django's settings. What an operator may set is an environment variable read here (docs/operator.md lists them)."""

import os
import secrets
from pathlib import Path

from django.utils.csp import CSP

from tocsin.config import postgres

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
    "django_htmx",
    "rules.apps.AutodiscoverRulesConfig",
    "procrastinate.contrib.django",
    "tocsin.domain.journal",
    "tocsin.domain.people",
    "tocsin.domain.calendars",
    "tocsin.domain.tickets",
    "tocsin.domain.oncall",
    "tocsin.domain.notify",
    "tocsin.domain.sla",
    "tocsin.domain.escalation",
    "tocsin.config.apps.ConfigConfig",
]
MIDDLEWARE = [
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
    "tocsin.web.middleware.ViewerZone",
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
        },
    }
]
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["rules.permissions.ObjectPermissionBackend", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "queue"
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
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    "manifest-src": [CSP.SELF],
}
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
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
