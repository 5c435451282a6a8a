"""`interplay select`: which families of fusion models to train, and whether that advice holds."""

import argparse
from typing import Any

from interplay.advice.selection import Recommendation, recommend_models
from interplay.advice.verification import Verification, verify_models
from interplay.cli.columns import feature_names, take
from interplay.cli.data import add_data_arguments, add_interval_arguments, read_data
from interplay.cli.output import answer
from interplay.cli.progress import progress_bar
from interplay.cli.settings import RunSettings, settings_from
from interplay.cli.table import bold, clean, grid, wrap
from interplay.errors import MissingExtraError
from interplay.inputs import read_columns, select_column
from interplay.quantification import quantify
from interplay.report.words import percent

EXAMPLES = """examples:
  interplay select data --label y
  interplay select data --label y --verify labelled_pairs.parquet
      # needs pip install 'interplay[torch]'

labelled_pairs has the features of both modalities and the label column (and the
group column, if you named one).
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add_data_arguments(parser)
    add = parser.add_argument
    add(
        "--verify", metavar="FILE", help="labelled pairs: train the families on them and report whether the advice held"
    )
    add("--labelled-pairs", type=int, metavar="N", help="labelled pairs to train on (as many as unlabelled ones)")
    add("--splits", type=int, default=3, metavar="N", help="times to train and test with --verify (3)")
    add("--device", default="cpu", metavar="D", help="of PyTorch, with --verify (cpu)")
    add_interval_arguments(parser)


def execute(options: argparse.Namespace) -> int:
    """Read, quantify, recommend, verify if asked, print."""
    settings = settings_from(options)
    if options.verify:
        _need_torch()
    data = read_data(settings)
    with progress_bar(quiet=settings.quiet) as progress:
        result = quantify(
            **data, confidence=settings.confidence, codes=settings.codes, seed=settings.seed, progress=progress
        )
    found = recommend_models(result, labelled_pairs=options.labelled_pairs)
    checked = None
    if options.verify:
        checked = verify_models(
            found, **_labelled_pairs(options.verify, found, settings), splits=options.splits, device=options.device,
            seed=settings.seed,
        )  # fmt: skip
    document = found.to_dict() | ({} if checked is None else {"verification": checked.to_dict()})
    answer(document, lambda: selection_table(found, checked), json=settings.json, csv=settings.csv)
    return 0


def _need_torch() -> None:
    """Fail before the work and not after it."""
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            "--verify needs PyTorch, which is not installed",
            expected="the extra torch",
            next_step="pip install 'interplay[torch]'",
        ) from error


def _labelled_pairs(path: str, found: Recommendation, settings: RunSettings) -> dict[str, Any]:
    columns = read_columns(path)
    features = {}
    for name in found.names:
        selector = settings.features.get(name)
        features[name] = take(columns, feature_names(columns, name, selector, other=None), name, selector, path)
    groups = select_column(columns, settings.group, path) if settings.group else None
    return {"features": features, "labels": select_column(columns, settings.label, path), "groups": groups}


def selection_table(found: Recommendation, checked: Verification | None) -> str:
    """Verdict, one line a family with its reason, then what training showed."""
    lines = [("family", "standing", "why")]
    lines += [(a.family, a.standing, clean(a.reason)) for a in found.advice]
    parts = [wrap(bold(clean(found.verdict))), grid(lines, titles={0})]
    if checked is not None:
        scores = [("trained", "accuracy", "seconds", "")]
        scores += [
            (
                s.family,
                f"{percent(s.accuracy)} ± {100 * s.standard_error:.1f}",
                f"{s.seconds:.1f}",
                "recommended" * s.recommended,
            )
            for s in checked.scores
        ]
        parts += [wrap(bold(checked.verdict)), grid(scores, titles={0})]
    return "\n\n".join(parts)
