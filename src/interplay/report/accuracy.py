"""The picture of accuracies on one line: alone, guaranteed, possible, under assumptions, revealed."""

import math
from dataclasses import dataclass

from interplay.report import svg
from interplay.report.document import Document, Range
from interplay.report.words import esc, name, percent, percent_range

SINGLES_SHOWN = 6
ENDS_OF_LADDER = ("guaranteed", "largest possible")  # the two that are drawn as the range itself


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the picture. title and note are HTML, the others plain text."""

    title: str
    note: str
    value: str
    detail: str
    marks: str
    spoken: str
    kind: str = ""


def accuracy_scale(document: Document) -> svg.Scale:
    """From the majority class, or the lowest number shown, to 100%."""
    whole = document.whole
    shown = [document.majority, *whole.accuracy.ends, *whole.guarantee.ends]
    shown += [v for m in _singles(document) for v in whole.unimodal[m].ends]
    shown += [document.truth.get(key, math.nan) for key in ("fused", "oracle")]
    lowest = min((v for v in shown if math.isfinite(v)), default=0.0)
    return svg.Scale(low=max(0.0, math.floor(20 * lowest + 1e-9) / 20), high=1.0)


def accuracy_figure(document: Document) -> str:
    """The picture, which is at the same time the table of its numbers."""
    scale = accuracy_scale(document)
    rows = [*_alone(document, scale), *_fused(document, scale), *_assumed(document, scale)]
    rows += _revealed(document, scale)
    body = "".join(_row(row, document, scale) for row in rows)
    return (
        '<figure class="panel" aria-labelledby="fig-accuracy"><figcaption><h2 id="fig-accuracy">'
        "How often is it right?</h2><p>Share of rows classified correctly. Always naming the largest "
        f"class reaches {percent(document.majority)}.</p></figcaption>"
        '<table class="rows" role="table"><thead class="unseen"><tr role="row">'
        '<th role="columnheader" scope="col">Model</th><th role="columnheader" scope="col">Picture</th>'
        '<th role="columnheader" scope="col">Accuracy</th></tr></thead>'
        f'<tbody role="rowgroup">{body}</tbody></table>{_axis(scale)}{_key(document)}</figure>'
    )


def _singles(document: Document) -> list[str]:
    """The modalities drawn: all, or the best few, in the order of the user."""
    known = [m for m in document.modalities if m in document.whole.unimodal]
    if len(known) <= SINGLES_SHOWN:
        return known
    ranked = sorted(known, key=lambda m: -_or_zero(document.whole.unimodal[m].low))[:SINGLES_SHOWN]
    return [m for m in known if m in ranked]


def _or_zero(value: float) -> float:
    return value if math.isfinite(value) else 0.0


def _alone(document: Document, scale: svg.Scale) -> list[Row]:
    shown = _singles(document)
    hidden = len(document.whole.unimodal) - len(shown)
    rows = [_single(document, m, scale) for m in shown]
    if hidden > 0:
        note = f"{hidden} more in the tables below"
        rows.append(Row(title=f"<i>{note}</i>", note="", value="", detail="", marks="", spoken=note))
    return rows


def _single(document: Document, modality: str, scale: svg.Scale) -> Row:
    estimate = document.whole.unimodal[modality]
    best = modality == document.best_single
    marks = svg.whisker(scale, *estimate.ci) + svg.shape(scale, estimate.low, svg.CIRCLE, "dot")
    return Row(
        title=f"{name(modality)} alone",
        note="the best single modality" if best else "",
        value=percent(estimate.low),
        detail=_interval(estimate),
        marks=marks,
        spoken=f"{modality} alone: {percent(estimate.low)}, {_interval(estimate)}",
    )


def _fused(document: Document, scale: svg.Scale) -> list[Row]:
    promise, possible = document.whole.guarantee, document.whole.accuracy
    promised = Row(
        title="Fused, guaranteed",
        note="what it promises",
        value=f"≥ {percent(promise.ci[0])}",
        detail=f"estimate {percent_range(promise.low, promise.high)}",
        marks=svg.whisker(scale, *promise.ci, kind="strong")
        + svg.point_or_band(scale, promise.low, promise.high, "band-promise")
        + svg.shape(scale, promise.ci[0], svg.POST, "post"),
        spoken=f"This fused model: guaranteed at least {percent(promise.ci[0])}, "
        f"estimate {percent_range(promise.low, promise.high)}",
        kind="promise",
    )
    best = Row(
        title="Fused, best possible",
        note="any model on these codes",
        value=percent_range(possible.low, possible.high),
        detail=_interval(possible),
        marks=svg.whisker(scale, *possible.ci, kind="strong")
        + svg.point_or_band(scale, possible.low, possible.high, "possible"),
        spoken=f"Best possible fused model: {percent_range(possible.low, possible.high)}, {_interval(possible)}",
    )
    return [promised, best]


def _assumed(document: Document, scale: svg.Scale) -> list[Row]:
    return [
        Row(
            title=f"If {name(rung)}",
            note="",
            value=percent(accuracy),
            detail="under an assumption",
            marks=svg.shape(scale, accuracy, svg.SQUARE, "hollow"),
            spoken=f"Best model under the assumption of {rung}: {percent(accuracy)}",
        )
        for rung, accuracy, _ in document.whole.ladder
        if rung not in ENDS_OF_LADDER
    ]


def _revealed(document: Document, scale: svg.Scale) -> list[Row]:
    truth = document.truth
    if "fused" not in truth:
        return []
    fused, error = truth["fused"], 1.96 * truth.get("fused_se", math.nan)
    ends = (fused - error, fused + error)
    rows = [
        Row(
            title="Revealed: fused",
            note="on hidden labels",
            value=percent(fused),
            detail=f"95% CI {percent_range(*ends)}",
            marks=svg.whisker(scale, *ends) + svg.shape(scale, fused, svg.DIAMOND, "diamond"),
            spoken=f"Revealed accuracy of the fused model: {percent(fused)}",
        )
    ]
    if "oracle" in truth:
        rows.append(
            Row(
                title="Revealed: oracle",
                note="trained on labelled pairs",
                value=percent(truth["oracle"]),
                detail="",
                marks=svg.shape(scale, truth["oracle"], svg.DIAMOND, "diamond-hollow"),
                spoken=f"Revealed accuracy of an oracle trained on labelled pairs: {percent(truth['oracle'])}",
            )
        )
    return rows


def _interval(estimate: Range) -> str:
    level = percent(estimate.confidence, 0)
    return f"{level} CI {percent_range(*estimate.ci)}"


def _row(row: Row, document: Document, scale: svg.Scale) -> str:
    single = document.whole.unimodal.get(document.best_single, Range()).low
    lines = [(t, "grid") for t in scale.ticks()]
    lines += [(single, "line-single"), (document.whole.guarantee.ci[0], "line-promise")]
    picture = svg.track(svg.rules(scale, lines), row.marks, row.spoken)
    note = f"<small>{row.note}</small>" if row.note else ""
    detail = f"<small>{esc(row.detail)}</small>" if row.detail else ""
    return (
        f'<tr role="row" class="{row.kind}"><th role="rowheader" scope="row">{row.title}{note}</th>'
        f'<td role="cell" class="track">{picture}</td>'
        f'<td role="cell" class="value"><b>{esc(row.value)}</b>{detail}</td></tr>'
    )


def _axis(scale: svg.Scale) -> str:
    labels = "".join(f'<span style="left:{svg.pct(scale.at(t))}">{100 * t:g}%</span>' for t in scale.ticks())
    return f'<div class="axis" aria-hidden="true"><div>{labels}</div></div>'


def _key(document: Document) -> str:
    items = [
        (svg.sample(svg.CIRCLE, "dot"), "measured"),
        (svg.sample(svg.POST, "post"), "guaranteed"),
        (svg.sample("M-10 -5H10V5H-10Z", "possible"), "left open by the data"),
        (svg.sample(svg.SQUARE, "hollow"), "under an assumption"),
    ]
    if "fused" in document.truth:
        items.append((svg.sample(svg.DIAMOND, "diamond"), "revealed"))
    shown = "".join(f"<span>{mark}{text}</span>" for mark, text in items)
    return f'<p class="key">{shown}<span>thin line: confidence interval</span><span>dotted: best single</span></p>'
