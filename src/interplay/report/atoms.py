"""The picture of the information: redundancy, unique parts and synergy as shares of the label's entropy."""

import math

from interplay.report import svg
from interplay.report.document import Answers, Document, Range
from interplay.report.words import bits, bits_range, esc, name, percent, share_range

UNIQUE_FILLS = ("unique-0", "unique-1", "unique-2", "unique-3")


def atoms_figure(document: Document) -> str:
    """A stacked bar of what each part explains, and a row with its range for each."""
    answers, whole = document.whole, document.entropy
    scale = svg.Scale(low=0.0, high=_width(document))
    rows = "".join(_row(*row, scale=scale, whole=whole) for row in _parts(answers))
    pair = " and ".join(name(m) for m in document.chosen or document.modalities)
    return (
        '<figure class="panel" aria-labelledby="fig-atoms"><figcaption><h2 id="fig-atoms">'
        "Where is the information?</h2>"
        f"<p>What {pair} say about the label. Its whole uncertainty is {bits(whole)} (100%).</p></figcaption>"
        f'{_stack(answers, scale, whole)}<table class="rows atoms" role="table"><thead class="unseen">'
        '<tr role="row"><th role="columnheader" scope="col">Part</th><th role="columnheader" scope="col">'
        'Picture</th><th role="columnheader" scope="col">Bits</th></tr></thead>'
        f'<tbody role="rowgroup">{rows}</tbody></table></figure>'
    )


def _width(document: Document) -> float:
    """The axis ends at H(Y), or at the largest number if that is unknown."""
    if document.entropy > 0:
        return document.entropy
    ends = [v for _, _, e, _ in _parts(document.whole) for v in e.ends]
    return max([v for v in ends if v > 0], default=1.0)


def _parts(answers: Answers) -> list[tuple[str, str, Range, str]]:
    """(fill, plain title, estimate, explanation) in the order of the bar."""
    parts = [("redundant", "Redundancy", answers.redundancy, "either one tells this")]
    for i, (modality, estimate) in enumerate(answers.unique.items()):
        fill = UNIQUE_FILLS[i % len(UNIQUE_FILLS)]
        parts.append((fill, f"Unique to {modality}", estimate, "only this one tells"))
    parts.append(("synergy", "Synergy", answers.synergy, "only both together tell"))
    parts.append(("frame", "All together", answers.total, "sum of the parts"))
    return parts


def _stack(answers: Answers, scale: svg.Scale, whole: float) -> str:
    """Certain parts as solid segments, the synergy that is possible but not certain hatched."""
    drawn, start, spoken = "", 0.0, []
    for fill, title, estimate, _ in _parts(answers)[:-1]:
        width = _display(estimate.low)
        drawn += _segment(scale, start, start + width, fill)
        spoken.append(f"{title} {bits_range(estimate.low, estimate.high)}")
        start += width
    extra = _display(answers.synergy.high) - _display(answers.synergy.low)
    drawn += _segment(scale, start, start + max(0.0, extra), "possible")
    frame = '<rect class="frame" y="-14" width="100%" height="28" rx="2"/>'
    label = f"Of {bits(whole)}: " + "; ".join(spoken)
    return f'<div class="stack"><div class="track">{svg.track("", frame + drawn, label)}</div>{_scale_words()}</div>'


def _scale_words() -> str:
    words = "solid: estimated · hatched: possible"
    return f'<div class="ends" aria-hidden="true"><span>0</span><span>{words}</span><span>100%</span></div>'


def _display(value: float) -> float:
    """Bits as drawn: a missing or negative number has no length (the tables keep it)."""
    return max(0.0, value) if math.isfinite(value) else 0.0


def _segment(scale: svg.Scale, start: float, end: float, fill: str) -> str:
    x0, x1 = scale.at(start), scale.at(end)
    if x1 - x0 < 0.05:
        return ""
    return f'<rect class="{fill}" x="{svg.pct(x0)}" width="{svg.pct(x1 - x0)}" y="-14" height="28"/>'


def _row(fill: str, title: str, estimate: Range, text: str, *, scale: svg.Scale, whole: float) -> str:
    interval = f"{percent(estimate.confidence, 0)} CI {bits_range(*estimate.ci)}"
    drawn = "possible" if fill in ("synergy", "frame") else fill
    mark = svg.point_or_band(scale, estimate.low, estimate.high, drawn, 10)
    lines = svg.rules(scale, [(scale.low, "grid"), (scale.high, "grid")])
    spoken = f"{title}: {bits_range(estimate.low, estimate.high)}, {interval}"
    share = share_range(estimate.low, estimate.high, whole)
    return (
        f'<tr role="row"><th role="rowheader" scope="row">{svg.swatch(fill)}{name(title)}<small>{text}</small></th>'
        f'<td role="cell" class="track">{svg.track(lines, svg.whisker(scale, *estimate.ci) + mark, spoken)}</td>'
        f'<td role="cell" class="value"><b>{share}</b> · {bits_range(estimate.low, estimate.high)}'
        f"<small>{esc(interval)}</small></td></tr>"
    )
