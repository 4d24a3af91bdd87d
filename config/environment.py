"""Reading the environment: every missing or wrong variable is collected and reported together."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

import psycopg2.extensions
from django.core.exceptions import ImproperlyConfigured

TRUE = frozenset({"1", "true", "yes", "on"})
NO_BROKER = "none"
FALSE = frozenset({"", "0", "false", "no", "off"})


class SettingsError(ImproperlyConfigured):
    """The environment is not usable; the message holds one Chinese sentence a line."""


class Environment:
    """Typed access to environment variables. Call `verify` once everything has been read.

    Each reader returns a harmless value after it noted a problem, so that all problems are found in one go.
    """

    def __init__(self, source: Mapping[str, str] = os.environ) -> None:
        self._source = source
        self.problems: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        """The variable's value without surrounding blanks, or the default when it is unset or blank."""
        return self._source.get(name, "").strip() or default

    def needs(self, name: str, value: object, why: str) -> None:
        """Note a variable as missing, with the reason `why`, unless it has a value."""
        if not value:
            self.problems.append(f"缺少环境变量 {name}：{why}。")

    def flag(self, name: str, default: bool = False) -> bool:
        """A switch: 1/true/yes/on or 0/false/no/off."""
        value = self.text(name, "1" if default else "0").lower()
        if value not in TRUE | FALSE:
            self.problems.append(f"环境变量 {name} 的值“{value}”无法识别：请填 1（是）或 0（否）。")
        return value in TRUE

    def number(self, name: str, default: int, *, low: int, high: int) -> int:
        """A whole number within bounds, both included."""
        value = self.text(name, str(default))
        if not (value.isascii() and value.isdigit() and low <= int(value) <= high):
            self.problems.append(f"环境变量 {name} 的值“{value}”不对：请填 {low} 至 {high} 之间的整数。")
            return default
        return int(value)

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        """One of a few words."""
        value = self.text(name, default)
        if value not in allowed:
            self.problems.append(f"环境变量 {name} 的值“{value}”无法识别：只能是 {'、'.join(allowed)} 之一。")
            return default
        return value

    def listed(self, name: str, default: tuple[str, ...] = ()) -> list[str]:
        """A comma-separated list, blanks dropped."""
        return [part for part in (raw.strip() for raw in self.text(name).split(",")) if part] or list(default)

    def origins(self, name: str) -> list[str]:
        """A list of origins such as https://jixiao.example.gov.cn."""
        found = self.listed(name)
        for origin in found:
            if not origin.startswith(("https://", "http://")):
                self.problems.append(
                    f"环境变量 {name} 中的“{origin}”缺少协议：请写成 https://域名，多个之间用逗号隔开。"
                )
        return found

    def database(self, name: str) -> dict[str, str] | None:
        """A PostgreSQL address as libpq's parameters, or None when unset."""
        value = self.text(name)
        if not value:
            return None
        try:
            found: dict[str, str] = psycopg2.extensions.parse_dsn(value)
        except psycopg2.ProgrammingError:
            found = {}
        if _scheme(value) not in {"postgres", "postgresql"} or not {"dbname", "user"} <= found.keys():
            self.problems.append(
                f"环境变量 {name} 不是可用的数据库地址：请写成 postgresql://用户:口令@主机:5432/库名 的形式。"
            )
        return found

    def broker(self, name: str) -> str:
        """A Redis address, the word `none`, or an empty string when unset."""
        value = self.text(name)
        if value and value != NO_BROKER and _scheme(value) not in {"redis", "rediss", "unix"}:
            self.problems.append(
                f"环境变量 {name} 不是可用的 Redis 地址："
                "请写成 redis://主机:6379/0 或 unix:///路径/redis.sock，不用 Redis 时写 none。"
            )
        return value

    def verify(self) -> None:
        """Raise SettingsError when anything was missing or wrong."""
        if self.problems:
            raise SettingsError("\n".join(["配置有误，程序没有启动：", *self.problems]))


def _scheme(address: str) -> str:
    try:
        return urlsplit(address).scheme
    except ValueError:
        return ""


def broker_address(redis_url: str) -> str:
    """A Redis address in kombu's words: unix:///path?db=1 is redis+socket:///path?virtual_host=1 there."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    number = dict(parse_qsl(parts.query)).get("db", "0")
    return f"redis+socket://{parts.path}?virtual_host={number}"
