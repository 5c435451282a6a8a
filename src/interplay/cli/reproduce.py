"""`interplay reproduce`: the paper's results, what interplay gets for them, and where and why they differ."""

import argparse
import os
import textwrap
from pathlib import Path
from typing import Any

from interplay.cli.output import answer, note
from interplay.cli.progress import progress_bar

EXAMPLES = """examples:
  interplay reproduce --quick
      # under two minutes; writes interplay-reproduction/README.md
  interplay reproduce --out results
      # under 30 minutes on two cores; goes on after an interruption
  interplay reproduce --only real-data --data sets
      # with your data sets (.npz archives, AV-MNIST, ENRICO)

writes for each study a page (.md), all numbers (.json) and pictures (.svg)
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("--quick", action="store_true", help="smaller samples: under two minutes without --data")
    parser.add_argument("--out", metavar="FOLDER", default="interplay-reproduction", help="(interplay-reproduction)")
    parser.add_argument("--data", metavar="FOLDER", help="data sets of yours, beside those of scikit-learn")
    parser.add_argument("--only", metavar="NAME", action="append", default=[], help="one study; may be repeated")
    parser.add_argument("--workers", metavar="N", type=int, default=os.cpu_count() or 1, help="processes (all cores)")
    parser.add_argument("--fresh", action="store_true", help="compute again what an earlier run has finished")


def execute(options: argparse.Namespace) -> int:
    """Run the studies, say each verdict."""
    from interplay.reproduction.catalog import studies_named
    from interplay.reproduction.runner import run_studies
    from interplay.reproduction.study import Scope

    studies = studies_named(options.only)
    scope = Scope(seed=options.seed or 0, quick=options.quick, data=options.data)
    out = Path(options.out)
    with progress_bar(quiet=options.quiet) as progress:
        documents = run_studies(studies, scope, out, workers=options.workers, fresh=options.fresh, progress=progress)
    told = {"studies": {document["study"]: document for document in documents}}
    answer(told, lambda: "\n\n".join(_verdict(d) for d in documents), json=options.json, csv=options.csv)
    note(f"pages: {out / 'README.md'}", quiet=options.quiet)
    return 0


def _verdict(document: dict[str, Any]) -> str:
    verdict = document["verdict"]
    lines = (document["title"], f"{verdict['status']}: {verdict['sentence']}")
    return "\n".join(textwrap.fill(line, 100) for line in lines)
