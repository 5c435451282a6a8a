"""`interplay demo`: hide the labels of pairs in real data, ask interplay, then reveal the truth."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.ensemble import RandomForestClassifier

from interplay.cli.output import answer, check_writable, note
from interplay.cli.progress import progress_bar
from interplay.cli.table import result_table, wrap
from interplay.datasets.digits import DemoData, load_demo
from interplay.documents import to_text
from interplay.errors import FileError
from interplay.files import write_text
from interplay.quantification import Result, quantify
from interplay.report.html import render

EXAMPLES = """examples:
  interplay demo                  # writes interplay-demo/report.html, result.json
  interplay demo --out somewhere --seed 3
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("--out", metavar="FOLDER", default="interplay-demo", help="folder (interplay-demo)")


def execute(options: argparse.Namespace) -> int:
    """Quantify without labelled pairs, then open the held-out labels, then write both files."""
    seed = options.seed or 0
    report, twin = (Path(options.out) / name for name in ("report.html", "result.json"))
    _make_folder(Path(options.out))
    check_writable(report)
    data = load_demo(seed)
    note(wrap(f"{data.title} {data.description}") + "\n", quiet=options.quiet)
    with progress_bar(quiet=options.quiet) as progress:
        result = quantify(labeled=data.labeled, pairs=data.pairs, seed=seed, progress=progress)
    told = {"truth": reveal(result, data, seed), "title": data.title, "description": data.description}
    document = result.to_dict() | told
    write_text(report, render(document))
    write_text(twin, to_text(document))
    answer(document, lambda: result_table(document), json=options.json, csv=options.csv)
    note(f"\nreport: {report}\nresult: {twin}", quiet=options.quiet)
    return 0


def reveal(result: Result, data: DemoData, seed: int) -> dict[str, Any]:
    """Held-out accuracies: of the fused model, of the best single modality, of an oracle with labelled pairs."""
    truth = data.test_labels
    right = result.fused.predict(data.test_features) == truth
    names = list(data.pairs)
    scores = {n: float(np.mean(_forest(data.labeled[n], data.test_features[n], seed) == truth)) for n in names}
    labelled_pairs = (np.hstack([data.oracle_features[n] for n in names]), data.oracle_labels)
    oracle = _forest(labelled_pairs, np.hstack([data.test_features[n] for n in names]), seed)
    accuracy = float(np.mean(right))
    return {
        "fused": accuracy,
        "fused_se": float(np.sqrt(accuracy * (1 - accuracy) / len(truth))),
        "best_single": max(scores.values()),
        "oracle": float(np.mean(oracle == truth)),
        "rows": len(truth),
    }


def _forest(train: tuple[Any, Any], rows: Any, seed: int) -> Any:
    return RandomForestClassifier(300, random_state=seed).fit(*train).predict(rows)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(
            f"{folder} could not be made ({error.strerror or error})",
            expected="a folder that can be written",
            next_step="choose another with --out",
        ) from error
