"""Figures as SVG files that stand alone: clouds of points, intervals, lines. White ground, colours for all eyes."""

from collections.abc import Sequence
from dataclasses import dataclass

from interplay.report.svg import CIRCLE, DIAMOND, SQUARE
from interplay.report.words import esc

# Okabe and Ito 2008: told apart by colour-blind eyes; names in the key carry the meaning
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
WIDTH, LEFT, RIGHT, LINE, BOTTOM = 640.0, 62.0, 18.0, 19.0, 44.0
SHAPES = (CIRCLE, DIAMOND, SQUARE)
INK, FAINT = "#333333", "#dddddd"
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class Axis:
    """A labelled axis from low to high with marks at `ticks`."""

    label: str
    low: float
    high: float
    ticks: Sequence[float]


@dataclass(frozen=True, kw_only=True)
class Series:
    """Named points in a colour; joined by a line, or a cloud."""

    name: str
    points: Points
    joined: bool = False


@dataclass(frozen=True, kw_only=True)
class Span:
    """A row of an interval picture: from low to high, with marks (value, number of a colour)."""

    name: str
    low: float
    high: float
    marks: Sequence[tuple[float, int]] = ()


@dataclass(frozen=True, kw_only=True)
class _Frame:
    """The box of a plot in pixels."""

    x: Axis
    y: Axis
    top: float
    height: float

    def at(self, x: float, y: float) -> tuple[float, float]:
        return self.across(x), self.down(y)

    def across(self, x: float) -> float:
        share = (x - self.x.low) / (self.x.high - self.x.low)
        return LEFT + min(max(share, 0.0), 1.0) * (WIDTH - LEFT - RIGHT)

    def down(self, y: float) -> float:
        share = (y - self.y.low) / (self.y.high - self.y.low)
        return self.top + (1 - min(max(share, 0.0), 1.0)) * self.height


def plot(title: str, x: Axis, y: Axis, series: Sequence[Series], *, diagonal: bool = False, size: float = 2.6) -> str:
    """Clouds and lines over two axes; `diagonal` draws y = x; size: of a cloud's dots.

    Points outside are put on the edge.
    """
    keys = [s.name for s in series]
    frame = _Frame(x=x, y=y, top=34 + LINE * len(keys), height=360.0)
    marks = [_line(frame, [(x.low, x.low), (x.high, x.high)], INK, "4 4")] if diagonal else []
    for number, s in enumerate(series):
        color = COLORS[number % len(COLORS)]
        marks.append(_line(frame, s.points, color, "") + _dots(frame, s.points, color, 7) if s.joined else "")
        marks.append("" if s.joined else _dots(frame, s.points, color, size))
    return _picture(title, frame, keys, _axes(frame) + "".join(marks), (CIRCLE,))


def intervals(title: str, x: Axis, rows: Sequence[Span], keys: Sequence[str], *, name_width: int = 220) -> str:
    """One line a row from low to high, with coloured marks that `keys` name."""
    height = 24.0 * max(1, len(rows))
    y = Axis(label="", low=0.0, high=1.0, ticks=())
    frame = _Frame(x=x, y=y, top=34 + LINE * len(keys), height=height)
    shift = name_width - LEFT
    squeeze = (WIDTH - RIGHT - name_width) / (WIDTH - LEFT - RIGHT)

    def across(value: float) -> float:
        return LEFT + shift + (frame.across(value) - LEFT) * squeeze

    parts = [_tick(across(t), frame.top, height, t) for t in x.ticks]
    for number, row in enumerate(rows):
        middle = frame.top + 24.0 * (number + 0.5)
        parts.append(f'<text x="8" y="{middle + 4:.1f}">{esc(row.name)}</text>')
        parts.append(
            f'<line x1="{across(row.low):.1f}" x2="{across(row.high):.1f}" y1="{middle:.1f}" y2="{middle:.1f}" '
            f'stroke="#8899aa" stroke-width="8" stroke-linecap="butt"/>'
        )
        parts += [_mark(across(value), middle, color) for value, color in row.marks]
    label = f'<text x="{(name_width + WIDTH - RIGHT) / 2:.1f}" y="{frame.top + height + 34:.1f}" class="m">'
    return _picture(title, frame, keys, "".join(parts) + f"{label}{esc(x.label)}</text>", SHAPES)


def _mark(x: float, y: float, number: int, shapes: Sequence[str] = SHAPES) -> str:
    """A mark whose colour and shape tell its number."""
    path, color = shapes[number % len(shapes)], COLORS[number % len(COLORS)]
    return f'<path transform="translate({x:.1f} {y:.1f}) scale(0.85)" d="{path}" fill="{color}"/>'


def _picture(title: str, frame: _Frame, keys: Sequence[str], content: str, shapes: Sequence[str]) -> str:
    height = frame.top + frame.height + BOTTOM
    key = "".join(
        _mark(LEFT + 6, 36 + LINE * i, i, shapes) + f'<text x="{LEFT + 18}" y="{40 + LINE * i:.1f}">{esc(name)}</text>'
        for i, name in enumerate(keys)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {height:g}" role="img" '
        f'aria-label="{esc(title)}" font-family="sans-serif" font-size="12" fill="{INK}">\n'
        f"<title>{esc(title)}</title><style>.m{{text-anchor:middle}}.e{{text-anchor:end}}</style>"
        f'<rect width="100%" height="100%" fill="#ffffff"/>'
        f'<text x="{WIDTH / 2:g}" y="18" class="m" font-size="14" font-weight="bold">{esc(title)}</text>\n'
        f"{key}\n{content}\n</svg>\n"
    )


def _axes(frame: _Frame) -> str:
    x, y, bottom = frame.x, frame.y, frame.top + frame.height
    parts = [_tick(frame.across(t), frame.top, frame.height, t) for t in x.ticks]
    for t in y.ticks:
        at = frame.down(t)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}" stroke="{FAINT}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{at + 4:.1f}" class="e">{t:g}</text>')
    parts.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.1f}" y="{bottom + 34:.1f}" class="m">{esc(x.label)}</text>')
    middle = frame.top + frame.height / 2
    parts.append(
        f'<text x="16" y="{middle:.1f}" class="m" transform="rotate(-90 16 {middle:.1f})">{esc(y.label)}</text>'
    )
    return "".join(parts)


def _tick(at: float, top: float, height: float, value: float) -> str:
    return (
        f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{top:.1f}" y2="{top + height:.1f}" stroke="{FAINT}"/>'
        f'<text x="{at:.1f}" y="{top + height + 16:.1f}" class="m">{value:g}</text>'
    )


def _line(frame: _Frame, points: Points, color: str, dashes: str) -> str:
    path = " ".join(f"{a:.1f},{b:.1f}" for a, b in (frame.at(*p) for p in points))
    return f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="1.6" stroke-dasharray="{dashes}"/>'


def _dots(frame: _Frame, points: Points, color: str, size: float) -> str:
    """All dots of a series as one path of zero-length round strokes."""
    path = "".join(f"M{a:.1f} {b:.1f}h0" for a, b in (frame.at(*p) for p in points))
    return (
        f'<path d="{path}" stroke="{color}" stroke-width="{size}" stroke-linecap="round" fill="none" '
        f'stroke-opacity="{0.45 if size < 4 else 1}"/>'
    )
