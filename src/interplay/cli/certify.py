"""`interplay certify`: any model's answers to the unlabelled pairs in, ranges of how right they are out."""

import argparse
import json
from typing import Any

from numpy.typing import NDArray

from interplay.certification import Certification, Comparison, certify, compare_models
from interplay.cli.data import add_data_arguments, add_interval_arguments, read_data
from interplay.cli.output import STREAM, answer, check_writable, note, read_json, write_target
from interplay.cli.progress import progress_bar
from interplay.cli.settings import settings_from
from interplay.cli.table import bold, clean, grid, wrap
from interplay.errors import InputError
from interplay.inputs import read_columns, select_column
from interplay.report.words import percent, percent_range, points_range
from interplay.results import Estimate

EXAMPLES = """examples:
  interplay certify data --label y --column my_model
      # answers are a column of data/pairs.parquet
  interplay certify data --label y --predictions answers.csv
      # every column of answers.csv is a model
  interplay certify data --label y --predictions answers.csv \\
      --column ours --column theirs --result both.json
  interplay certify data --label y --column my_model --cost cost.json
      # cost.json: [[0, 5], [1, 0]], row: answer, column: label

One column: accuracy, recall and precision by class, confusion matrix, cost.
Several: each accuracy, each difference, and which model is certainly better. The
models must not have been trained or chosen on these rows.
"""
Line = tuple[str, str, str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command; those of the data may stand in the TOML file instead."""
    add_data_arguments(parser)
    add = parser.add_argument
    add("--predictions", metavar="FILE", help="answers, a row a pair in the order of the pairs (the file of pairs)")
    add("--column", action="append", metavar="COLUMN", help="a model's answers; again for another model")
    add("--cost", metavar="FILE", help="JSON matrix: cost of each answer (row) for each label (column), sorted classes")
    add_interval_arguments(parser)
    add("--prior", metavar="C=P,...", help="known shares of the classes, corrects labelled sets with another mix")
    add("--result", metavar="FILE", help="write the result (JSON)")


def execute(options: argparse.Namespace) -> int:
    """Read, certify or compare, write, print."""
    settings = settings_from(options)
    if settings.result:
        check_writable(settings.result)
    models = read_models(options.predictions, options.column, settings.pairs)
    arguments: dict[str, Any] = read_data(settings) | {
        "confidence": settings.confidence,
        "codes": settings.codes,
        "prior": settings.prior,
        "seed": settings.seed,
    }
    cost = None if options.cost is None else _read_cost(options.cost, len(models))
    with progress_bar(quiet=settings.quiet) as progress:
        found: Certification | Comparison
        if len(models) == 1:
            found = certify(*models.values(), **arguments, cost=cost, progress=progress)
        else:
            found = compare_models(models, **arguments, progress=progress)
    document = found.to_dict()
    if settings.result:
        write_target(settings.result, json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False))
    if settings.result != STREAM:
        answer(document, lambda: table(found), json=settings.json, csv=settings.csv)
    if settings.result and settings.result != STREAM:
        note(f"result: {settings.result}", quiet=settings.quiet)
    return 0


def read_models(path: str | None, names: list[str] | None, pairs: str) -> dict[str, NDArray]:
    """Column -> answers. Raises an InterplayError for a column that is not there or where none is named."""
    if path is None and not names:
        raise InputError(
            "no --predictions and no --column",
            expected="a file of answers, or the column of the pairs that holds them",
            next_step="see the examples in `interplay certify --help`",
        )
    source = path or pairs
    columns = read_columns(source)
    return {name: select_column(columns, name, source) for name in names or columns}


def _read_cost(path: str, models: int) -> Any:
    if models > 1:
        raise InputError(
            f"--cost with {models} models",
            expected="one model",
            next_step="name one with --column, or leave --cost out",
        )
    return read_json(path, expected="a JSON matrix such as [[0, 5], [1, 0]]", next_step="check the file")


def table(found: Certification | Comparison) -> str:
    """The answer on a terminal."""
    lines = _certified(found) if isinstance(found, Certification) else _compared(found)
    parts = [grid(lines, titles={0, *(i for i, line in enumerate(lines) if not any(line[1:]))})]
    if isinstance(found, Comparison):
        parts += [bold(wrap(_verdict(found)))]
    return "\n\n".join([*parts, *(wrap(f"warning: {clean(w)}") for w in found.warnings)])


def _certified(c: Certification) -> list[Line]:
    lines = [_head(c.accuracy), _share("accuracy", c.accuracy), _share("balanced accuracy", c.balanced_accuracy)]
    if c.cost is not None:
        low, high = c.cost.ci
        lines.append(("expected cost", f"{low:.3g} to {high:.3g}", f"{c.cost.low:.3g} to {c.cost.high:.3g}"))
    lines += [("RECALL", "", ""), *(_share(clean(k), e) for k, e in c.recall.items())]
    lines += [("PRECISION", "", ""), *(_share(clean(k), e) for k, e in c.precision.items())]
    lines.append(("CONFUSION (share of all pairs)", "", ""))
    return lines + [_share(f"{clean(y)} answered {clean(a)}", e) for (y, a), e in c.confusion.items()]


def _compared(c: Comparison) -> list[Line]:
    lines = [_head(next(iter(c.accuracy.values()))), ("ACCURACY", "", "")]
    lines += [_share(clean(n), e) for n, e in c.accuracy.items()]
    lines.append(("DIFFERENCE", "", ""))
    return lines + [
        (f"{clean(a)} minus {clean(b)}", points_range(*e.ci), points_range(e.low, e.high))
        for (a, b), e in c.difference.items()
    ]


def _verdict(c: Comparison) -> str:
    decided = [f"{clean(w)} is certainly better than {clean(b if w == a else a)}" for (a, b), w in c.better.items()]
    left = len(c.difference) - len(decided)
    told = "; ".join(decided) or "no difference is certain"
    return (
        f"{told}." if not left or not decided else f"{told}; {left} of {len(c.difference)} differences are undecided."
    )


def _head(e: Estimate) -> Line:
    return "", f"{percent(e.confidence, 0)} interval", "point"


def _share(what: str, e: Estimate) -> Line:
    return what, percent_range(*e.ci), percent_range(e.low, e.high)
