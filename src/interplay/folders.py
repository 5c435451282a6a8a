"""Folders of embeddings: one .npy file a row, classes as subfolders or in labels.csv, pairs by file name."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
from numpy.typing import NDArray

from interplay.errors import FileError, ShapeError
from interplay.inputs import BROKEN, Columns, arrow_columns, unreadable

LABELS = "labels.csv"
ALL = 1 << 62  # rows of a batch that takes everything
FILE, CLASS = "file", "class"  # columns that a folder has besides the features


def read_labeled_folder(folder: str | Path, name: str) -> dict[str, NDArray]:
    """Columns of a folder of .npy vectors: `name` (n, d), "file" (n,), and what is known of the rows.

    Rows are in the order of file names. With subfolders, "class" is the subfolder of each file. A labels.csv
    with a column "file" (names with or without .npy) adds its columns; every file must be in it.
    """
    return dict(next(labeled_batches(folder, name, ALL)))


def labeled_batches(folder: str | Path, name: str, rows: int) -> Iterator[Columns]:
    """`read_labeled_folder` in batches of so many rows; vectors are loaded when their turn comes."""
    root = Path(folder)
    files = _files(root, "**/*.npy")
    about = {FILE: np.array([f.stem for f in files])}
    if any(f.parent != root for f in files):
        about[CLASS] = np.array([f.parent.name for f in files])
    about |= _labels(root, files) if (root / LABELS).exists() else {}
    for at in (slice(i, i + rows) for i in range(0, len(files), rows)):
        yield {name: _vectors(files[at]), **{key: column[at] for key, column in about.items()}}


def read_paired_folders(folder: str | Path, names: Sequence[str]) -> dict[str, NDArray]:
    """One matrix a modality from its subfolder; files of one name are one pair. Incomplete pairs are refused."""
    return dict(next(paired_batches(folder, names, ALL)))


def paired_batches(folder: str | Path, names: Sequence[str], rows: int) -> Iterator[Columns]:
    """`read_paired_folders` in batches of so many pairs."""
    root = Path(folder)
    files = {name: {f.stem: f for f in _files(root / name, "*.npy")} for name in names}
    complete = set.intersection(*(set(f) for f in files.values()))
    for name, known in files.items():
        lonely = sorted(set(known) - complete)
        if lonely:
            raise FileError(
                f"{root / name} has {len(lonely)} files without a partner, such as {lonely[0]}.npy",
                expected="one file of the same name in the folder of every modality",
                next_step="keep only complete pairs",
            )
    order = sorted(complete)
    for at in (slice(i, i + rows) for i in range(0, len(order), rows)):
        vectors = {name: _vectors([known[stem] for stem in order[at]]) for name, known in files.items()}
        yield vectors | {FILE: np.array(order[at])}


def _files(folder: Path, pattern: str) -> list[Path]:
    files = sorted(folder.glob(pattern))
    if not files:
        raise FileError(
            f"{folder} has no .npy file" if folder.is_dir() else f"there is no folder {folder}",
            expected="a folder with one .npy vector a row",
            next_step="save each embedding with numpy.save",
        )
    return files


def _vectors(files: Sequence[Path]) -> NDArray:
    rows = [_vector(f) for f in files]
    lengths = {len(r) for r in rows}
    if len(lengths) > 1:
        odd = next(f for f, r in zip(files, rows, strict=True) if len(r) != len(rows[0]))
        raise ShapeError(
            f"{odd} holds {len(_vector(odd))} numbers and {files[0].name} {len(rows[0])}",
            expected="vectors of one length",
            next_step="pad or pool each row to a fixed length",
        )
    return np.stack(rows)


def _vector(path: Path) -> NDArray:
    try:
        return np.ravel(np.load(path, allow_pickle=False))
    except BROKEN as error:
        raise FileError(
            f"{path} could not be read ({error})",
            expected="a .npy file of one vector, without pickled objects",
            next_step="write the file again with numpy.save",
        ) from error


def _labels(root: Path, files: Sequence[Path]) -> dict[str, NDArray]:
    """The columns of labels.csv in the order of the files."""
    as_text = pa.csv.ConvertOptions(column_types={FILE: pa.string()})  # 0001 is a name, not a number
    with unreadable(root / LABELS):
        table = arrow_columns(pa.csv.read_csv(root / LABELS, convert_options=as_text))
    stems = [str(f).removesuffix(".npy") for f in table.get(FILE, np.array([]))]
    at = {stem: i for i, stem in enumerate(stems)}
    missing = [f.stem for f in files if f.stem not in at]
    if missing:
        raise FileError(
            f"{root / LABELS} does not name {len(missing)} files, such as {missing[0]}",
            expected=f"a column {FILE!r} that names every file of the folder",
            next_step="add the rows, or move the files away",
        )
    rows = [at[f.stem] for f in files]
    return {key: column[rows] for key, column in table.items() if key != FILE}
