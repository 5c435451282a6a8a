"""What people have (arrays, frames, tensors, files) as plain NumPy arrays."""

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from interplay.errors import FileError, InputError, InterplayError, ShapeError, UnknownNameError

Columns = Mapping[str, NDArray]
SUFFIXES = (".parquet", ".pq", ".csv", ".tsv", ".npz", ".npy")  # of files that can be read
BROKEN = (  # what NumPy, zipfile and Arrow raise for a file that is not what its name says
    *(OSError, ValueError, EOFError, KeyError, MemoryError, RuntimeError),
    *(BadZipFile, zlib.error, pa.ArrowException),
)


def to_array(value: Any, what: str) -> NDArray:
    """An array from a NumPy array, list, pandas, polars, Arrow or Hugging Face object, or PyTorch tensor."""
    value = _unwrapped(value, what)
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ShapeError(
            f"{what} is no rectangular array ({error})",
            expected="rows of one length",
            next_step="pad or pool each row to a fixed length",
        ) from error
    if array.dtype != object or len(array) == 0 or not isinstance(array.flat[0], Sequence | np.ndarray):
        return array
    if array.ndim == 1 and not isinstance(array[0], str):
        return _stack(array, what)
    return _side_by_side(array, what) if array.ndim == 2 else array


def _unwrapped(value: Any, what: str) -> Any:
    """What NumPy can read from tensors and tables, without importing the packages that made them."""
    if hasattr(value, "detach"):  # a tensor
        value = value.detach().cpu()
        return (value.float() if str(value.dtype) == "torch.bfloat16" else value).numpy()
    if hasattr(value, "with_format") and hasattr(value, "column_names"):  # a Hugging Face data set
        value = value.with_format("arrow")[:]
    elif hasattr(value, "to_arrow"):  # polars
        value = value.to_arrow()
    if isinstance(value, pa.Table):
        return _matrix(arrow_columns(value)) if value.num_columns else np.empty((value.num_rows, 0))
    if isinstance(value, pa.Array | pa.ChunkedArray):
        return _arrow_column(pa.chunked_array([value]) if isinstance(value, pa.Array) else value, what)
    return value.to_numpy() if hasattr(value, "to_numpy") else value


def _side_by_side(cells: NDArray, what: str) -> NDArray:
    """A frame of which some columns hold vectors and others numbers, as one matrix."""
    blocks = [_stack(c, what) if isinstance(c[0], list | tuple | np.ndarray) else c[:, None] for c in cells.T]
    return np.concatenate(blocks, axis=1)


def _stack(rows: NDArray, what: str) -> NDArray:
    missing = [i for i, row in enumerate(rows) if not isinstance(row, Sequence | np.ndarray)]
    if missing:
        raise InputError(
            f"{what} has {len(missing)} rows without a vector, the first in row {missing[0]}",
            expected="a vector in every row",
            next_step="drop these rows",
        )
    lengths = {len(row) for row in rows}
    if len(lengths) > 1:
        raise ShapeError(
            f"{what} has rows of {min(lengths)} to {max(lengths)} numbers",
            expected="vectors of one length",
            next_step="pad or pool each row to a fixed length",
        )
    return np.stack([np.asarray(row) for row in rows])


def to_features(value: Any, what: str) -> NDArray[np.floating]:
    """A finite (n, d) float matrix; a vector becomes one column. float32 stays float32."""
    if isinstance(value, str | Path):
        value = _matrix(read_columns(value))
    array = to_array(value, what)
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2:
        raise ShapeError(
            f"{what} has shape {array.shape}",
            expected="(rows, features)",
            next_step="flatten or pool each row to one vector",
        )
    if array.dtype not in (np.float32, np.float64):
        array = _as_float(array, what)
    finite = np.isfinite(array)
    if not finite.all():
        row, column = (int(i) for i in np.argwhere(~finite)[0])
        raise InputError(
            f"{what} holds {array[row, column]} in row {row}, column {column} ({int((~finite).sum())} such values)",
            expected="finite numbers",
            next_step="impute or drop these rows before calling interplay",
        )
    return array


def _as_float(array: NDArray, what: str) -> NDArray[np.float64]:
    try:
        if array.dtype.kind in "cMm":
            raise TypeError(f"of type {array.dtype}")
        return array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{what} holds values that are not numbers ({error})",
            expected="numeric features",
            next_step="encode categories first, for example one-hot",
        ) from error


def to_labels(value: Any, what: str) -> NDArray:
    """A vector of labels: integers, booleans or strings, none missing."""
    array = to_array(value, what)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise ShapeError(
            f"{what} has shape {array.shape}",
            expected="one label a row",
            next_step="pass class names or numbers, not one-hot rows",
        )
    if array.dtype.kind == "O":
        array = _unboxed(array, what)
    return _integral(array, what) if array.dtype.kind == "f" else array


def _unboxed(array: NDArray, what: str) -> NDArray:
    """Python objects as integers, booleans or floats where all are such, else as text."""
    missing = [i for i, value in enumerate(array) if _is_missing(value)]
    if missing:
        raise InputError(
            f"{what} has {len(missing)} missing labels, the first in row {missing[0]}",
            expected="a label in every row",
            next_step="drop the rows without one",
        )
    plain = np.array(array.tolist())
    return plain if plain.shape == array.shape and plain.dtype.kind in "biufU" else array.astype(str)


def _is_missing(value: Any) -> bool:
    """None, nan, or pandas' NA, which is neither equal to itself nor not."""
    same = value == value
    return value is None or not isinstance(same, bool | np.bool_) or not same


def _integral(array: NDArray, what: str) -> NDArray:
    if not np.isfinite(array).all():
        raise InputError(
            f"{what} has {int((~np.isfinite(array)).sum())} missing or infinite labels",
            expected="a label in every row",
            next_step="drop the rows without one",
        )
    if not np.array_equal(array, np.round(array)):
        raise InputError(
            f"{what} holds fractions such as {array[array != np.round(array)][0]:g}",
            expected="classes",
            next_step="bin a continuous target first",
        )
    return array.astype(np.int64)


def read_columns(path: str | Path) -> dict[str, NDArray]:
    """Columns of a .parquet, .csv, .tsv or .npz file by name; list columns become matrices.

    Nothing is unpickled. Raises FileError for a file that is missing, corrupt, pickled or of another kind.
    """
    path = Path(path)
    readers = {".parquet": _read_parquet, ".pq": _read_parquet, ".npz": _read_numpy, ".npy": _read_numpy}
    readers |= {".csv": _read_csv, ".tsv": _read_csv}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        safe = "load it where you trust it and save the arrays with numpy.savez or to Parquet"
        raise FileError(
            f"{path} is a {path.suffix or 'nameless'} file",
            expected="a .parquet, .csv, .tsv, .npz or .npy file (pickles are never read)",
            next_step=safe,
        )
    with unreadable(path):
        return reader(path)


@contextmanager
def unreadable(path: str | Path) -> Iterator[None]:
    """What NumPy, zipfile and Arrow raise while this file is read becomes a FileError."""
    try:
        yield
    except InterplayError:
        raise
    except BROKEN as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise FileError(
            f"{path} could not be read ({reason})",
            expected=f"a valid {Path(path).suffix} file without pickled objects",
            next_step="check the path, or write the file again",
        ) from error


def _read_parquet(path: Path) -> dict[str, NDArray]:
    return arrow_columns(pq.read_table(path))


def _read_csv(path: Path) -> dict[str, NDArray]:
    delimiter = "\t" if path.suffix.lower() == ".tsv" else ","
    return arrow_columns(pa.csv.read_csv(path, parse_options=pa.csv.ParseOptions(delimiter=delimiter)))


def _read_numpy(path: Path) -> dict[str, NDArray]:
    with path.open("rb") as stream:
        loaded = np.load(stream, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return {path.stem: loaded}
        with loaded:
            return {key: loaded[key] for key in loaded.files}


def arrow_columns(table: pa.Table) -> dict[str, NDArray]:
    """The columns of an Arrow table; list columns become matrices."""
    return {name: _arrow_column(table.column(name), name) for name in table.column_names}


def _arrow_column(column: pa.ChunkedArray, name: str) -> NDArray:
    kind = column.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        if len(column) == 0:
            return np.empty((0, 0))
        combined = column.combine_chunks()
        flat = combined.flatten().to_numpy(zero_copy_only=False)
        if len(set(_lengths(combined))) == 1:
            return flat.reshape(len(combined), -1)
        return _stack(np.array(combined.to_pylist(), dtype=object), f"column {name!r}")
    return column.to_numpy()


def _lengths(combined: Any) -> list[int]:
    return pc.unique(pc.list_value_length(combined)).to_pylist()


def chosen_names(names: Iterable[str], selector: str, path: str | Path) -> list[str]:
    """The columns that a selector means: one, "a,b" or a prefix "image_*". Raises UnknownNameError if there is none."""
    known = list(names)
    if selector in known:
        return [selector]
    if selector.endswith("*"):
        chosen = [name for name in known if name.startswith(selector[:-1])]
    else:
        chosen = selector.split(",")
    if not chosen or any(name not in known for name in chosen):
        raise _unknown_column(selector, known, path)
    return chosen


def select_features(columns: Columns, selector: str, path: str | Path) -> NDArray:
    """The (n, d) matrix of one modality: a matrix column, named columns "a,b", or a prefix "image_*"."""
    return _matrix({name: columns[name] for name in chosen_names(columns, selector, path)})


def select_column(columns: Columns, name: str, path: str | Path) -> NDArray:
    """One named column. Raises UnknownNameError naming those that exist."""
    if name not in columns:
        raise _unknown_column(name, columns, path)
    return columns[name]


def _unknown_column(name: str, columns: Iterable[str], path: str | Path) -> UnknownNameError:
    known = list(columns)
    shown = ", ".join(known[:8]) + (f" and {len(known) - 8} more" if len(known) > 8 else "")
    return UnknownNameError(
        f"{path} has no column {name!r}",
        expected=f"one of its columns: {shown}",
        next_step="name a column, a comma-separated list, or a prefix such as 'image_*'",
    )


def _matrix(columns: Columns) -> NDArray:
    blocks = [c if c.ndim > 1 else c[:, None] for c in columns.values()]
    return blocks[0] if len(blocks) == 1 else np.concatenate(blocks, axis=1)
