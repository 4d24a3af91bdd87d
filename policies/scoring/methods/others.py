"""Methods of another kind: place among the peers, points lost by events, increment beside growth rate."""

from bisect import bisect_left, bisect_right
from fractions import Fraction

from policies.exact import exact_sum, plain
from policies.packs.methods import Deduct, Growth, GrowthPart, Rank, ValueOf
from policies.scoring.measures import Formula, Measure, PeerValues, Unscorable, derived, resolved_target


def _place(p: Rank, m: Measure) -> tuple[int, int]:
    """The place among the peers and how many share it."""
    peers = m.peers(p.value)
    values = peers.distinct if p.ties == "dense" else peers.ordered
    below, up_to = bisect_left(values, m.value), bisect_right(values, m.value)
    better = len(values) - up_to if p.direction == "up" else below
    sharing = bisect_right(peers.ordered, m.value) - bisect_left(peers.ordered, m.value)
    return 1 + better, max(1, sharing)


def _points_at(p: Rank, m: Measure, place: int) -> Fraction:
    listed = p.table[min(place, len(p.table)) - 1].of(m.points)
    beyond = max(0, place - len(p.table))
    return max(listed + beyond * p.then.of(m.points), p.floor.of(m.points)) if beyond else listed


def rank(p: Rank, m: Measure) -> Fraction:
    """The points of the place; tied units share the mean of their places with `ties: mean`."""
    place, sharing = _place(p, m)
    if p.ties != "mean":
        return _points_at(p, m, place)
    return sum((_points_at(p, m, place + n) for n in range(sharing)), Fraction(0)) / sharing


def describe_rank(p: Rank, m: Measure, score: Fraction) -> Formula:
    """The place."""
    place, sharing = _place(p, m)
    shared = f"，{sharing} 个单位并列" if sharing > 1 else ""
    among = f"本组有数据的 {len(m.peers(p.value))} 个单位"
    return Formula(f"完成值 {plain(m.value)}，在{among}中第 {place} 名{shared}", plain(score))


def _loss(p: Deduct, m: Measure) -> Fraction | None:
    """What the events take together; None when one takes all the rest."""
    events = m.value
    if events < 0 or events.denominator != 1:
        raise Unscorable(f"发生次数“{plain(events)}”应当是不小于 0 的整数。")
    listed = p.each.points
    taken = listed[: int(events)]
    if None in taken:
        return None
    last = listed[-1]
    beyond = max(0, int(events) - len(listed))
    if beyond and last is None:
        return None
    total = sum((one.of(m.points) for one in taken if one), Fraction(0))
    return total + beyond * last.of(m.points) if last else total


def deduct(p: Deduct, m: Measure) -> Fraction:
    """Full points less what every event takes."""
    loss = _loss(p, m)
    lowest = p.floor.of(m.points)
    return lowest if loss is None else max(m.points - loss, lowest)


def describe_deduct(p: Deduct, m: Measure, score: Fraction) -> Formula:
    """How often, how much."""
    loss = _loss(p, m)
    if not m.value:
        return Formula("没有发生扣分情形，得满分", plain(score))
    if loss is None:
        return Formula(f"发生 {plain(m.value)} 次，扣完", plain(score))
    if m.points - loss < p.floor.of(m.points):
        return Formula(f"发生 {plain(m.value)} 次，应扣 {plain(loss)} 分，扣到最低分", plain(score))
    return Formula(f"发生 {plain(m.value)} 次，扣 {plain(loss)} 分", f"{plain(m.points)} - {plain(loss)}")


def growth_parts(p: Growth, m: Measure) -> list[tuple[str, GrowthPart, Measure]]:
    """The increment and the rate, each as a measure of its own with its share of the points."""
    if m.last_year is None:
        raise Unscorable("没有上年数，算不出增量和增速，请填写 last_year。", "last_year")
    if m.last_year <= 0 and p.no_base == "error":
        raise Unscorable("上年数不大于 0，算不出增速；方案没有写 no_base 时如何处理，请先明确。", "last_year")
    kinds: list[tuple[str, ValueOf, GrowthPart]] = [("增量", "change", p.increment), ("增速", "rate", p.rate)]
    if m.last_year <= 0:
        kinds = kinds[:1]
    weights = exact_sum(part.weight for _, _, part in kinds)
    return [
        (label, part, _part_measure(part, kind, m, part.weight / weights if weights else Fraction(0)))
        for label, kind, part in kinds
    ]


def _part_measure(part: GrowthPart, kind: ValueOf, m: Measure, weight: Fraction) -> Measure:
    def peers(_: ValueOf) -> PeerValues:
        return m.peers(kind)

    value = derived(kind, m.value, m.last_year, None)
    target = resolved_target(part.target, m.last_year, m.peers, kind)
    return Measure(m.points * weight, value, target, m.last_year, m.actual, None, m.note, peers, m.warnings)
