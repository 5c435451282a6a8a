"""Heat maps of one pair of modalities: how often each pair of codes occurs and what the fused model says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interplay.report.document import Answers
from interplay.report.words import esc, name, percent, percent_range

CELL = 26.0
MARGIN = 34.0  # room for the class shares of each modality alone
LARGEST = 900  # more cells than this are not drawn
TABLED = 256  # more cells than this are drawn but not listed
COLOURS = 8
Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """Reconciled tables, the rule, and the range of p(class | cell) that each cell's own margins allow."""

    names: tuple[str, str]
    classes: tuple[str, ...]
    pairs: Array
    first: Array
    second: Array
    rule: NDArray[np.intp]
    low: Array
    high: Array

    @property
    def decided(self) -> tuple[Array, Array]:
        """Range of p(decision | cell), each of shape (n1, n2)."""
        at = self.rule[..., None]
        return np.take_along_axis(self.low, at, 2)[..., 0], np.take_along_axis(self.high, at, 2)[..., 0]


def cell_ranges(p12: Array, p1y: Array, p2y: Array) -> tuple[Array, Array]:
    """Outer range of p(y | x1, x2), each (n1, n2, K), by Frechet's inequalities; nan where no pair occurs."""
    p1, p2, py = p1y.sum(1), p2y.sum(1), p1y.sum(0)
    first, second, both = p1y[:, None, :], p2y[None, :, :], p12[:, :, None]
    lower = [both + first - p1[:, None, None], both + second - p2[None, :, None], first + second - py]
    low = np.maximum(0.0, np.maximum.reduce(np.broadcast_arrays(*lower)))
    high = np.minimum.reduce(np.broadcast_arrays(first, second, both))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(both > 0, low / both, np.nan), np.where(both > 0, high / both, np.nan)


def read_knowledge(answers: Answers, classes: tuple[str, ...]) -> Knowledge | None:
    """The tables of a pair; None if they are absent or do not fit together."""
    tables = _arrays(answers.tables)
    if tables is None or len(answers.modalities) != 2:
        return None
    p12, p1y, p2y = tables
    ragged = len({len(row) for row in answers.rule}) != 1
    rule = np.array([] if ragged else answers.rule, dtype=np.intp)
    fits = rule.shape == p12.shape and p1y.shape == (len(p12), len(classes))
    if not fits or p2y.shape != (p12.shape[1], len(classes)) or rule.min() < 0 or rule.max() >= len(classes):
        return None
    low, high = cell_ranges(p12, p1y, p2y)
    names = (answers.modalities[0], answers.modalities[1])
    return Knowledge(names=names, classes=classes, pairs=p12, first=p1y, second=p2y, rule=rule, low=low, high=high)


def _arrays(tables: Mapping[str, Any]) -> tuple[Array, Array, Array] | None:
    try:
        p12, p1y, p2y = (np.array(tables[key], dtype=float) for key in ("pairs", "first", "second"))
    except (KeyError, TypeError, ValueError):
        return None
    three = (p12, p1y, p2y)
    good = all(t.ndim == 2 and t.size and t.min() >= 0 and t.max() <= 2**53 and t.max() > 0 for t in three)
    return (p12 / p12.sum(), p1y / p1y.sum(), p2y / p2y.sum()) if good else None


def drawn_width(width: float, factor: float) -> float:
    """Pixels for a picture of this many units: as wide as its column if there are few codes."""
    return min(max(300.0, factor * width), 2.4 * width)


def heat_figure(known: Knowledge) -> str:
    """The picture with its key, and the same as a table."""
    if known.pairs.size > LARGEST:
        return f"<p>{known.pairs.size} cells: too many to draw; they are in the JSON file.</p>"
    one, two = (name(n) for n in known.names)
    return (
        f'<figure class="heat"><figcaption><h3>{one} × {two}</h3><p>Rows are the codes of {one}, columns the '
        f"codes of {two}.</p></figcaption>{_picture(known)}{_classes_key(known)}{_table(known)}</figure>"
    )


def _picture(known: Knowledge) -> str:
    rows, columns = known.pairs.shape
    width, height = MARGIN + 18 + columns * CELL, MARGIN + 18 + rows * CELL
    floor, _ = known.decided
    largest = known.pairs.max()
    cells = "".join(
        _cell(known, i, j, side=CELL * 0.92 * (known.pairs[i, j] / largest) ** 0.5, sure=floor[i, j] > 0.5)
        for i in range(rows)
        for j in range(columns)
    )
    label = f"Decision of the fused model for each pair of codes of {known.names[0]} and {known.names[1]}"
    return (
        f'<div class="wide"><svg class="heat-svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{drawn_width(width, 1.5):g}" role="img" aria-label="{esc(label)}">{_margins(known)}{cells}</svg></div>'
    )


def _cell(known: Knowledge, i: int, j: int, *, side: float, sure: bool) -> str:
    x, y = MARGIN + 18 + j * CELL, MARGIN + 18 + i * CELL
    frame = f'<rect class="cell" x="{x:g}" y="{y:g}" width="{CELL:g}" height="{CELL:g}"/>'
    if side < 0.4:
        return frame
    k = int(known.rule[i, j])
    inset, fill = (CELL - side) / 2, f"c{k % COLOURS}{'' if sure else ' unsure'}"
    mark = (
        f'<rect class="{fill}" x="{x + inset:.1f}" y="{y + inset:.1f}" width="{side:.1f}" '
        f'height="{side:.1f}" rx="1.5"/>'
    )
    text = ""
    if side > 9:
        text = f'<text class="glyph{"" if sure else " dark"}" x="{x + 13:g}" y="{y + 17:g}">{k + 1}</text>'
    return frame + mark + text


def _margins(known: Knowledge) -> str:
    """Class shares given each code of one modality alone, as stacked bars along the two edges."""
    parts, start = [], MARGIN + 18
    for axis, table in enumerate((known.first, known.second)):
        shares = table / np.maximum(table.sum(1, keepdims=True), 1e-300)
        for i, row in enumerate(shares):
            at, across = start + i * CELL, 0.0
            for k, share in enumerate(row):
                length = float(share) * MARGIN
                if length > 0.05:
                    parts.append(_bar(axis, at, across, length, k))
                across += length
            x, y = (MARGIN + 9, at + 17) if axis == 0 else (at + 13, MARGIN + 13)
            parts.append(f'<text class="code" x="{x:g}" y="{y:g}">{i + 1}</text>')
    return "".join(parts)


def _bar(axis: int, at: float, across: float, length: float, k: int) -> str:
    x, y, w, h = (across, at + 3, length, CELL - 6) if axis == 0 else (at + 3, across, CELL - 6, length)
    return f'<rect class="c{k % COLOURS} margin" x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}"/>'


def _classes_key(known: Knowledge) -> str:
    prior = known.first.sum(0)
    items = "".join(
        f'<li><svg class="swatch" width="18" height="18" aria-hidden="true"><rect class="c{k % COLOURS}" '
        f'width="18" height="18" rx="2"/><text class="glyph" x="9" y="13">{k + 1}</text></svg>'
        f"{name(c)} <small>{percent(float(p))}</small></li>"
        for k, (c, p) in enumerate(zip(known.classes, prior, strict=True))
    )
    return f'<ul class="classes" aria-label="Classes and their shares">{items}</ul>'


def _table(known: Knowledge) -> str:
    """Every cell in words, most frequent first."""
    if known.pairs.size > TABLED:
        return f"<p>The {known.pairs.size} cells are listed in the JSON file.</p>"
    low, high = known.decided
    rows = "".join(
        f"<tr><td>{i + 1}</td><td>{j + 1}</td><td>{percent(float(known.pairs[i, j]), 2)}</td>"
        f"<td>{name(known.classes[known.rule[i, j]])}</td>"
        f"<td>{percent_range(float(low[i, j]), float(high[i, j]))}</td></tr>"
        for i, j in zip(
            *np.unravel_index(np.argsort(-known.pairs, axis=None, kind="stable"), known.pairs.shape), strict=True
        )
        if known.pairs[i, j] > 0
    )
    return (
        f"<details><summary>The same as a table</summary>"
        '<div class="wide" role="region" tabindex="0" aria-label="Cells"><table class="data"><thead><tr>'
        f'<th scope="col">{name(known.names[0])} code</th><th scope="col">{name(known.names[1])} code</th>'
        '<th scope="col">share of pairs</th><th scope="col">decision</th>'
        '<th scope="col">how often that is right (range)</th>'
        f"</tr></thead><tbody>{rows}</tbody></table></div></details>"
    )
