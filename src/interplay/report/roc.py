"""ROC curves of two modalities for two classes, and their common hull, which is all that both are known to tell."""

import numpy as np

from interplay.information import Array
from interplay.report.heat import Knowledge
from interplay.report.numbers import table
from interplay.report.svg import sample
from interplay.report.words import esc, name, percent

SIDE, LEFT, BOTTOM, TOP = 230.0, 56.0, 40.0, 8.0
LINE = "M-9 0H9"


def roc_points(table: Array) -> Array:
    """The ROC curve (n + 1, 2) of codes with p(code, class), shape (n, 2), as (false alarms, found) of class 0.

    Codes come in order of their odds, so the curve is concave. From (0, 0) to (1, 1); (0, 0), (1, 1) alone for a
    class that never occurs.
    """
    wanted, other = table[:, 0], table[:, 1]
    if not (wanted.sum() > 0 and other.sum() > 0):
        return np.array([[0.0, 0.0], [1.0, 1.0]])
    mass = wanted + other
    order = np.argsort(-np.divide(wanted, mass, out=np.full(len(mass), 0.5), where=mass > 0), kind="stable")
    steps = np.stack([other[order] / other.sum(), wanted[order] / wanted.sum()], axis=1)
    return np.vstack([np.zeros(2), np.minimum(np.cumsum(steps, axis=0), 1.0)])


def upper_hull(points: Array) -> Array:
    """The upper concave hull (h, 2) of points (n, 2) from the left to the right."""
    kept: list[Array] = []
    for point in points[np.lexsort((-points[:, 1], points[:, 0]))]:
        while len(kept) > 1 and _turn(kept[-2], kept[-1], point) >= -1e-12:
            kept.pop()
        if not kept or point[0] > kept[-1][0]:
            kept.append(point)
    return np.array(kept)


def _turn(a: Array, b: Array, c: Array) -> float:
    """Above zero where the way from a over b to c turns left."""
    return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))


def area_below(points: Array) -> float:
    """Area below a curve: how often a row of the class is ranked before another row, ties counted half."""
    return float(((points[1:, 0] - points[:-1, 0]) * (points[1:, 1] + points[:-1, 1])).sum() / 2)


def roc_figure(known: Knowledge) -> str:
    """The curves with their areas, and the same as a table; empty unless there are two classes."""
    if len(known.classes) != 2:
        return ""
    at = int(known.first.sum(0).argmin())  # the rarer class is the one to be found
    order = [at, 1 - at]
    curves = [roc_points(t[:, order]) for t in (known.first, known.second)]
    hull = upper_hull(np.vstack(curves))
    areas = [percent(area_below(c)) for c in (*curves, hull)]
    one, two = (name(n) for n in known.names)
    key = ((one, "roc-first"), (two, "roc-second"), ("hull of both", "roc-hull"))
    shown = "".join(
        f"<span>{sample(LINE, kind)}{what} <small>{area}</small></span>"
        for (what, kind), area in zip(key, areas, strict=True)
    )
    return (
        f'<figure class="heat"><figcaption><h3>Finding {name(known.classes[at])}</h3><p>ROC curves of the codes; '
        "percentages are areas below them. The hull is what both are known to tell, however they interact: its "
        "information is redundancy and unique parts together. Synergy comes on top.</p></figcaption>"
        f'{_picture(known, at, curves, hull, areas)}<p class="key">{shown}</p>{_listing(known, curves, hull)}</figure>'
    )


def _picture(known: Knowledge, at: int, curves: list[Array], hull: Array, areas: list[str]) -> str:
    label = (
        f"ROC curves for finding {known.classes[at]}: area below {known.names[0]} {areas[0]}, "
        f"{known.names[1]} {areas[1]}, hull of both {areas[2]}"
    )
    drawn = f'<path class="roc-area" d="{_path(hull)}L{_place(1, 0)}L{_place(0, 0)}Z"/>{_frame()}'
    drawn += f'<path class="roc-hull" d="{_path(hull)}"/>'
    drawn += f'<path class="roc-first" d="{_path(curves[0])}"/><path class="roc-second" d="{_path(curves[1])}"/>'
    width, height = LEFT + SIDE + 22, TOP + SIDE + BOTTOM
    return (
        f'<svg class="heat-svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" role="img" '
        f'aria-label="{esc(label)}">{drawn}</svg>'
    )


def _place(x: float, y: float) -> str:
    return f"{LEFT + SIDE * x:.1f} {TOP + SIDE * (1 - y):.1f}"


def _path(points: Array) -> str:
    return "M" + "L".join(_place(float(x), float(y)) for x, y in points)


def _frame() -> str:
    """Axes with their ends and names, and the diagonal of a modality that tells nothing."""
    parts = [f'<path class="grid" d="M{_place(0, 0)}L{_place(1, 1)}"/>']
    for share in (0.0, 0.5, 1.0):
        parts.append(f'<path class="grid" d="M{_place(0, share)}L{_place(1, share)}"/>')
        y = TOP + SIDE * (1 - share) + 4
        parts.append(f'<text class="tick-text end" x="{LEFT - 6:g}" y="{y:g}">{percent(share, 0)}</text>')
        x = LEFT + SIDE * share
        parts.append(f'<text class="tick-text" x="{x:g}" y="{TOP + SIDE + 16:g}">{percent(share, 0)}</text>')
    middle, low = LEFT + SIDE / 2, TOP + SIDE + 34
    parts.append(f'<text class="tick-text" x="{middle:g}" y="{low:g}">false alarms among the others</text>')
    turn = f'transform="rotate(-90 10 {TOP + SIDE / 2:g})"'
    parts.append(f'<text class="tick-text" x="10" y="{TOP + SIDE / 2:g}" {turn}>found</text>')
    return "".join(parts)


def _listing(known: Knowledge, curves: list[Array], hull: Array) -> str:
    rows = [
        [name(what), percent(float(x)), percent(float(y))]
        for what, points in ((*zip(known.names, curves, strict=True), ("hull of both", hull)))
        for x, y in points
    ]
    head = ("curve", "false alarms", "found")
    return f"<details><summary>The same as a table</summary>{table(head, rows, 'Corners of the curves.')}</details>"
