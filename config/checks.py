"""What makes a production system dangerous: `check --deploy` tells it, web, worker and beat refuse to start.

Each problem has a number of its own, so that an operator's notes can name it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

import redis
from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError, connection
from django.utils import timezone

from audit.models import Clock
from offices.models import User

SECRET_LENGTH = 50
SECRET_VARIETY = 20
CLOCK_TOLERANCE = dt.timedelta(seconds=2)
BROAD_HOSTS = {"*", "."}


@register(Tags.security, deploy=True)
def check_settings(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """The values in the settings themselves."""
    return list(_setting_problems())


@register(Tags.security, deploy=True)
def check_database(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """The database role's power, and rows that belong into a demonstration only."""
    try:
        return list(_database_problems())
    except DatabaseError as error:
        return [
            Error(
                f"无法核对数据库：{str(error).strip()}。",
                hint="请确认 DATABASE_URL 可用，且已执行 manage.py migrate。",
                id="jixiao.E010",
            )
        ]


@register(Tags.security, deploy=True)
def check_broker(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """The message broker must neither drop messages for want of memory nor forget them at a restart."""
    if not settings.REDIS_URL:
        return [
            Warning(
                "没有配置 Redis，后台任务由定时进程逐个办理，数量大时会变慢。",
                hint="请用 REDIS_URL 指定一台 Redis 服务器。",
                id="jixiao.W020",
            )
        ]
    try:
        return list(_broker_problems(settings.REDIS_URL))
    except redis.RedisError as error:
        return [
            Error(
                f"无法核对 Redis 的配置：{error}。",
                hint="请确认 REDIS_URL 可用，且该账号可以执行 CONFIG GET。",
                id="jixiao.E020",
            )
        ]


def _setting_problems() -> Iterator[CheckMessage]:
    if settings.DEBUG:
        yield Error("调试模式开着，出错页面会泄露内部信息。", hint="请去掉环境变量 DEBUG。", id="jixiao.E001")
    if (
        not settings.OWN_SECRET_KEY
        or len(settings.SECRET_KEY) < SECRET_LENGTH
        or len(set(settings.SECRET_KEY)) < SECRET_VARIETY
        or settings.SECRET_KEY.startswith("django-insecure")
    ):
        yield Error(
            "没有自备足够长的随机密钥，登录状态可以被伪造。",
            hint=f"请用环境变量 SECRET_KEY 提供不少于 {SECRET_LENGTH} 个字符的随机密钥。",
            id="jixiao.E002",
        )
    if not settings.ALLOWED_HOSTS or BROAD_HOSTS & set(settings.ALLOWED_HOSTS):
        yield Error(
            "没有限定对外服务的域名。",
            hint="请在 ALLOWED_HOSTS 中逐一写明域名，不能用 *。",
            id="jixiao.E003",
        )
    if not (settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE and settings.SECURE_SSL_REDIRECT):
        yield Error(
            "登录凭证可能经未加密的连接传输。",
            hint="请设置 PRODUCTION=1，并只通过 HTTPS 提供服务。",
            id="jixiao.E004",
        )
    if settings.EMBEDDED_DATABASE:
        yield Error(
            "正在使用内置的演示数据库。",
            hint="请用 DATABASE_URL 指定一台有备份的 PostgreSQL 服务器。",
            id="jixiao.E005",
        )


def _database_problems() -> Iterator[CheckMessage]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolreplication,"
            " pg_has_role((SELECT relowner FROM pg_class WHERE oid = 'audit_event'::regclass), 'USAGE')"
            " OR has_table_privilege('audit_event', 'UPDATE, DELETE, TRUNCATE'),"
            " clock_timestamp() FROM pg_roles WHERE rolname = current_user"
        )
        mighty, rewrites_history, database_now = cursor.fetchone()
    if mighty:
        yield Error(
            "程序日常使用的数据库账号拥有管理员权限。",
            hint="请按部署手册另建只能读写数据的账号，写进 DATABASE_URL。",
            id="jixiao.E011",
        )
    if rewrites_history:
        yield Error(
            "程序日常使用的数据库账号可以修改或删除办理记录。",
            hint="请让所有者账号（DATABASE_OWNER_URL）执行 manage.py migrate，程序只用应用账号连接。",
            id="jixiao.E012",
        )
    if User.objects.filter(is_demo=True, is_active=True).exists():
        yield Error(
            "数据库中有演示账号，其口令可能已经公开。",
            hint="请停用全部演示账号，或改用没有演示数据的数据库。",
            id="jixiao.E013",
        )
    if Clock.objects.exclude(offset=dt.timedelta(0)).exists():
        yield Error(
            "业务时间被演练拨动过，与实际时间不一致。",
            hint="请改用没有做过演练的数据库。",
            id="jixiao.E014",
        )
    if abs(timezone.now() - database_now) > CLOCK_TOLERANCE:
        yield Error(
            "本机时钟与数据库服务器的时钟相差超过 2 秒，期限会算错。",
            hint="请让两台机器与同一时间源校准。",
            id="jixiao.E015",
        )


def _broker_problems(address: str) -> Iterator[CheckMessage]:
    client = redis.Redis.from_url(address, socket_timeout=5, decode_responses=True)
    try:
        policy: Any = client.config_get("maxmemory-policy")
        log: Any = client.config_get("appendonly")
    finally:
        client.close()
    if policy["maxmemory-policy"] != "noeviction":
        yield Error(
            "Redis 内存不足时会丢弃待办任务。",
            hint="请在 Redis 中设置 maxmemory-policy noeviction，且不要与缓存共用。",
            id="jixiao.E021",
        )
    if log["appendonly"] != "yes":
        yield Error(
            "Redis 没有开启追加日志，重启后待办任务会丢失。",
            hint="请在 Redis 中设置 appendonly yes。",
            id="jixiao.E022",
        )
