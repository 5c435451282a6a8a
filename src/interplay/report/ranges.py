"""Small maps, one a class: between which ends p(class | pair of codes) can lie, and what one modality says."""

import numpy as np

from interplay.report.heat import COLOURS, Knowledge, drawn_width
from interplay.report.words import esc, name, percent, percent_range

CLASSES_SHOWN = 8
CELL, GAP = 34.0, 20.0
LARGEST = 144  # cells; more are in the JSON file
PAD = 3.0
SMALL = 36  # cells; the grid of two classes is shown unfolded up to here
EXPLAINED = (
    "A cell is a pair of codes. The bar runs from the smallest to the largest probability of the class that the three "
    "tables allow there, from 0 (left) to 100% (right). Ticks: its share given the row's modality alone (above the "
    "line) and the column's alone (below). A short bar is knowledge, a long one is open."
)


def range_maps(known: Knowledge) -> str:
    """A grid a class: the bar in a cell runs from the low to the high end of p(class | codes), 0 left, 1 right.

    With two classes one small grid says all and is shown; else the grids are folded.
    """
    if known.pairs.size > LARGEST:
        return ""
    prior = known.first.sum(0)
    if len(prior) == 2 and known.pairs.size <= SMALL:
        k = int(prior.argmin())
        return _map(known, k, f"How probable is {name(known.classes[k])}?", EXPLAINED)
    shown = sorted(np.argsort(-prior, kind="stable")[:CLASSES_SHOWN])
    maps = "".join(_map(known, int(k), name(known.classes[k])) for k in shown)
    rest = len(prior) - len(shown)
    more = f" The {len(shown)} most frequent of {len(prior)} classes." if rest > 0 else ""
    return (
        '<details class="ranges"><summary>How probable each class can be, code by code</summary>'
        f'<p>{EXPLAINED}{more}</p><div class="maps">{maps}</div></details>'
    )


def _map(known: Knowledge, k: int, title: str, note: str = "") -> str:
    rows, columns = known.pairs.shape
    first = known.first[:, k] / np.maximum(known.first.sum(1), 1e-300)
    second = known.second[:, k] / np.maximum(known.second.sum(1), 1e-300)
    body = "".join(
        _cell(known, i, j, k, float(first[i]), float(second[j])) for i in range(rows) for j in range(columns)
    )
    codes = "".join(_code(GAP / 2, GAP + i * CELL + CELL / 2 + 4, i) for i in range(rows))
    codes += "".join(_code(GAP + j * CELL + CELL / 2, GAP - 6, j) for j in range(columns))
    width, height = GAP + columns * CELL, GAP + rows * CELL
    about = f"<p>{note}</p>" if note else ""
    label = f"Range of the probability of {known.classes[k]}: " + "; ".join(_spoken(known, k))
    return (
        f'<figure class="heat"><figcaption><h3>{title}</h3>{about}</figcaption>'
        f'<svg class="heat-svg" viewBox="0 0 {width + 2:g} {height + 2:g}" width="{drawn_width(width, 1.2):g}" '
        f'role="img" aria-label="{esc(label)}">{codes}{body}</svg></figure>'
    )


def _spoken(known: Knowledge, k: int) -> list[str]:
    """The ranges of the most frequent cells in words."""
    order = np.argsort(-known.pairs, axis=None, kind="stable")[:12]
    cells = zip(*np.unravel_index(order, known.pairs.shape), strict=True)
    return [
        f"codes {i + 1} and {j + 1} {percent_range(float(known.low[i, j, k]), float(known.high[i, j, k]))}"
        for i, j in cells
        if known.pairs[i, j] > 0
    ]


def _code(x: float, y: float, position: int) -> str:
    return f'<text class="code" x="{x:g}" y="{y:g}">{position + 1}</text>'


def _cell(known: Knowledge, i: int, j: int, k: int, first: float, second: float) -> str:
    x, y = GAP + j * CELL, GAP + i * CELL
    frame = f'<rect class="cell" x="{x:g}" y="{y:g}" width="{CELL:g}" height="{CELL:g}"/>'
    if not known.pairs[i, j] > 0:
        return frame
    low, high = float(known.low[i, j, k]), float(known.high[i, j, k])
    inner = CELL - 2 * PAD
    left, width = x + PAD + inner * low, max(inner * (high - low), 1.6)
    title = f"{percent(low)} to {percent(high)}"
    bar = (
        f'<rect class="c{k % COLOURS} range" x="{min(left, x + CELL - PAD - width):.1f}" y="{y + CELL / 2 - 5:g}" '
        f'width="{width:.1f}" height="10" rx="1.5"><title>{title}</title></rect>'
    )
    up, down = (x + PAD + inner * min(1.0, max(0.0, p)) for p in (first, second))
    ticks = (
        f'<path class="tick" d="M{up:.1f} {y + CELL / 2 - 11:g}v5M{down:.1f} {y + CELL / 2 + 6:g}v5"/>'
        f'<path class="base" d="M{x + PAD:g} {y + CELL / 2:g}h{inner:g}"/>'
    )
    return frame + ticks + bar
