"""`interplay report`: a result in JSON becomes a report, is compared with another, or held to requirements."""

import argparse
import math
from pathlib import Path
from typing import Any

from interplay.cli.output import STREAM, answer, check_writable, note, read_json, write_target
from interplay.cli.table import bold, clean, grid, result_table, wrap
from interplay.report.comparison import GAIN, Change, Comparison, compare_documents
from interplay.report.comparison_page import render_comparison
from interplay.report.html import render
from interplay.report.requirements import Requirement, require
from interplay.report.words import MINUS, MISSING, bits_range, percent_range, points_range

EXAMPLES = """examples:
  interplay demo
  interplay report interplay-demo/result.json --out report.html
  interplay report result.json                  # writes result.html beside it
  interplay report result.json --require 'accuracy.low >= 0.85' \\
      --require 'guarantee.ci.low > unimodal.image.low'
  interplay report --compare before.json after.json --out change.html
  cat result.json | interplay report - --out - > report.html

exit codes: 0 done, 1 a requirement does not hold or a file cannot be used,
2 wrong usage
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.set_defaults(wrong_usage=parser.error)
    add = parser.add_argument
    add("result", metavar="RESULT.JSON", nargs="?", help="what `interplay quantify --result` wrote, or - for stdin")
    add("--out", metavar="FILE", help="the HTML file (default: beside the JSON), or - for stdout")
    add("--compare", nargs=2, metavar=("A.JSON", "B.JSON"), help="two results side by side; a page with --out")
    add(
        "--require",
        action="append",
        metavar="STATEMENT",
        help="such as 'accuracy.low >= 0.85', or with confidence 'accuracy.ci.low >= 0.85'; writes no report",
    )


def execute(options: argparse.Namespace) -> int:
    """Compare, require or render."""
    if options.compare:
        return _compare(options)
    if not options.result:
        options.wrong_usage("name a RESULT.JSON or --compare two of them")
    document = read_result(options.result)
    if options.require:
        return _require(document, options)
    return _render(document, options)


def _render(document: dict[str, Any], options: argparse.Namespace) -> int:
    target = options.out or (STREAM if options.result == STREAM else str(Path(options.result).with_suffix(".html")))
    page = render(document)
    check_writable(target)
    write_target(target, page)
    if target == STREAM:
        return 0
    told = document if options.csv else {"report": target, "verdict": document.get("verdict")}
    answer(told, lambda: result_table(document), json=options.json, csv=options.csv)
    note(f"report: {target}", quiet=options.quiet or options.json)
    return 0


def _require(document: dict[str, Any], options: argparse.Namespace) -> int:
    render(document)  # a damaged result meets no requirement
    found = [require(document, statement) for statement in options.require]
    told = {"holds": all(r.holds for r in found), "requirements": [_as_json(r) for r in found]}
    answer(told, lambda: "\n".join(wrap(clean(str(r))) for r in found), json=options.json, csv=options.csv)
    return 0 if told["holds"] else 1


def _as_json(r: Requirement) -> dict[str, Any]:
    left, right = (v if math.isfinite(v) else None for v in (r.left, r.right))
    return {"statement": r.statement, "left": left, "right": right, "holds": r.holds}


def _compare(options: argparse.Namespace) -> int:
    comparison = compare_documents(*(read_result(path) for path in options.compare))
    if options.out:
        check_writable(options.out)
        write_target(options.out, render_comparison(comparison))
    if options.out == STREAM:
        return 0
    answer(comparison.to_dict(), lambda: comparison_table(comparison), json=options.json, csv=options.csv)
    if options.out:
        note(f"comparison: {options.out}", quiet=options.quiet or options.json)
    return 0


def comparison_table(comparison: Comparison) -> str:
    """Each estimate before and after, then what else differs."""
    head = ("", "before", "after", "change")
    table = grid([head, *(_line(c) for c in comparison.changes)], titles={0})
    notes = "\n".join(wrap(f"- {clean(n)}", indent="  ") for n in comparison.notes)
    legend = wrap("Numbers are confidence intervals; * marks those without a point in common.")
    return f"{table}\n\n{legend}\n\n{bold('what differs')}\n{notes}"


def _line(change: Change) -> tuple[str, str, str, str]:
    in_bits = change.before.unit == "bits"
    show = bits_range if in_bits else points_range if change.what == GAIN else percent_range
    ends = [f"{v:+.3f}" if in_bits else f"{100 * v:+.1f}" for v in change.moved if math.isfinite(v)]
    moved = " to ".join(dict.fromkeys(ends)).replace("-", MINUS) or MISSING
    return clean(change.what), show(*change.before.ci), show(*change.after.ci), moved + " *" * change.apart


def read_result(path: str | Path) -> dict[str, Any]:
    """The JSON twin in a file or on stdin. Raises FileError if it is not JSON; `render` checks the rest."""
    step = "check the path, or write the file again with `interplay quantify --result`"
    return read_json(str(path), expected="a result that interplay wrote as JSON, or - for stdin", next_step=step)
