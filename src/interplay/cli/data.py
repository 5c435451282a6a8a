"""Files and columns that the user named, as `quantify` and its kin take them."""

import argparse
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from interplay.cli.columns import feature_names, same_order, take
from interplay.cli.output import note
from interplay.cli.settings import RunSettings
from interplay.estimation.fitted import Probabilities
from interplay.folders import read_labeled_folder, read_paired_folders
from interplay.inputs import Columns, read_columns, select_column
from interplay.samples import PAIRS


def add_data_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments that name data; all may stand in the TOML file instead."""
    add = parser.add_argument
    add("data", nargs="?", metavar="DATA", help="folder with pairs.* and one file a modality, or a TOML file")
    add(
        "--labeled",
        action="append",
        metavar="M=FILE",
        help="labelled rows of modality M (.parquet .csv .tsv .npz, or a folder of .npy)",
    )
    add("--pairs", metavar="FILE", help="unlabelled rows with the features of every modality")
    add("--label", metavar="COLUMN", help="label column of the labelled files")
    add("--features", action="append", metavar="M=COLUMNS", help="a column, a list a,b,c or a prefix 'img_*'")
    add("--probabilities", action="append", metavar="M", help="the features of M are class probabilities of a model")
    add("--group", metavar="COLUMN", help="rows that belong together (patient, video), in every file")
    add("--weight", metavar="COLUMN", help="weights of rows, in every file")
    add("--config", metavar="FILE", help="TOML file with the same words")


def add_interval_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of every command that gives intervals from codes."""
    add = parser.add_argument
    add("--confidence", type=float, metavar="P", help="of every interval (0.95)")
    add("--codes", metavar="HOW", help="auto, posterior, simplex, kmeans, product or a number of codes (auto)")


def read_data(settings: RunSettings, *, unpaired: bool = False) -> dict[str, Any]:
    """labeled, pairs, groups, sample_weight and classifiers as `quantify` takes them.

    unpaired: a modality without columns in the pairs has labels only, instead of being an error.
    """
    extra = [c for c in (settings.label, settings.group, settings.weight) if c]
    together = read_pairs(settings)
    labeled, pairs = {}, {}
    groups, weights = Aside(settings.group), Aside(settings.weight)
    for m, path in settings.labeled.items():
        columns = read_labeled_folder(path, m) if Path(path).is_dir() else read_columns(path)
        selector = settings.features.get(m)
        labels = select_column(columns, settings.label, path)
        names = feature_names(columns, m, selector, other=extra)
        found = feature_names(together, m, selector, other=None)
        groups.add(m, columns, path)
        weights.add(m, columns, path)
        if unpaired and not found and selector is None:
            labeled[m] = (take(columns, names, m, selector, path), labels)
            continue
        ordered, by_name = same_order(names, found, m)
        if names and found and not by_name:
            note(f"note: features of {m!r} are matched by position: their names differ", quiet=settings.quiet)
        labeled[m] = (take(columns, names, m, selector, path), labels)
        pairs[m] = take(together, ordered, m, selector, settings.pairs)
    groups.add(PAIRS, together, settings.pairs)
    weights.add(PAIRS, together, settings.pairs)
    data = {"labeled": labeled, "pairs": pairs, "groups": groups.values, "sample_weight": weights.values}
    return data | {"classifiers": {m: Probabilities() for m in settings.probabilities}}


def read_pairs(settings: RunSettings) -> Columns:
    """The columns of the unlabelled pairs."""
    if Path(settings.pairs).is_dir():
        return read_paired_folders(settings.pairs, list(settings.labeled))
    return read_columns(settings.pairs)


class Aside:
    """A column that every file must have if the user named it: groups or weights by set."""

    def __init__(self, column: str | None):
        self.column = column
        self.values: dict[str, NDArray] | None = {} if column else None

    def add(self, name: str, columns: Columns, path: str | Path) -> None:
        """Take the column from one file."""
        if self.column is not None and self.values is not None:
            self.values[name] = select_column(columns, self.column, path)
