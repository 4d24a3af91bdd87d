"""Django settings. Every environment variable is read in the block below and nowhere else.

Without any variable the product runs in demonstration mode on 127.0.0.1 with embedded services.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from config.embedded import APP_ROLE, OWNER_ROLE, Home, Postgres, Redis, redis_program
from config.environment import Environment
from config.secret import stored_secret

BASE_DIR = Path(__file__).resolve().parent.parent

# --- The environment -------------------------------------------------------------------------------------------
env = Environment()
PRODUCTION = env.flag("PRODUCTION")
DEBUG = env.flag("DEBUG")
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / ".data"))).expanduser().absolute()
DATABASE_ROLE = env.choice("DATABASE_ROLE", "app", ("app", "owner"))
database = env.database("DATABASE_URL")
owner_database = env.database("DATABASE_OWNER_URL")
REDIS_URL: str | None = env.broker("REDIS_URL") or None
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

# --- Services --------------------------------------------------------------------------------------------------
EMBEDDED_DATABASE = database is None
embedded_home = Home(DATA_DIR)
if database is None:
    database = Postgres(embedded_home).parameters(APP_ROLE)
    owner_database = Postgres(embedded_home).parameters(OWNER_ROLE)
DATABASE_APP_ROLE = database["user"]
DATABASE_OWNER_ROLE = owner_database["user"] if owner_database else ""

EMBEDDED_REDIS = REDIS_URL is None and not PRODUCTION and redis_program() is not None
if EMBEDDED_REDIS:
    REDIS_URL = Redis(embedded_home).url()


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


# A request that waits for a lock longer than a person waits for a page gives up; so does a transaction left open.
APP_CONNECTION = connection(
    database,
    "-c lock_timeout=5s -c statement_timeout=60s -c idle_in_transaction_session_timeout=120s",
)
OWNER_CONNECTION = connection(owner_database, "-c lock_timeout=30s -c statement_timeout=0")
DATABASES = {"default": {**(OWNER_CONNECTION if DATABASE_ROLE == "owner" else APP_CONNECTION)}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Applications ----------------------------------------------------------------------------------------------
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
]
AUTH_USER_MODEL = "offices.User"
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
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
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / ".static"
STATICFILES_DIRS = [BASE_DIR / "static"]

# --- Language and time -----------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

# --- Sign-in and sessions --------------------------------------------------------------------------------------
SECRET_KEY = SECRET_KEY or stored_secret(DATA_DIR)
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
SESSION_IDLE = timedelta(minutes=30)
SESSION_LIFETIME = timedelta(hours=12)
