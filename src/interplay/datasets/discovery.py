"""Which data sets a folder holds, and the sets that need no folder."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits

from interplay.datasets.archives import PICKLES, load_archive, refuse_pickle
from interplay.datasets.benchmark_set import BenchmarkSet, checked_set
from interplay.datasets.folders import is_avmnist, is_enrico, load_avmnist, load_enrico
from interplay.errors import FileError, UnknownNameError

BUILT_IN = ("breast cells", "digits parity", "digits halves")
QUICK = BUILT_IN[:2]  # two classes each


@dataclass(frozen=True, kw_only=True)
class Found:
    """Data sets of a folder by path, and one sentence for each file that is refused."""

    paths: tuple[Path, ...]
    refused: tuple[str, ...]


def find_sets(folder: str | Path) -> Found:
    """Archives (.npz) and AV-MNIST or ENRICO folders in `folder`, or `folder` itself. Raises FileError if none."""
    root = Path(folder)
    if not root.is_dir():
        raise FileError(f"{root} is no folder", expected="a folder of data sets", next_step="check the path of --data")
    entries = sorted(root.iterdir())
    paths = [p for p in (root, *entries) if p.is_dir() and (is_avmnist(p) or is_enrico(p))]
    paths += [p for p in entries if p.suffix.lower() == ".npz"]
    refused = [_refusal(p) for p in entries if p.suffix.lower() in PICKLES]
    if not paths:
        raise FileError(
            f"{root} holds no data set" + (f" ({refused[0]})" if refused else ""),
            expected=".npz archives, or AV-MNIST or ENRICO folders",
            next_step="see docs/reproduction/real-data.md for the layouts",
        )
    return Found(paths=tuple(paths), refused=tuple(refused))


def _refusal(path: Path) -> str:
    try:
        refuse_pickle(path)
    except FileError as error:
        return str(error)
    raise AssertionError("unreachable: only pickles are asked about")


def load_set(where: str) -> BenchmarkSet:
    """A built-in set by its name, or the set at a path."""
    if where in BUILT_IN:
        return _LOADERS[where]()
    path = Path(where)
    if not path.exists():
        raise UnknownNameError(
            f"no data set {where!r}", expected=f"a path, or one of {', '.join(BUILT_IN)}", next_step="check the path"
        )
    if path.is_dir():
        return load_avmnist(path) if is_avmnist(path) else load_enrico(path)
    return load_archive(path)


def _digits_halves() -> BenchmarkSet:
    """Upper and lower half of scanned digits, ten classes."""
    digits = load_digits()
    views = {"top": digits.images[:, :4], "bottom": digits.images[:, 4:]}
    return checked_set("digits halves", views, digits.target, rows="all rows")


def _digits_parity() -> BenchmarkSet:
    """The same halves; is the digit odd?"""
    halves = _digits_halves()
    return checked_set("digits parity", halves.features, halves.labels % 2, rows="all rows")


def _breast_cells() -> BenchmarkSet:
    """Mean and spread of ten measurements of cell nuclei."""
    cells = load_breast_cancer()
    views = {"mean": cells.data[:, :10], "spread": cells.data[:, 10:20]}
    return checked_set("breast cells", views, np.asarray(cells.target), rows="all rows")


_LOADERS: dict[str, Callable[[], BenchmarkSet]] = dict(
    zip(BUILT_IN, (_breast_cells, _digits_parity, _digits_halves), strict=True)
)
