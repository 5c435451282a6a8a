"""The numbers of a result in tables: raw, six digits, never clipped."""

import math
from collections.abc import Iterable

from interplay.report.document import Answers, Document, Range
from interplay.report.words import name, percent, percent_range, points_range, raw

HEAD = ("what", "unit", "low end", "high end", "CI from", "CI to", "lower limit", "upper limit", "p-value")
LADDER = ("rung", "accuracy", '<span class="prose">assumes</span>')


def table(head: Iterable[str], rows: Iterable[Iterable[str]], caption: str) -> str:
    """A plain table; cells are HTML, the first of each row is its header. caption: plain text."""
    top = "".join(f'<th scope="col">{h}</th>' for h in head)
    body = ""
    for row in rows:
        first, *rest = row
        body += f'<tr><th scope="row">{first}</th>' + "".join(f"<td>{c}</td>" for c in rest) + "</tr>"
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{caption}">'
        f'<table class="data"><caption><span>{caption}</span></caption><thead><tr>{top}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def all_numbers(document: Document) -> str:
    """Every estimate of the result, then the ladder and the tests."""
    answers = document.whole
    parts = [
        table(
            HEAD,
            _estimates(answers),
            "Estimates. CI: two-sided interval that covers the whole range; limits: one-sided.",
        ),
        table(
            ("rung", "accuracy", '<span class="prose">assumes</span>'), _ladder(answers), "Best accuracy by assumption."
        ),
        table(("margin", "p-value"), _tests(answers), "Do the data sets describe one population?"),
    ]
    if document.truth:
        rows = ([k.replace("_", " "), raw(v)] for k, v in document.truth.items())
        parts.append(table(("held-out truth", "value"), rows, "Revealed on held-out labelled pairs."))
    return f'{parts[0]}<div class="tables">{"".join(parts[1:])}</div>'


def _estimates(answers: Answers) -> list[list[str]]:
    named = [
        *((f"accuracy of {name(m)} alone", e) for m, e in answers.unimodal.items()),
        ("guaranteed accuracy of this fused model", answers.guarantee),
        ("accuracy of the best fused model", answers.accuracy),
        ("gain over the best single modality", answers.gain),
        ("redundancy", answers.redundancy),
        *((f"unique to {name(m)}", e) for m, e in answers.unique.items()),
        ("synergy", answers.synergy),
        ("total information", answers.total),
        *((f"information of {name(m)}", e) for m, e in answers.information.items()),
    ]
    return [[what, *_estimate(e)] for what, e in named]


def _estimate(e: Range) -> list[str]:
    values = (e.low, e.high, *e.ci, *e.limits, e.p_value)
    return [e.unit or "n/a", *(raw(v) for v in values)]


def _ladder(answers: Answers) -> list[list[str]]:
    return [
        [name(rung), raw(accuracy), f'<span class="prose">{name(assumes)}</span>']
        for rung, accuracy, assumes in answers.ladder
    ]


def _tests(answers: Answers) -> list[list[str]]:
    return [[name(margin), raw(p)] for margin, p in answers.mismatch.items()]


def pairs_table(document: Document) -> str:
    """One row a pair of modalities, the most promising first; empty for a single pair."""
    if len(document.pairs) < 2:
        return ""
    ranked = sorted(document.pairs, key=lambda a: -(a.guarantee.ci[0] if a.guarantee.ends else -1.0))
    rows = [_pair_row(a, chosen=a.modalities == document.chosen) for a in ranked]
    head = ("pair", "guaranteed", "best possible", "gain over single", "redundancy", "unique", "synergy")
    caption = "Each pair of modalities on its own, the best guarantee first."
    return f'<section class="full"><h2>Which modalities together?</h2>{table(head, rows, caption)}</section>'


def modalities_table(document: Document) -> str:
    """The modalities ranked, with the best partner of each; empty for two modalities, which the picture ranks."""
    if len(document.modalities) < 3 or not document.pairs:
        return ""
    alone = document.whole.unimodal
    ranked = sorted((m for m in document.modalities if m in alone), key=lambda m: -_or_least(alone[m].low))
    rows = [_modality_row(at + 1, m, document) for at, m in enumerate(ranked)]
    head = ("modality", "rank", "accuracy alone", "best with", "guaranteed together", "redundancy, most with")
    caption = "Each modality alone, the most accurate first, and with the partner that guarantees most."
    return f'<section class="full"><h2>Modalities ranked</h2>{table(head, rows, caption)}</section>'


def _modality_row(rank: int, modality: str, document: Document) -> list[str]:
    own = [a for a in document.pairs if modality in a.modalities]
    best = max(own, key=lambda a: _or_least(a.guarantee.ci[0]), default=None)
    e = document.whole.unimodal[modality]
    first = [name(modality), str(rank), f"{percent(e.low)} ({percent_range(*e.ci)})"]
    if best is None:
        return [*first, "n/a", "n/a", "n/a"]
    partner = next((m for m in best.modalities if m != modality), "")
    most = max(own, key=lambda a: _or_least(a.redundancy.low))
    sharing = next((m for m in most.modalities if m != modality), "")
    return [
        *first,
        name(partner),
        f"≥ {percent(best.guarantee.ci[0])}",
        f"{_bits(most.redundancy)} with {name(sharing)}",
    ]


def _or_least(value: float) -> float:
    return value if math.isfinite(value) else -math.inf


def _pair_row(answers: Answers, *, chosen: bool) -> list[str]:
    pair = " + ".join(name(m) for m in answers.modalities)
    unique = "<br>".join(f"{name(m)} {_bits(e)}" for m, e in answers.unique.items())
    return [
        f"{pair}{' <small>(the fused model uses this pair)</small>' if chosen else ''}",
        f"≥ {percent(answers.guarantee.ci[0])}",
        percent_range(answers.accuracy.low, answers.accuracy.high),
        points_range(*answers.gain.ci),
        _bits(answers.redundancy),
        unique,
        _bits(answers.synergy),
    ]


def _bits(e: Range) -> str:
    ends = [raw(round(v, 3)) for v in (e.low, e.high)]
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"
