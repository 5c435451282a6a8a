"""Real data sets beside the project (../shared/data), split into labels 1, labels 2, pairs and a test."""

import itertools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@dataclass(frozen=True, kw_only=True)
class Task:
    """Two (or more) modalities of a real set, all rows paired and labelled."""

    name: str
    features: dict[str, NDArray]
    labels: NDArray
    groups: NDArray | None


@dataclass(frozen=True, kw_only=True)
class Split:
    """Disjoint parts: labelled rows by modality, unlabelled pairs, and held-out labelled pairs."""

    labeled: dict[str, tuple[NDArray, NDArray]]
    pairs: dict[str, NDArray]
    groups: dict[str, NDArray] | None
    test: dict[str, NDArray]
    test_labels: NDArray
    test_groups: NDArray | None
    pair_labels: NDArray  # for the oracle only


def load(file: str, modalities: tuple[str, ...], *, positive=None, rows=None, name=None, data: Path = DATA) -> Task:
    """One task; positive: function of class names to a binary label; rows: function of the archive."""
    path = data / f"{file}.npz"
    if not path.exists():
        sys.exit(f"{path.name} is not in {data}: benchmarks on real sets need the shared data folder")
    with np.load(path, allow_pickle=False) as archive:
        keep = np.ones(len(archive["y"]), dtype=bool) if rows is None else rows(archive)
        y = archive["y"][keep]
        names = archive["class_names"]
        labels = names[y] if positive is None else positive(names[y])
        groups = archive["group"][keep] if "group" in archive.files else None
        features = {m: archive[f"X_{m}"][keep].astype(np.float64) for m in modalities}
    return Task(name=name or f"{file}: {'+'.join(modalities)}", features=features, labels=labels, groups=groups)


SETS = {  # every two modalities of each; mushroom without odor, which alone tells nearly all
    "uci_mushroom": ("cap", "gill", "stalk", "ecology", "veil_ring_spore"),
    "wesad": ("ecg", "eda", "emg"),
    "crema_d_votes": ("voice", "face"),
    "cmu_mosi": ("text", "audio", "video"),
    "wikipedia_image_text": ("image", "text"),
    "uci_mfeat_digits": (
        *("fourier", "profile_correlation", "karhunen_loeve", "pixel_averages", "zernike", "morphological"),
    ),
}


def all_pairs() -> list[tuple[str, tuple[str, str]]]:
    """(file, two modalities) of every pair of every set."""
    return [(file, two) for file, names in SETS.items() for two in itertools.combinations(names, 2)]


def load_pair(file: str, two: tuple[str, str], data: Path = DATA) -> Task:
    """One of `all_pairs`, with the labels of the source; of MOSI the test rows, whose features saw no label."""
    return load(file, two, rows=(lambda a: a["split"] == 2) if file == "cmu_mosi" else None, data=data)


MAIN: dict[str, Callable[[Path], Task]] = {  # the five sets of the main benchmark
    "mushroom": lambda data: load("uci_mushroom", ("cap", "gill"), data=data),
    "wesad": lambda data: load(
        "wesad", ("ecg", "emg"), positive=lambda c: np.where(c == "baseline", "baseline", "rest"), data=data
    ),
    "crema": lambda data: load("crema_d_votes", ("voice", "face"), data=data),
    "digits": lambda data: load("uci_mfeat_digits", ("fourier", "zernike"), data=data),
    "mosi": lambda data: load("cmu_mosi", ("text", "audio"), rows=lambda a: a["split"] == 2, data=data),
}


def main_task(name: str, data: Path = DATA) -> Task:
    """One of MAIN."""
    return MAIN[name](data)


def split(task: Task, seed: int, *, test_share: float = 0.25, by_group: bool = False) -> Split:
    """Quarters by default. by_group: whole groups stay in one part; else every group can be in every part,
    and folds and standard errors still keep it together."""
    rng = np.random.default_rng(seed)
    n = len(task.labels)
    share = np.array([1, 1, 1]) * (1 - test_share) / 3
    edges = np.cumsum([*share, test_share])
    if task.groups is None or not by_group:
        position = rng.permutation(n) / n
    else:
        names, inverse = np.unique(task.groups, return_inverse=True)
        order = rng.permutation(len(names))
        sizes = np.bincount(inverse)[order]
        middle = (np.cumsum(sizes) - sizes / 2) / n
        at = np.empty(len(names))
        at[order] = middle
        position = at[inverse]
    part = np.searchsorted(edges, position, side="right").clip(0, 3)
    first, second = list(task.features)[:2]
    rows = {first: part == 0, second: part == 1, "pairs": part == 2}
    groups = None
    if task.groups is not None:
        groups = {key: task.groups[r] for key, r in rows.items()}
    return Split(
        labeled={m: (task.features[m][rows[m]], task.labels[rows[m]]) for m in (first, second)},
        pairs={m: task.features[m][part == 2] for m in (first, second)},
        groups=groups,
        test={m: task.features[m][part == 3] for m in (first, second)},
        test_labels=task.labels[part == 3],
        test_groups=None if task.groups is None else task.groups[part == 3],
        pair_labels=task.labels[part == 2],
    )


def standard_error(hits: NDArray, groups: NDArray | None) -> float:
    """Of the mean of hits, clustered by group."""
    residual = hits - hits.mean()
    if groups is not None:
        residual = np.bincount(np.unique(groups, return_inverse=True)[1], weights=residual)
    return float(np.sqrt((residual**2).sum()) / len(hits))
