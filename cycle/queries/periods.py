"""Periods and rounds by their ids: m01 … m12, q1 … q4, h1, h2, midyear, yearend."""

import calendar
import datetime as dt
import re

_LAST_MONTH = {"midyear": 6, "yearend": 12, "h1": 6, "h2": 12, "q1": 3, "q2": 6, "q3": 9, "q4": 12}
_TITLES = {
    "midyear": "中期评估",
    "yearend": "年终评估",
    "h1": "上半年",
    "h2": "下半年",
    "q1": "第一季度",
    "q2": "第二季度",
    "q3": "第三季度",
    "q4": "第四季度",
}


def period_end(year: int, key: str) -> dt.date | None:
    """Return the last day of a period or round of `year`; None for a key that is no period."""
    month = _month(key) or _LAST_MONTH.get(key)
    if month is None:
        return None
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def period_title(key: str) -> str:
    """Return a period's name in Chinese (3 月, 第一季度, 中期评估)."""
    month = _month(key)
    return f"{month} 月" if month else _TITLES.get(key, key)


def _month(key: str) -> int | None:
    match = re.fullmatch(r"m(0[1-9]|1[0-2])", key)
    return int(match[1]) if match else None
