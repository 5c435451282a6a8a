"""Sets from NumPy archives: our layout (X_<modality>, y, split), and MultiBench's affect sets in a safe layout.

MultiBench ships MOSI, MOSEI, UR-FUNNY and MUStARD as pickles, which can run code when they are opened and are refused.
"""

from pathlib import Path

from numpy.typing import NDArray

from interplay.datasets.benchmark_set import BenchmarkSet, checked_set
from interplay.errors import FileError, ShapeError
from interplay.inputs import read_columns

PICKLES = (".pkl", ".pickle", ".p", ".joblib", ".pt", ".pth")
SAFE_WAY = (
    "where you trust the file, run: data = pandas.read_pickle(path); numpy.savez(name, **{f'{split}_{key}': "
    "numpy.asarray(data[split][key]) for split in data for key in ('vision', 'audio', 'text', 'labels')}), and pass "
    "the folder with the .npz file"
)
AFFECT = ("vision", "audio", "text")


def load_archive(path: Path) -> BenchmarkSet:
    """The rows of one .npz file on which estimates are made: its test rows where it has a split, else all.

    Raises FileError for pickles, naming the safe way, and for archives of another layout.
    """
    refuse_pickle(path)
    arrays = read_columns(path)
    if {"modalities", "y"} <= arrays.keys():
        return _own_layout(path.stem, arrays)
    if "test_labels" in arrays:
        return _affect_layout(path.stem, arrays)
    raise FileError(
        f"{path.name} holds the arrays {', '.join(list(arrays)[:6])}",
        expected="modalities, X_<modality> and y; or test_vision, test_audio, test_text and test_labels",
        next_step="write the arrays under these names with numpy.savez",
    )


def refuse_pickle(path: Path) -> None:
    """Raise FileError, naming the safe way, for files that can run code when they are opened."""
    if path.suffix.lower() in PICKLES:
        raise FileError(
            f"{path.name} is a pickle, which can run code when it is opened",
            expected="a .npz archive of plain arrays",
            next_step=SAFE_WAY,
        )


def _own_layout(name: str, arrays: dict[str, NDArray]) -> BenchmarkSet:
    split = arrays.get("split")
    has_test = split is not None and bool((split == 2).any())
    return checked_set(
        name,
        {str(m): arrays[f"X_{m}"] for m in arrays["modalities"]},
        arrays["y"],
        rows="test split" if has_test else "all rows",
        groups=arrays.get("group"),
        keep=split == 2 if has_test and split is not None else None,
    )


def _affect_layout(name: str, arrays: dict[str, NDArray]) -> BenchmarkSet:
    """The test split: keys test_vision, test_audio, test_text (n, steps, d), test_labels (n, 1) or (n, 1, 1)."""
    present = [m for m in AFFECT if f"test_{m}" in arrays]
    if len(present) < 2:
        raise ShapeError(
            f"{name} holds {len(present)} modalities of its test split",
            expected="at least two of test_vision, test_audio, test_text",
            next_step="write them with numpy.savez",
        )
    features = {m: arrays[f"test_{m}"] for m in present}
    labels = arrays["test_labels"]
    if labels.ndim > 1:
        labels = labels.reshape(len(labels), -1)[:, :1]  # MOSEI's further columns are emotions
    return checked_set(name, features, labels, rows="test split")
