"""Reading numbers that people type, exactly and with a sentence when it is no number."""

import re
import unicodedata
from decimal import Decimal

from audit.refusals import NotPossible

_NUMBER = re.compile(r"[+-]?\d{1,14}(\.\d{1,6})?")


def decimal(text: object, *, what: str, field: str = "") -> Decimal:
    """Return the number written in `text` (full-width digits and thousands commas are accepted).

    Raises NotPossible naming `what` for anything else: floats, exponents, more than six decimals.
    """
    plain = unicodedata.normalize("NFKC", str(text)).strip().replace(",", "")
    if not _NUMBER.fullmatch(plain):
        raise NotPossible(
            f"{what}“{str(text)[:20]}”不是有效的数字，请填写阿拉伯数字，小数不超过六位，例如 98.5。",
            field=field,
        )
    return Decimal(plain)


def percent(text: object, *, what: str, field: str = "") -> Decimal:
    """Return a number between 0 and 100 with at most four decimals: more are refused, never rounded away."""
    value = decimal(text, what=what, field=field)
    if value != value.quantize(Decimal("0.0001")):
        raise NotPossible(f"{what}的小数不超过四位，请核对后重新填写。", field=field)
    if not 0 <= value <= 100:
        raise NotPossible(f"{what}应当在 0 到 100 之间，现在填的是 {value}。", field=field)
    return value


def plain(value: Decimal | None) -> str:
    """Return a stored decimal without trailing zeros and never in exponent form."""
    if value is None:
        return ""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
