"""Line charts as SVG paths: plan against actual, in integer pixels, computed exactly."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

LEFT, RIGHT, TOP, BOTTOM = 52, 748, 14, 148
Points = Sequence[tuple[int, Decimal]]


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis."""

    place: int
    text: str

    @property
    def baseline(self) -> int:
        """Where the text of a mark on the upright axis stands."""
        return self.place + 4


@dataclass(frozen=True, slots=True)
class Dot:
    """One actual value."""

    x: int
    y: int
    text: str


@dataclass(slots=True)
class LineChart:
    """Twelve months across, values upwards."""

    plan: str = ""
    actual: str = ""
    area: str = ""
    dots: list[Dot] = field(default_factory=list)
    levels: list[Tick] = field(default_factory=list)
    months: list[Tick] = field(default_factory=list)

    @property
    def last(self) -> Dot | None:
        """The newest actual value, which is written out."""
        return self.dots[-1] if self.dots else None


def line_chart(plan: Points, actual: Points) -> LineChart | None:
    """Draw monthly values (month 1–12, value); None when there is nothing to draw."""
    values = [value for _, value in (*plan, *actual)]
    if not actual or not values:
        return None
    low, high = min(Decimal(0), *values), max(*values, Decimal(0))
    if low == high:
        high = low + 1
    span = high - low

    def x(month: int) -> int:
        return LEFT + (RIGHT - LEFT) * (month - 1) // 11

    def y(value: Decimal) -> int:
        return BOTTOM - int((value - low) * (BOTTOM - TOP) / span)

    chart = LineChart()
    chart.dots = [Dot(x(month), y(value), _text(value)) for month, value in actual]
    chart.plan = _path([(x(month), y(value)) for month, value in plan])
    chart.actual = _path([(dot.x, dot.y) for dot in chart.dots])
    chart.area = f"{chart.actual}V{BOTTOM}H{chart.dots[0].x}Z" if len(chart.dots) > 1 else ""
    chart.levels = [Tick(y(value), _text(value)) for value in (low, low + span / 2, high)]
    chart.months = [Tick(x(month), f"{month} 月") for month in (1, 4, 7, 10, 12)]
    return chart


def _path(points: Sequence[tuple[int, int]]) -> str:
    return "M" + "L".join(f"{left} {top}" for left, top in points) if points else ""


def _text(value: Decimal) -> str:
    text = f"{value.quantize(Decimal('0.01')):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
