"""Small SVG pieces: marks on a horizontal scale whose positions are percentages, so text never shrinks."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from interplay.report.words import esc

POINT = 1.5  # percent of the axis; a shorter range is drawn as a dot


@dataclass(frozen=True, kw_only=True)
class Scale:
    """A horizontal axis from `low` to `high`."""

    low: float
    high: float

    def at(self, value: float) -> float:
        """Position in percent, clipped to the axis (for display only)."""
        span = self.high - self.low
        return min(100.0, max(0.0, 100 * (value - self.low) / span)) if span > 0 else 0.0

    def ticks(self, wanted: int = 5) -> list[float]:
        """Round numbers along the axis."""
        span = self.high - self.low
        if not span > 0:
            return [self.low]
        magnitude = 10.0 ** math.floor(math.log10(span / wanted))
        step = next(s * magnitude for s in (1, 2, 2.5, 5, 10) if span / (s * magnitude) <= wanted + 0.5)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [round(i * step, 10) for i in range(first, last + 1)]


def pct(value: float) -> str:
    """A percentage attribute with two decimals."""
    return f"{value:.2f}%"


def _ends(scale: Scale, low: float, high: float) -> tuple[float, float] | None:
    if not (math.isfinite(low) and math.isfinite(high)):
        return None
    return scale.at(min(low, high)), scale.at(max(low, high))


def whisker(scale: Scale, low: float, high: float, kind: str = "") -> str:
    """A thin line with caps: a confidence interval."""
    ends = _ends(scale, low, high)
    if ends is None:
        return ""
    x0, x1 = (pct(v) for v in ends)
    line = f'<line class="whisker {kind}" x1="{x0}" x2="{x1}"/>'
    caps = (f'<line class="whisker {kind}" x1="{x}" x2="{x}" y1="-4" y2="4"/>' for x in (x0, x1))
    return line + "".join(caps)


def band(scale: Scale, low: float, high: float, kind: str, height: float = 12) -> str:
    """A thick bar: the range over everything that the data leave open."""
    ends = _ends(scale, low, high)
    if ends is None:
        return ""
    width = max(ends[1] - ends[0], 0.6)
    x = min(ends[0], 100 - width)
    return f'<rect class="{kind}" x="{pct(x)}" width="{pct(width)}" y="{-height / 2:g}" height="{height:g}" rx="2"/>'


def point_or_band(scale: Scale, low: float, high: float, kind: str, height: float = 12) -> str:
    """A range as a bar, or as a dot where it is too short to be seen as one."""
    ends = _ends(scale, low, high)
    if ends is not None and ends[1] - ends[0] < POINT:
        return shape(scale, (low + high) / 2, CIRCLE, "dot")
    return band(scale, low, high, kind, height)


def shape(scale: Scale, value: float, path: str, kind: str) -> str:
    """A path drawn around the origin, placed at a value."""
    if not math.isfinite(value):
        return ""
    return f'<svg x="{pct(scale.at(value))}" overflow="visible"><path class="{kind}" d="{path}"/></svg>'


CIRCLE = "M-5.5 0a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0 -11 0Z"
DIAMOND = "M0 -8L8 0L0 8L-8 0Z"
SQUARE = "M-5 -5H5V5H-5Z"
POST = "M-2.5 -13H2.5V13H-2.5Z"


def rules(scale: Scale, marks: Iterable[tuple[float, str]]) -> str:
    """Vertical lines through the whole height of a track: (value, class of the line)."""
    return "".join(
        f'<line class="{kind}" x1="{pct(scale.at(v))}" x2="{pct(scale.at(v))}" y1="0" y2="100%"/>'
        for v, kind in marks
        if math.isfinite(v)
    )


def track(lines: str, marks: str, label: str) -> str:
    """One row of a picture: lines behind, marks on its middle; `label` says in words what it shows."""
    return (
        f'<svg class="track-svg" role="img" aria-label="{esc(label)}">{lines}'
        f'<svg y="50%" overflow="visible">{marks}</svg></svg>'
    )


def swatch(kind: str) -> str:
    """A small sample of a fill, next to the name it stands for (which carries the meaning)."""
    return (
        '<svg class="swatch" width="14" height="14" aria-hidden="true">'
        f'<rect class="{kind}" width="14" height="14" rx="2"/></svg>'
    )


def sample(path: str, kind: str) -> str:
    """A small sample of a mark for the key."""
    return (
        '<svg class="swatch" width="20" height="18" aria-hidden="true">'
        f'<svg x="10" y="9" overflow="visible"><path class="{kind}" d="{path}"/></svg></svg>'
    )


def patterns() -> str:
    """Fills that differ without colour; defined once on the page."""
    return (
        '<svg class="defs" width="0" height="0" aria-hidden="true" focusable="false"><defs>'
        '<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect class="hatch-ground" width="6" height="6"/>'
        '<rect class="hatch-line" width="2.4" height="6"/></pattern>'
        '<pattern id="stripes" width="5" height="5" patternUnits="userSpaceOnUse">'
        '<rect class="stripe-ground" width="5" height="5"/><rect class="stripe-line" width="1.6" height="5"/>'
        "</pattern>"
        '<pattern id="lines" width="5" height="5" patternUnits="userSpaceOnUse">'
        '<rect class="stripe-ground" width="5" height="5"/><rect class="stripe-line" width="5" height="1.6"/>'
        "</pattern></defs></svg>"
    )
