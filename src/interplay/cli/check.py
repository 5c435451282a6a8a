"""`interplay check`: what is wrong with the data, before anything is computed."""

import argparse

from interplay.audits.data import check_data
from interplay.audits.findings import WEIGHTS, Checkup, Finding
from interplay.cli.data import add_data_arguments, read_data
from interplay.cli.output import answer
from interplay.cli.settings import settings_from
from interplay.cli.table import bold, clean, wrap

EXAMPLES = """examples:
  interplay check data --label y        # data/: pairs.parquet, image.parquet, ...
  interplay check --labeled image=images.parquet --labeled text=texts.csv \\
      --pairs pairs.parquet --label y --features image='img_*'
  interplay check run.toml              # the file that quantify takes

exit codes: 0 quantify can run (there may be warnings), 1 it cannot
"""
TITLES = {"error": "errors", "warning": "warnings", "note": "notes"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command: those of `quantify` that name data."""
    add_data_arguments(parser)


def execute(options: argparse.Namespace) -> int:
    """Read, check, print."""
    settings = settings_from(options)
    data = read_data(settings)
    checkup = check_data(labeled=data["labeled"], pairs=data["pairs"], groups=data["groups"])
    answer(checkup.to_dict(), lambda: checkup_table(checkup), json=settings.json, csv=settings.csv)
    return 0 if checkup.usable else 1


def checkup_table(checkup: Checkup) -> str:
    """Sizes, then findings by weight, then the conclusion."""
    sizes = [f"{name}: {rows:,} rows of {width:,} features" for name, (rows, width) in checkup.sizes.items()]
    parts = ["\n".join(wrap(clean(line)) for line in sizes)]
    for weight in WEIGHTS:
        found = checkup.of_weight(weight)
        if found:
            parts.append("\n".join([bold(TITLES[weight]), *(_finding(f) for f in found)]))
    errors, warnings = len(checkup.of_weight("error")), len(checkup.of_weight("warning"))
    verdict = "quantify can run" if checkup.usable else "quantify cannot run"
    parts.append(bold(f"{verdict}: {errors} errors, {warnings} warnings"))
    return "\n\n".join(parts)


def _finding(found: Finding) -> str:
    what = wrap(f"- {clean(found.where)}: {clean(found.what)}", indent="  ")
    return f"{what}\n{wrap(f'    -> {clean(found.next_step)}', indent='       ')}"
