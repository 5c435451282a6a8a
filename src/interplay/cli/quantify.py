"""`interplay quantify`: files in, what fusing is worth out."""

import argparse
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from interplay.cli.columns import feature_names, same_order, take
from interplay.cli.output import check_writable, note, say
from interplay.cli.progress import progress_bar
from interplay.cli.settings import RunSettings, settings_from
from interplay.cli.table import result_table
from interplay.inputs import Columns, read_columns, select_column
from interplay.quantification import quantify
from interplay.samples import PAIRS

EXAMPLES = """example:
  interplay quantify --labeled image=images.parquet --labeled text=texts.csv --pairs pairs.parquet \\
      --label y --features image='img_*' --out report.html --result result.json

the same as a file, for `interplay quantify --config run.toml` (paths relative to it; flags override it):
  label = "y"
  pairs = "pairs.parquet"
  out = "report.html"
  result = "result.json"
  [labeled]
  image = "images.parquet"
  text = "texts.csv"
  [features]
  image = "img_*"

features of a modality M, if not given: the list or matrix column M (in .npz also X_M), else the columns
M_* or M.*, else every numeric column of its labelled file that is not label, group or weight
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command; all may stand in the TOML file instead."""
    add = parser.add_argument
    add("--labeled", action="append", metavar="M=FILE", help="labelled rows of modality M (.parquet .csv .tsv .npz)")
    add("--pairs", metavar="FILE", help="unlabelled rows with the features of every modality")
    add("--label", metavar="COLUMN", help="label column of the labelled files")
    add("--features", action="append", metavar="M=COLUMNS", help="a column, a list a,b,c or a prefix 'img_*'")
    add("--group", metavar="COLUMN", help="rows that belong together (patient, video), in every file")
    add("--weight", metavar="COLUMN", help="weights of rows, in every file")
    add("--confidence", type=float, metavar="P", help="of every interval (0.95)")
    add("--codes", metavar="HOW", help="auto, posterior, kmeans, product or a number of codes (auto)")
    add("--prior", metavar="C=P,...", help="known shares of the classes, corrects labelled sets with another mix")
    add("--out", metavar="FILE", help="write the report (HTML)")
    add("--result", metavar="FILE", help="write the result (JSON)")
    add("--config", metavar="FILE", help="TOML file with the same words")


def execute(options: argparse.Namespace) -> int:
    """Read, quantify, write, print."""
    settings = settings_from(options)
    for path in (settings.out, settings.result):
        if path:
            check_writable(path)
    data = read_data(settings)
    with progress_bar(quiet=settings.quiet) as progress:
        result = quantify(
            **data,
            confidence=settings.confidence,
            codes=settings.codes,
            prior=settings.prior,
            seed=settings.seed,
            progress=progress,
        )
    if settings.result:
        result.to_json(settings.result)
    if settings.out:
        result.save_report(settings.out)
    say(result.to_json() if settings.json else result_table(result.to_dict()))
    for what, path in (("report", settings.out), ("result", settings.result)):
        if path:
            note(f"{what}: {path}", quiet=settings.quiet)
    return 0


def read_data(settings: RunSettings) -> dict[str, Any]:
    """labeled, pairs, groups and sample_weight as `quantify` takes them."""
    extra = [c for c in (settings.label, settings.group, settings.weight) if c]
    together = read_columns(settings.pairs)
    labeled, pairs = {}, {}
    groups, weights = Aside(settings.group), Aside(settings.weight)
    for m, path in settings.labeled.items():
        columns = read_columns(path)
        selector = settings.features.get(m)
        labels = select_column(columns, settings.label, path)
        names = feature_names(columns, m, selector, other=extra)
        found = feature_names(together, m, selector, other=None)
        ordered, by_name = same_order(names, found, m)
        if names and found and not by_name:
            note(f"note: features of {m!r} are matched by position: their names differ", quiet=settings.quiet)
        labeled[m] = (take(columns, names, m, selector, path), labels)
        pairs[m] = take(together, ordered, m, selector, settings.pairs)
        groups.add(m, columns, path)
        weights.add(m, columns, path)
    groups.add(PAIRS, together, settings.pairs)
    weights.add(PAIRS, together, settings.pairs)
    return {"labeled": labeled, "pairs": pairs, "groups": groups.values, "sample_weight": weights.values}


class Aside:
    """A column that every file must have if the user named it: groups or weights by set."""

    def __init__(self, column: str | None):
        self.column = column
        self.values: dict[str, NDArray] | None = {} if column else None

    def add(self, name: str, columns: Columns, path: str | Path) -> None:
        """Take the column from one file."""
        if self.column is not None and self.values is not None:
            self.values[name] = select_column(columns, self.column, path)
