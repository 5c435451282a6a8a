"""A result as a small table for notebooks: inline styles only, so that no page's style is touched."""

from collections.abc import Mapping
from typing import Any

from interplay.report.document import read_document
from interplay.report.verdicts import gather
from interplay.report.words import bits_range, esc, name, percent, percent_range, points_range

CELL = "text-align:left;padding:.15em 1em .15em 0;border:0"


def notebook_table(data: Mapping[str, Any]) -> str:
    """Verdict, accuracies, information and warnings as an HTML fragment."""
    document = read_document(data)
    whole = document.whole
    rows = [_row(f"{name(m)} alone", percent_range(*e.ci), percent(e.low)) for m, e in whole.unimodal.items()]
    promise = whole.guarantee
    rows.append(_row("fused, guaranteed", f"≥ {percent(promise.ci[0])}", percent_range(promise.low, promise.high)))
    best = whole.accuracy
    rows.append(_row("fused, best possible", percent_range(*best.ci), percent_range(best.low, best.high)))
    gain = whole.gain
    rows.append(_row("gain over best single", points_range(*gain.ci), points_range(gain.low, gain.high)))
    named = [("redundancy", whole.redundancy), *((f"unique to {name(m)}", e) for m, e in whole.unique.items())]
    for what, e in [*named, ("synergy", whole.synergy), ("all together", whole.total)]:
        rows.append(_row(what, bits_range(*e.ci), bits_range(e.low, e.high)))
    level = percent(promise.confidence, 0)
    head = "".join(f'<th scope="col" style="{CELL}">{h}</th>' for h in ("", f"{level} interval", "point"))
    warned = "".join(f"<p>⚠ {esc(w)}</p>" for w in gather(document.warnings))
    return (
        f'<div><p dir="auto"><b>{esc(document.verdict)}</b></p><table style="border-collapse:collapse"><thead><tr>'
        f"{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>{warned}</div>"
    )


def _row(what: str, interval: str, point: str) -> str:
    cells = f'<td style="{CELL}">{esc(interval)}</td><td style="{CELL}">{esc(point)}</td>'
    return f'<tr><th scope="row" style="{CELL};font-weight:normal">{what}</th>{cells}</tr>'
