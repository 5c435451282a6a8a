"""`interplay quantify`: files in, what fusing is worth out."""

import argparse

from interplay.cli.data import add_data_arguments, add_interval_arguments, read_data
from interplay.cli.output import STREAM, answer, check_writable, note, write_target
from interplay.cli.progress import progress_bar
from interplay.cli.settings import settings_from
from interplay.cli.table import result_table
from interplay.quantification import quantify
from interplay.report.html import render

EXAMPLES = """examples:
  interplay quantify data --label y --out report.html
      # data/ holds pairs.parquet, image.parquet, text.csv
  interplay quantify --labeled image=images.parquet --labeled text=texts.csv \\
      --pairs pairs.parquet --label y --features image='img_*' \\
      --out report.html --result result.json
  interplay quantify data --label y --result - | interplay report - --out -

the same as a file, for `interplay quantify --config run.toml` (paths relative to
it; flags override it):
  label = "y"
  pairs = "pairs.parquet"
  out = "report.html"
  result = "result.json"
  [labeled]
  image = "images.parquet"
  text = "texts.csv"
  [features]
  image = "img_*"

features of a modality M, if not given: the list or matrix column M (in .npz also
X_M), else the columns M_* or M.*, else every numeric column of its labelled file
that is not label, group or weight
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command; all may stand in the TOML file instead."""
    add_data_arguments(parser)
    add = parser.add_argument
    add_interval_arguments(parser)
    add("--prior", metavar="C=P,...", help="known shares of the classes, corrects labelled sets with another mix")
    add("--out", metavar="FILE", help="write the report (HTML)")
    add("--result", metavar="FILE", help="write the result (JSON)")


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
    document = result.to_dict()
    if settings.result:
        write_target(settings.result, result.to_json())
    if settings.out:
        write_target(settings.out, render(document))
    if STREAM not in (settings.out, settings.result):
        answer(document, lambda: result_table(document), json=settings.json, csv=settings.csv)
    for what, path in (("report", settings.out), ("result", settings.result)):
        if path and path != STREAM:
            note(f"{what}: {path}", quiet=settings.quiet)
    return 0
