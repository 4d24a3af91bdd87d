"""Django settings. Every environment variable is read in the block below and nowhere else.

Without any variable the product runs in demonstration mode on 127.0.0.1 with embedded services.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from config.embedded import APP_ROLE, OWNER_ROLE, Home, Postgres, Redis, redis_program
from config.environment import NO_BROKER, Environment, broker_address
from config.secret import stored_secret

BASE_DIR = Path(__file__).resolve().parent.parent

# --- The environment ---------------------------------------------------------------------------------------
env = Environment()
PRODUCTION = env.flag("PRODUCTION")
DEBUG = env.flag("DEBUG")
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / ".data"))).expanduser().absolute()
DATABASE_ROLE = env.choice("DATABASE_ROLE", "app", ("app", "owner"))
database = env.database("DATABASE_URL")
owner_database = env.database("DATABASE_OWNER_URL")
broker = env.broker("REDIS_URL")
SECRET_KEY = env.text("SECRET_KEY")
ALLOWED_HOSTS = env.listed("ALLOWED_HOSTS", () if PRODUCTION else ("127.0.0.1", "localhost", "[::1]"))
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS")
TRUST_PROXY = env.flag("TRUST_PROXY")
BIND = env.text("BIND", "127.0.0.1:8000")
WEB_THREADS = env.number("WEB_THREADS", 4, low=1, high=64)
WEB_PROCESSES = env.number("WEB_PROCESSES", 2, low=1, high=64)
DEMO_PASSWORD: str | None = env.text("DEMO_PASSWORD") or None
if PRODUCTION:
    env.needs("SECRET_KEY", SECRET_KEY, "生产环境必须自备不少于 50 个字符的随机密钥")
    env.needs("ALLOWED_HOSTS", ALLOWED_HOSTS, "生产环境必须写明对外服务的域名，多个之间用逗号隔开")
    env.needs("DATABASE_URL", database, "生产环境必须使用独立的 PostgreSQL 服务器")
if database and DATABASE_ROLE == "owner":
    env.needs("DATABASE_OWNER_URL", owner_database, "修改表结构须用数据表所有者的账号连接")
if owner_database and not database:
    env.needs("DATABASE_URL", None, "已指定 DATABASE_OWNER_URL，还须指定程序日常使用的数据库地址")
env.verify()

# --- Services ----------------------------------------------------------------------------------------------
EMBEDDED_DATABASE = database is None
embedded_home = Home(DATA_DIR)
if database is None:
    database = Postgres(embedded_home).parameters(APP_ROLE)
    owner_database = Postgres(embedded_home).parameters(OWNER_ROLE)
DATABASE_APP_ROLE = database["user"]
DATABASE_OWNER_ROLE = owner_database["user"] if owner_database else ""

EMBEDDED_REDIS = not broker and not PRODUCTION and redis_program() is not None
if EMBEDDED_REDIS:
    broker = Redis(embedded_home).url()
REDIS_URL: str | None = broker if broker and broker != NO_BROKER else None


def connection(parameters: dict[str, str] | None, timeouts: str) -> dict[str, Any]:
    """Django's description of a database connection from libpq's parameters."""
    rest = dict(parameters or {})
    own = {
        "NAME": rest.pop("dbname", ""),
        "USER": rest.pop("user", ""),
        "PASSWORD": rest.pop("password", ""),
        "HOST": rest.pop("host", ""),
        "PORT": rest.pop("port", ""),
    }
    options = {**rest, "application_name": "jixiao", "connect_timeout": 10, "options": timeouts}
    return {
        **own,
        "ENGINE": "config.postgresql",
        "OPTIONS": options,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
    }


# A request that waits for a lock longer than a person waits for a page gives up; so does an idle transaction.
APP_CONNECTION = connection(
    database,
    "-c lock_timeout=5s -c statement_timeout=60s -c idle_in_transaction_session_timeout=120s",
)
OWNER_CONNECTION = connection(owner_database, "-c lock_timeout=30s -c statement_timeout=0")
DATABASES = {"default": {**(OWNER_CONNECTION if DATABASE_ROLE == "owner" else APP_CONNECTION)}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Applications ------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "config",
    "workflows",
    "cycle",
    "offices",
    "audit",
    "viewflow.workflow",
    "django_fsm",
    "django_htmx",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
]
AUTH_USER_MODEL = "offices.User"
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
MIDDLEWARE = [
    "audit.middleware.RequestId",
    "config.middleware.security_headers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.sessions.session_limits",
    "config.uploads.upload_limits",
    "config.seating.seats",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.shell",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Language and time -------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

# --- Sign-in and sessions ----------------------------------------------------------------------------------
OWN_SECRET_KEY = bool(SECRET_KEY)
SECRET_KEY = SECRET_KEY or stored_secret(DATA_DIR)
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
SESSION_IDLE = timedelta(minutes=30)
SESSION_LIFETIME = timedelta(hours=12)
SESSION_COOKIE_AGE = int(SESSION_LIFETIME.total_seconds())
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "phone")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# The username is unique whatever its case: an expression constraint, which this check does not look at.
SILENCED_SYSTEM_CHECKS = ["auth.E003"]

# --- Browser security --------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
)
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^health/$"]
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SESSION_COOKIE_NAME = "__Host-session" if PRODUCTION else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if PRODUCTION else "csrf"
if TRUST_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Static files and uploads ------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / ".static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = not PRODUCTION

# Evidence, documents and published tables, named by their SHA-256 (audit.blobs).
BLOB_DIR = DATA_DIR / "blobs"

MEGABYTE = 1024 * 1024
UPLOAD_FILE_LIMIT = 100 * MEGABYTE
UPLOAD_FILES_LIMIT = DATA_UPLOAD_MAX_NUMBER_FILES = 20
UPLOAD_REQUEST_LIMIT = UPLOAD_FILES_LIMIT * UPLOAD_FILE_LIMIT + MEGABYTE
# Before signing in there is nothing to send but a form.
ANONYMOUS_REQUEST_LIMIT = MEGABYTE
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * MEGABYTE
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_MAX_MEMORY_SIZE = MEGABYTE
FILE_UPLOAD_HANDLERS = [
    "config.uploads.FileSizeLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# --- Background work ---------------------------------------------------------------------------------------
# Messages carry ids only and the outbox is the truth: a lost message delays work and never loses it. It is
# acknowledged after its work is done, and returned when its worker dies; kombu looks for such messages every
# interval x throttle seconds, whatever the visibility timeout says.
VISIBILITY_SECONDS = 300
CELERY_BROKER_URL = broker_address(REDIS_URL) if REDIS_URL else "memory://localhost/"
CELERY_TASK_ALWAYS_EAGER = REDIS_URL is None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = VISIBILITY_SECONDS - 30
CELERY_TASK_SOFT_TIME_LIMIT = VISIBILITY_SECONDS - 60
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "jixiao"
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": VISIBILITY_SECONDS,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 30,
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
    "health_check_interval": 15,
    "retry_on_timeout": True,
}
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
# A tick nobody took before the next one is worth nothing: it expires, so that a stopped worker finds no heap.
CELERY_BEAT_SCHEDULE = {
    "relay": {"task": "workflows.tasks.relay", "schedule": 2.0, "options": {"expires": 10}},
    "tick": {"task": "workflows.tasks.tick", "schedule": 60.0, "options": {"expires": 55}},
}

# --- Logs --------------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "celery.beat": {"level": "WARNING"},
        "celery.worker": {"level": "WARNING"},
    },
}
