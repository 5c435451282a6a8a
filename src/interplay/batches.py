"""Files of any size, some thousand rows in memory at a time: Parquet, CSV, NPY, and folders of embeddings."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from interplay.folders import labeled_batches, paired_batches
from interplay.inputs import Columns, arrow_columns, chosen_names, read_columns, unreadable

BYTES = 1 << 25  # of one batch, about
ROWS = 65_536  # of one batch, at most


def labeled_rows(path: str | Path, name: str, wanted: Sequence[str]) -> Iterator[Columns]:
    """The columns of labelled rows of modality `name`, in batches, in order.

    path: .parquet, .csv, .tsv, .npy (mapped, so read in part), .npz (which cannot be: it is loaded), or a folder as
    `read_labeled_folder` takes it. wanted: columns that are needed, lists "a,b" or prefixes "img_*"; a file with
    columns reads no others. Raises FileError for what cannot be read, UnknownNameError for a column it lacks.
    """
    folder = Path(path).is_dir()
    yield from labeled_batches(path, name, ROWS // 64) if folder else _from_file(Path(path), wanted)


def paired_rows(path: str | Path, names: Sequence[str], wanted: Sequence[str]) -> Iterator[Columns]:
    """The columns of pairs, in batches, from a file or from a folder with a subfolder for each of `names`."""
    folder = Path(path).is_dir()
    yield from paired_batches(path, names, ROWS // 64) if folder else _from_file(Path(path), wanted)


def _from_file(path: Path, wanted: Sequence[str]) -> Iterator[Columns]:
    kind = path.suffix.lower()
    with unreadable(path):
        if kind in (".parquet", ".pq"):
            yield from _parquet(path, wanted)
        elif kind in (".csv", ".tsv"):
            delimiter = "\t" if kind == ".tsv" else ","
            with pa.csv.open_csv(path, parse_options=pa.csv.ParseOptions(delimiter=delimiter)) as stream:
                yield from (arrow_columns(pa.Table.from_batches([b])) for b in stream if b.num_rows)
        elif kind == ".npy":
            array = np.load(path, mmap_mode="r", allow_pickle=False)
            size = _rows_a_batch(array[:1].nbytes)
            yield from ({path.stem: np.array(array[i : i + size])} for i in range(0, len(array), size))
        else:
            yield read_columns(path)


def _parquet(path: Path, wanted: Sequence[str]) -> Iterator[Columns]:
    file = pq.ParquetFile(path)
    names = list(dict.fromkeys(n for w in wanted for n in chosen_names(file.schema_arrow.names, w, path)))
    groups = [file.metadata.row_group(i) for i in range(file.num_row_groups)]
    parts = [g.column(j) for g in groups for j in range(g.num_columns)]
    tops = {n.split(".")[0] for n in names}  # a list column is stored as name.list.element
    used = sum(p.total_uncompressed_size for p in parts if p.path_in_schema.split(".")[0] in tops)
    size = _rows_a_batch(used // max(1, file.metadata.num_rows))
    for batch in file.iter_batches(batch_size=size, columns=names):
        yield arrow_columns(pa.Table.from_batches([batch]))


def _rows_a_batch(bytes_a_row: int) -> int:
    return max(1, min(ROWS, BYTES // max(1, bytes_a_row)))
