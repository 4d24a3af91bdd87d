"""Reading dates that people type, with a sentence when it is none."""

import datetime as dt
import re
import unicodedata

from audit.refusals import NotPossible

_DAY = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?")


def day(text: object, *, what: str, field: str = "") -> dt.date:
    """Return the date written in `text` (2027-03-05, 2027 年 3 月 5 日); raises NotPossible naming `what`."""
    written = unicodedata.normalize("NFKC", str(text)).strip()
    match = _DAY.fullmatch(written)
    try:
        return dt.date(*map(int, match.groups())) if match else _missing(written, what, field)
    except ValueError as error:
        sentence = f"{what}“{written[:20]}”这一天不存在，请核对月份和日期。"
        raise NotPossible(sentence, field=field) from error


def _missing(written: str, what: str, field: str) -> dt.date:
    if not written:
        raise NotPossible(f"请填写{what}，例如 2027-03-05。", field=field)
    raise NotPossible(f"{what}“{written[:20]}”不是日期，请写成 2027-03-05 这样的形式。", field=field)


def in_words(day: dt.date) -> str:
    """Return a date as documents write it: 2027 年 3 月 5 日."""
    return f"{day.year} 年 {day.month} 月 {day.day} 日"
