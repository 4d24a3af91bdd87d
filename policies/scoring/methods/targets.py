"""Methods that compare with a target: ratio, threshold, step."""

from fractions import Fraction
from math import ceil, floor

from policies.exact import at_least, percent, plain, proportion
from policies.packs.methods import Down, Ratio, Step, Stretch, Threshold
from policies.scoring.measures import Formula, Measure, Unscorable


def _reached(direction: str, value: Fraction, target: Fraction) -> bool:
    return at_least(value, target) if direction == "up" else at_least(target, value)


def ratio(p: Ratio, m: Measure) -> Fraction:
    """Target reached: full points (more only up to `max`); else points × actual ÷ target."""
    target = m.aim()
    reached = _reached(p.direction, m.value, target)
    if reached and p.is_plain:
        return m.points
    if target.numerator <= 0:
        if not reached:
            m.warn("target", "目标值不大于 0，无法按比例折算，未达到目标按最低分计。")
        return m.points if reached else p.floor.of(m.points)
    if p.is_plain:
        top, bottom = (m.value, target) if p.direction == "up" else (target, m.value)
        return proportion(m.points, top, bottom) if top.numerator > 0 else Fraction(0)
    share = _share(p, m.value, target)
    if p.zero_below is not None and share < p.zero_below:
        return Fraction(0)
    return max(m.points * share, p.floor.of(m.points))


def _share(p: Ratio, value: Fraction, target: Fraction) -> Fraction:
    if p.direction == "down" and value <= 0:
        return p.max or Fraction(1)
    share = value / target if p.direction == "up" else target / value
    return share if p.max is None else min(share, p.max)


def describe_ratio(p: Ratio, m: Measure, score: Fraction) -> Formula:
    """Full points, or the proportion with its numbers."""
    target = m.aim()
    if _reached(p.direction, m.value, target) and score == m.points:
        return Formula(f"完成值 {plain(m.value)} 达到目标值 {plain(target)}，得满分", plain(m.points))
    if target <= 0:
        return Formula(f"目标值 {plain(target)} 不大于 0，未达到，按最低分计", plain(score))
    share = _share(p, m.value, target)
    if p.zero_below is not None and share < p.zero_below:
        return Formula(f"完成率 {percent(share)} 低于 {percent(p.zero_below)}，不得分", "0")
    if m.points * share < p.floor.of(m.points):
        return Formula("按比例折算低于最低分，按最低分计", plain(score))
    if p.max is not None and share == p.max:
        return Formula(f"超额完成，最多按 {percent(p.max)} 计", f"{plain(m.points)} × {percent(p.max)}")
    top, bottom = (m.value, target) if p.direction == "up" else (target, m.value)
    words = "分值 × 完成值 ÷ 目标值" if p.direction == "up" else "分值 × 目标值 ÷ 完成值"
    return Formula(words, f"{plain(m.points)} × {plain(top)} ÷ {plain(bottom)}")


def threshold(p: Threshold, m: Measure) -> Fraction:
    """Full points or none."""
    return m.points if _reached(p.direction, m.value, m.aim()) else Fraction(0)


def describe_threshold(p: Threshold, m: Measure, score: Fraction) -> Formula:
    """Which of the two it was."""
    outcome = "达到目标值，得满分" if score else "未达到目标值，不得分"
    return Formula(f"完成值 {plain(m.value)}，目标值 {plain(m.aim())}，{outcome}", plain(score))


def step(p: Step, m: Measure) -> Fraction:
    """So much more or less for every step beyond or short of the target."""
    gap = _gap(p, m)
    if gap >= 0:
        return m.points + _added(p, m, gap)
    return max(m.points - _taken(p, m, -gap), p.floor.of(m.points))


def _gap(p: Step, m: Measure) -> Fraction:
    return m.value - m.aim() if p.direction == "up" else m.aim() - m.value


def _added(p: Step, m: Measure, gap: Fraction) -> Fraction:
    if p.up is None:
        return Fraction(0)
    added = _count(p, gap, p.up.every.of(m.aim())) * p.up.add.of(m.points)
    return added if p.up.max is None else min(added, p.up.max.of(m.points))


def _taken(p: Step, m: Measure, gap: Fraction) -> Fraction:
    if p.down is None:
        return Fraction(0)
    return sum((n * stretch.points.of(m.points) for stretch, n in _stretches(p, p.down, m, gap)), Fraction(0))


def _stretches(p: Step, down: Down, m: Measure, gap: Fraction) -> list[tuple[Stretch, Fraction]]:
    """The stretches a gap runs through, with the steps counted in each."""
    target = m.aim()
    inside = [stretch for stretch in down.stretches if stretch.start.of(target) <= gap]
    if p.segments == "whole":
        return [(inside[-1], _count(p, gap, inside[-1].every.of(target)))] if inside else []
    ends = [*(stretch.start.of(target) for stretch in inside[1:]), gap]
    return [
        (stretch, _count(p, end - stretch.start.of(target), stretch.every.of(target)))
        for stretch, end in zip(inside, ends, strict=True)
    ]


def _count(p: Step, gap: Fraction, every: Fraction) -> Fraction:
    if every == 0:
        raise Unscorable("目标值是 0，不能按目标值的百分比计步，请把 every 写成绝对数。", "target")
    steps = gap / every
    if p.partial == "exact":
        return steps
    return Fraction(floor(steps) if p.partial == "floor" else ceil(steps))


def describe_step(p: Step, m: Measure, score: Fraction) -> Formula:
    """Steps counted, points for each."""
    gap, points = _gap(p, m), plain(m.points)
    place = f"完成值 {plain(m.value)}，目标值 {plain(m.aim())}，"
    if gap >= 0:
        added = _added(p, m, gap)
        limited = "（已到加分上限）" if p.up and p.up.max and added == p.up.max.of(m.points) else ""
        if not added:
            return Formula(f"{place}达到目标值，得满分", points)
        return Formula(f"{place}超出部分按步加分{limited}", f"{points} + {plain(added)}")
    if score == p.floor.of(m.points):
        return Formula(f"{place}不足部分按步扣分，扣到最低分", plain(score))
    counted = _stretches(p, p.down, m, -gap) if p.down else []
    terms = [f" - {plain(n)} × {plain(stretch.points.of(m.points))}" for stretch, n in counted]
    return Formula(f"{place}不足部分按步扣分", points + "".join(terms))
