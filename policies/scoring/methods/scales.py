"""Methods that read a scale: bands, efficacy coefficient, quality levels, entered scores."""

from fractions import Fraction

from policies.exact import plain
from policies.packs.methods import Band, Bands, Efficacy, Given, Levels
from policies.scoring.measures import Formula, Measure, Unscorable, exact


def band_of(bands: tuple[Band, ...], value: Fraction, *, upper_inclusive: bool = False) -> Band | None:
    """The band with the greatest `min` not above the value (below it, if upper bounds belong to a band)."""
    for band in bands:
        if band.min is None or (band.min < value if upper_inclusive else band.min <= value):
            return band
    return None


def _band(p: Bands, m: Measure) -> Band:
    band = band_of(p.bands, m.value, upper_inclusive=p.upper_inclusive)
    if band is None:
        raise Unscorable(f"完成值 {plain(m.value)} 不在任何一档之内，请核对数据，或给方案补一档没有 min 的。")
    return band


def bands(p: Bands, m: Measure) -> Fraction:
    """The points of the band the value falls into."""
    return _band(p, m).score.of(m.points)


def describe_bands(p: Bands, m: Measure, score: Fraction) -> Formula:
    """Which band it was."""
    return Formula(f"完成值 {plain(m.value)}，{band_text(_band(p, m), p.upper_inclusive)}", plain(score))


def band_text(band: Band, upper_inclusive: bool = False) -> str:
    """A band in words, e.g. 属“90 及以上”一档."""
    if band.title:
        return f"属“{band.title}”一档"
    if band.min is None:
        return "属最后一档"
    return f"属“{plain(band.min)} {'以上（不含）' if upper_inclusive else '及以上'}”一档"


def _bounds(p: Efficacy, m: Measure) -> tuple[Fraction, Fraction]:
    if p.low is not None and p.high is not None:
        return p.low, p.high
    peers = m.peers(p.value).ordered
    if not peers:
        raise Unscorable("没有同组单位的数据，定不出最低值和最高值，请在参数里写 low 和 high。")
    return peers[0] if p.low is None else p.low, peers[-1] if p.high is None else p.high


def efficacy(p: Efficacy, m: Measure) -> Fraction:
    """功效系数: base points at the low value, full points at the high one, straight between."""
    low, high = _bounds(p, m)
    if low == high:
        m.warn("equal", "最低值和最高值相等，分不出高低。")
        return m.points if p.equal == "full" else m.points * p.base / 100
    place = (m.value - low) / (high - low)
    share = p.base + (100 - p.base) * (place if p.direction == "up" else 1 - place)
    if p.clamp:
        share = min(max(share, p.base), Fraction(100))
    return m.points * share / 100


def describe_efficacy(p: Efficacy, m: Measure, score: Fraction) -> Formula:
    """The coefficient with its numbers."""
    low, high = _bounds(p, m)
    if low == high:
        return Formula(f"最低值和最高值都是 {plain(low)}", plain(score))
    base, points = plain(p.base), plain(m.points)
    if p.clamp and (score == m.points or score == m.points * p.base / 100):
        return Formula(f"完成值 {plain(m.value)} 在 {plain(low)} 至 {plain(high)} 的端点或之外", plain(score))
    top = (m.value, low) if p.direction == "up" else (high, m.value)
    numbers = (
        f"{points} × ({base} + (100 - {base}) × ({plain(top[0])} - {plain(top[1])})"
        f" ÷ ({plain(high)} - {plain(low)})) ÷ 100"
    )
    return Formula("分值 × [基础分 + (100 - 基础分) × 功效系数] ÷ 100", numbers)


def levels(p: Levels, m: Measure) -> Fraction:
    """The points of the level awarded."""
    if m.actual is None or str(m.actual) not in p.levels:
        raise Unscorable(f"“{m.actual}”不是规定的等级，可以填：{'、'.join(p.levels)}。")
    return p.levels[str(m.actual)].score.of(m.points)


def describe_levels(p: Levels, m: Measure, score: Fraction) -> Formula:
    """The level and what it stands for."""
    level = p.levels[str(m.actual)]
    criteria = f"（{level.criteria}）" if level.criteria else ""
    return Formula(f"评定为“{level.title or m.actual}”{criteria}", plain(score))


def given(p: Given, m: Measure) -> Fraction:
    """The score the collector entered, with a reason."""
    if m.score is None:
        raise Unscorable("这项由采集单位直接给分，请填写 score。", "score")
    if not m.note:
        raise Unscorable("直接给分要写明理由，请填写 note。", "note")
    score = exact(m.score)
    if not 0 <= score <= m.points:
        raise Unscorable(f"给分 {plain(score)} 超出范围，应当在 0 到 {plain(m.points)} 之间。", "score")
    return score


def describe_given(p: Given, m: Measure, score: Fraction) -> Formula:
    """The reason."""
    return Formula(f"采集单位给分，理由：{m.note}", plain(score))
