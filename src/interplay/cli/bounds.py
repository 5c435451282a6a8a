"""`interplay bounds`: every bound that three tables allow, method by method."""

import argparse
import math
from collections.abc import Sequence
from typing import Any

from interplay.bounds.accuracy import bound_accuracy
from interplay.bounds.decomposition import identify
from interplay.bounds.synergy import bound_synergy
from interplay.cli.output import answer, note, read_json
from interplay.cli.table import clean, grid
from interplay.documents import estimate_document
from interplay.errors import MarginsError
from interplay.report.words import MISSING, bits_range, p_value, percent_range, points_range
from interplay.results import AccuracyBounds, Estimate, Identified, Interval, SynergyBounds
from interplay.table_quantification import quantify_tables
from interplay.tables import PairTables, Reconciliation

EXAMPLES = """examples:
  echo '{"pairs": [[30, 10], [10, 30]], "first": [[35, 5], [5, 35]],' \\
      '"second": [[30, 10], [10, 30]]}' > tables.json
  interplay bounds tables.json
  interplay bounds tables.json --confidence 0.95   # counts: with intervals
  interplay bounds - --csv < tables.json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument(
        "tables",
        metavar="TABLES.JSON",
        help="tables pairs (n1,n2), first (n1,K), second (n2,K): counts or probabilities",
    )
    parser.add_argument("--confidence", type=float, metavar="P", help="counts only: intervals as well, such as 0.95")


def execute(options: argparse.Namespace) -> int:
    """Read the tables, make them agree if they do not, bound, print."""
    raw = PairTables.from_dict(_read(options.tables))
    if options.confidence is not None:
        return _with_confidence(raw, options)
    tables, repair = agreeing(raw)
    if repair is not None:
        note(_repair_sentence(repair), quiet=options.quiet)
    parts, synergy, accuracy = identify(tables), bound_synergy(tables), bound_accuracy(tables)
    document = _as_json(parts, synergy, accuracy, repair)
    answer(document, lambda: _as_table(parts, synergy, accuracy), json=options.json, csv=options.csv)
    return 0


def _with_confidence(tables: PairTables, options: argparse.Namespace) -> int:
    """The same answers from counts, with the sampling error in them."""
    result = quantify_tables(tables, confidence=options.confidence, seed=options.seed or 0)
    named = [("best fused accuracy", result.accuracy), ("gain over best single", result.gain)]
    named += [("redundancy", result.redundancy), *((f"unique to {n}", e) for n, e in result.unique.items())]
    named += [("synergy", result.synergy), ("all together", result.total)]
    document = {"schema": "interplay/table-result/1"} | {what: estimate_document(e) for what, e in named}
    p = p_value(result.mismatch.p_value)
    note(f"note: do the three tables describe one population? {p}", quiet=options.quiet)
    answer(document, lambda: _estimates_table(named), json=options.json, csv=options.csv)
    return 0


def _estimates_table(named: Sequence[tuple[str, Estimate]]) -> str:
    lines = [("", "interval", "point")]
    for what, e in named:
        show = bits_range if e.unit == "bits" else points_range if what.startswith("gain") else percent_range
        lines.append((clean(what), show(*e.ci), show(e.low, e.high)))
    return grid(lines, titles={0})


def _read(path: str) -> Any:
    step = "write them with PairTables.to_json, or see the example in `interplay bounds --help`"
    return read_json(path, expected="a JSON file of tables, or - for stdin", next_step=step)


def agreeing(tables: PairTables) -> tuple[PairTables, Reconciliation | None]:
    """The tables themselves if their margins agree, else the closest that do, with what it took."""
    try:
        _ = tables.margins
    except MarginsError:
        return tables.reconcile()
    return tables, None


def _repair_sentence(repair: Reconciliation) -> str:
    p = repair.mismatch.p_value
    tested = f"mismatch test {p_value(p)}" if math.isfinite(p) else "no mismatch test without counts"
    return f"note: the three tables disagreed and were reconciled (moved by up to {repair.slack:.2%}; {tested})"


def _as_table(parts: Identified, synergy: SynergyBounds, accuracy: AccuracyBounds) -> str:
    lines: list[tuple[str, ...]] = [("", "low", "high", "valid", "why")]
    lines += [("INFORMATION IN BITS", "", "", "", ""), _fact("redundancy", parts.redundancy)]
    lines += [_fact(f"unique to {clean(n)}", u) for n, u in zip(parts.names, parts.unique, strict=True)]
    lines += [("synergy", _number(synergy.low), _number(synergy.high), "yes", "best valid method at each end")]
    lines += [_method(name, interval) for name, interval in synergy.methods.items()]
    lines += [("ACCURACY", "", "", "", "")]
    lines += [_fact(f"{clean(n)} alone", u) for n, u in zip(parts.names, accuracy.unimodal, strict=True)]
    lines += [("best fused", _number(accuracy.low), _number(accuracy.high), "yes", "best valid method at each end")]
    lines += [_method(name, interval) for name, interval in accuracy.methods.items()]
    return grid(lines, titles={i for i, line in enumerate(lines) if not any(line[1:])})


def _fact(what: str, value: float) -> tuple[str, ...]:
    return what, _number(value), _number(value), "yes", "identified exactly"


def _method(name: str, interval: Interval) -> tuple[str, ...]:
    ends = zip((interval.low, interval.high), interval.reasons, strict=True)
    why = dict.fromkeys(reason for value, reason in ends if math.isfinite(value) and reason)
    valid = "yes" if interval.valid else "no"
    return f"  by {name}", _number(interval.low), _number(interval.high), valid, "; ".join(why)


def _number(value: float) -> str:
    return f"{value:.4f}" if math.isfinite(value) else MISSING


def _as_json(
    parts: Identified, synergy: SynergyBounds, accuracy: AccuracyBounds, repair: Reconciliation | None
) -> dict[str, Any]:
    unique = dict(zip(parts.names, parts.unique, strict=True))
    return {
        "schema": "interplay/bounds/1",
        "redundancy": parts.redundancy,
        "unique": unique,
        "union": parts.union,
        "synergy": _bounds(synergy) | {"attained": _or_none(synergy.attained)},
        "accuracy": _bounds(accuracy)
        | {
            "attained": _or_none(accuracy.attained),
            "unimodal": dict(zip(parts.names, accuracy.unimodal, strict=True)),
            "classifier": accuracy.classifier.tolist(),
        },
        "reconciled": None
        if repair is None
        else {
            "moved": repair.slack,
            "p_values": {k: _or_none(v) for k, v in repair.mismatch.p_values.items()},
            "p_value": _or_none(repair.mismatch.p_value),
        },
    }


def _bounds(bounds: SynergyBounds | AccuracyBounds) -> dict[str, Any]:
    methods = {
        name: {"low": _or_none(i.low), "high": _or_none(i.high), "valid": i.valid, "reasons": list(i.reasons)}
        for name, i in bounds.methods.items()
    }
    return {"low": bounds.low, "high": bounds.high, "unit": bounds.unit, "methods": methods}


def _or_none(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
