"""Two results side by side as one HTML page: each estimate before and after on one line, and what else differs."""

import math
from collections.abc import Callable, Iterable

from interplay.report import svg
from interplay.report.comparison import GAIN, Change, Comparison
from interplay.report.document import Range
from interplay.report.numbers import table
from interplay.report.shell import page
from interplay.report.words import MISSING, bits, bits_range, esc, name, percent, percent_range, points, points_range

Shown = Callable[[float, float], str]


def render_comparison(comparison: Comparison) -> str:
    """The page as HTML text: no scripts, no network, the same bytes for the same results."""
    accuracies = [c for c in comparison.changes if c.before.unit != "bits" and c.what != GAIN]
    information = [c for c in comparison.changes if c.before.unit == "bits"]
    gains = [c for c in comparison.changes if c.what == GAIN]
    figures = (
        _figure("accuracy", "How often is it right?", accuracies, percent_range, percent)
        + _figure("bits", "Where is the information?", information, bits_range, bits)
        + _figure("gain", "What does fusing gain?", gains, points_range, points)
    )
    notes = "".join(f'<li dir="auto">{esc(n)}</li>' for n in comparison.notes)
    body = (
        f'<header><p class="eyebrow">Two results side by side</p><h1>{_headline(comparison)}</h1></header><main>'
        f'<dl class="figures two"><div><dt>Before</dt><dd dir="auto">{esc(comparison.verdicts[0])}</dd></div>'
        f'<div class="accent"><dt>After</dt><dd dir="auto">{esc(comparison.verdicts[1])}</dd></div></dl>{_key()}'
        f'<div class="pictures even">{figures}</div>'
        f"<section><h2>What differs</h2><div><ul>{notes}</ul></div></section>"
        f'<section class="full"><h2>All numbers</h2>{_numbers(comparison.changes)}</section></main>'
    )
    return page("What changed between two results?", body)


def _headline(comparison: Comparison) -> str:
    """The sentence that answers: which estimates are apart."""
    apart = [name(c.what) for c in comparison.changes if c.apart]
    if not comparison.changes:
        return "The two results have no estimate in common."
    if not apart:
        return f"Nothing moved beyond its confidence interval: all {len(comparison.changes)} overlap."
    moved = "; ".join(apart)
    return f"{len(apart)} of {len(comparison.changes)} estimates moved beyond their confidence intervals: {moved}."


def _key() -> str:
    marks = "thin line: confidence interval · dot or bar: estimate or range · ★ intervals without a point in common"
    return f'<p class="key"><span>upper line: before</span><span>lower line, blue: after</span><span>{marks}</span></p>'


def _figure(key: str, title: str, changes: list[Change], shown: Shown, one: Callable[[float], str]) -> str:
    if not changes:
        return ""
    ends = [v for c in changes for e in (c.before, c.after) for v in e.ends]
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    scale = svg.Scale(low=low, high=high if high > low else low + 1.0)
    rows = "".join(_row(c, scale, shown) for c in changes)
    return (
        f'<figure class="panel" aria-labelledby="fig-{key}"><figcaption><h2 id="fig-{key}">{title}</h2>'
        f"<p>From {one(scale.low)} to {one(scale.high)}.</p></figcaption>"
        '<table class="rows atoms" role="table"><thead class="unseen"><tr role="row">'
        '<th role="columnheader" scope="col">What</th><th role="columnheader" scope="col">Picture</th>'
        '<th role="columnheader" scope="col">Before and after</th></tr></thead>'
        f'<tbody role="rowgroup">{rows}</tbody></table></figure>'
    )


def _row(change: Change, scale: svg.Scale, shown: Shown) -> str:
    told = [shown(*e.ci) for e in (change.before, change.after)]
    spoken = f"{change.what}: before {told[0]}, after {told[1]}" + (", apart" if change.apart else "")
    lines = svg.rules(scale, [(scale.low, "grid"), (scale.high, "grid")])
    marks = f'<svg y="-7" overflow="visible">{_mark(change.before, scale, "", "redundant")}</svg>'
    marks += f'<svg y="7" overflow="visible">{_mark(change.after, scale, "strong", "band-promise")}</svg>'
    star = " ★" if change.apart else ""
    return (
        f'<tr role="row"><th role="rowheader" scope="row">{name(change.what)}{star}</th>'
        f'<td role="cell" class="track tall">{svg.track(lines, marks, spoken)}</td>'
        f'<td role="cell" class="value"><small>{esc(told[0])}</small><b>{esc(told[1])}</b></td></tr>'
    )


def _mark(e: Range, scale: svg.Scale, line: str, fill: str) -> str:
    return svg.whisker(scale, *e.ci, kind=line) + svg.point_or_band(scale, e.low, e.high, fill, 8)


def _numbers(changes: Iterable[Change]) -> str:
    rows = [[name(c.what), *_cells(c), "★" if c.apart else ""] for c in changes]
    head = ("what", "before", "CI", "after", "CI", "low end moved", "high end moved", "apart")
    return table(head, rows, "Estimates or ranges, their confidence intervals, and how far the ends moved.")


def _cells(change: Change) -> list[str]:
    in_bits = change.before.unit == "bits"
    shown = bits_range if in_bits else points_range if change.what == GAIN else percent_range
    both = [text for e in (change.before, change.after) for text in (shown(e.low, e.high), shown(*e.ci))]
    return [*both, *(_moved(v, in_bits=in_bits) for v in change.moved)]


def _moved(value: float, *, in_bits: bool) -> str:
    if not math.isfinite(value):
        return MISSING
    return bits(value) if in_bits else points(value)
