"""Curves that a result carries: a range against something that can be chosen, such as codes, labels or slack."""

import math

from interplay.report.document import Curve, CurvePoint, Document
from interplay.report.numbers import table
from interplay.report.svg import Scale, sample
from interplay.report.words import esc, name, raw

WIDTH, HEIGHT = 440.0, 220.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 14.0, 18.0, 38.0
SHOWN = 12
BLOCK = "M-9 -5H9V5H-9Z"


def curves(document: Document) -> str:
    """One section with every curve as a picture and as a table; empty without curves."""
    told = [c for c in document.curves[:SHOWN] if len(c.points) > 1 or (c.points and c.shows == "width")]
    drawn = [_figure(c) for c in sorted(told, key=lambda c: len(c.points) < 2)]  # what is only a sentence comes last
    if not drawn:
        return ""
    pictures = f'<div class="curves">{"".join(drawn)}</div>'
    return f'<section class="full"><h2>What would change the answer</h2><div>{_key()}{pictures}</div></section>'


def _key() -> str:
    marks = [("curve-line", "M-9 0H9", "estimated end"), ("curve-range", BLOCK, "left open by the data")]
    marks.append(("curve-ci", BLOCK, "confidence interval"))
    shown = "".join(f"<span>{sample(path, kind)}{text}</span>" for kind, path, text in marks)
    return f'<p class="key">{shown}</p>'


def _figure(curve: Curve) -> str:
    note = f"<p>{esc(curve.note)}</p>" if curve.note else ""
    top = f'<figure class="curve"><figcaption><h3>{name(curve.title)}</h3>{note}</figcaption>'
    if len(curve.points) < 2:
        return f"{top}</figure>"
    rows = [[raw(p.at), raw(p.low), raw(p.high), raw(p.ci[0]), raw(p.ci[1])] for p in curve.points]
    ends = ("expected", "at worst") if curve.shows == "width" else ("low end", "high end")
    head = (name(curve.x_label), *ends, "CI from", "CI to")
    listing = table(head, rows, curve.title)
    return f"{top}{_picture(curve)}<details><summary>The same as a table</summary>{listing}</details></figure>"


def _picture(curve: Curve) -> str:
    ends = [v for p in curve.points for v in (p.low, p.high, *p.ci) if math.isfinite(v)]
    if not ends:
        return ""
    xs = [p.at for p in curve.points]
    width = curve.shows == "width"
    across = Scale(low=min(xs), high=max(xs))
    lowest = 0.0 if width else min(ends)
    up = Scale(low=lowest, high=max(ends) if max(ends) > lowest else lowest + 1.0)
    marks = _grid(across, up, curve) + _area(curve, across, up, "ci", "curve-ci")
    marks += "" if width else _area(curve, across, up, "", "curve-range")
    marks += _line(curve, across, up, "high", "curve-line worst" if width else "curve-line")
    marks += _line(curve, across, up, "low", "curve-line")
    label = f"{curve.title}: " + "; ".join(f"at {p.at:g} from {raw(p.low)} to {raw(p.high)}" for p in curve.points)
    return (
        f'<svg class="heat-svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" width="{WIDTH:g}" role="img" '
        f'aria-label="{esc(label)}">{marks}</svg>'
    )


def _x(scale: Scale, value: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * scale.at(value) / 100


def _y(scale: Scale, value: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * scale.at(value) / 100


def _grid(across: Scale, up: Scale, curve: Curve) -> str:
    parts = []
    for tick in up.ticks(4):
        y = _y(up, tick)
        text = f"{100 * tick:g}%" if curve.unit == "probability" else f"{tick:g}"
        parts.append(f'<path class="grid" d="M{LEFT:g} {y:.1f}H{WIDTH - RIGHT:g}"/>')
        parts.append(f'<text class="tick-text end" x="{LEFT - 6:g}" y="{y + 4:.1f}">{text}</text>')
    whole = all(p.at == round(p.at) for p in curve.points)
    for tick in (t for t in across.ticks(6) if not whole or t == round(t)):
        text = f"{100 * tick:g}%" if curve.x_unit == "probability" else f"{tick:g}"
        parts.append(f'<text class="tick-text" x="{_x(across, tick):.1f}" y="{HEIGHT - BOTTOM + 16:g}">{text}</text>')
    if curve.unit == "bits":
        parts.append(f'<text class="tick-text end" x="{LEFT - 6:g}" y="11">bits</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    return "".join(parts) + f'<text class="tick-text" x="{middle:g}" y="{HEIGHT - 4:g}">{esc(curve.x_label)}</text>'


def _ends(p: CurvePoint, which: str) -> tuple[float, float]:
    return p.ci if which == "ci" else (p.low, p.high)


def _area(curve: Curve, across: Scale, up: Scale, which: str, kind: str) -> str:
    known = [(p.at, *_ends(p, which)) for p in curve.points if all(map(math.isfinite, _ends(p, which)))]
    if len(known) < 2:
        return ""
    above = [f"{_x(across, at):.1f} {_y(up, high):.1f}" for at, _, high in known]
    below = [f"{_x(across, at):.1f} {_y(up, low):.1f}" for at, low, _ in reversed(known)]
    return f'<path class="{kind}" d="M{"L".join(above + below)}Z"/>'


def _line(curve: Curve, across: Scale, up: Scale, end: str, kind: str) -> str:
    points = [(p.at, getattr(p, end)) for p in curve.points if math.isfinite(getattr(p, end))]
    path = "L".join(f"{_x(across, at):.1f} {_y(up, v):.1f}" for at, v in points)
    dots = "".join(f'<circle class="dot" r="3" cx="{_x(across, at):.1f}" cy="{_y(up, v):.1f}"/>' for at, v in points)
    return f'<path class="{kind}" d="M{path}"/>{dots}' if points else ""
