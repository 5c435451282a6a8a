"""Counting files in batches is counting the rows themselves, in little memory."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest

from interplay.errors import FileError, InputError, UnknownNameError
from interplay.estimation import streamed
from interplay.estimation.streamed import tables_from_files
from interplay.estimation.tabulation import tables_from_codes

CODES = {"scan": "s", "text": "t"}


@pytest.fixture
def frames():
    rng = np.random.default_rng(0)
    first = pd.DataFrame({"s": rng.integers(0, 4, 500), "y": rng.choice(["no", "yes"], 500)})
    second = pd.DataFrame({"t": rng.integers(0, 3, 400), "y": rng.choice(["no", "yes"], 400)})
    return first, second, pd.DataFrame({"s": rng.integers(0, 5, 700), "t": rng.integers(0, 3, 700)})


def write(frames, folder):
    paths = [folder / f"{n}.parquet" for n in ("scan", "text", "pairs")]
    for frame, path in zip(frames, paths, strict=True):
        frame.assign(wide=1.0).to_parquet(path)
    return {"labeled": {"scan": paths[0], "text": paths[1]}, "pairs": paths[2], "codes": CODES, "label": "y"}


@pytest.mark.parametrize("batch", [7, 65_536])
def test_the_same_tables_as_from_arrays(frames, tmp_path, monkeypatch, batch):
    monkeypatch.setattr(streamed, "BATCH", batch)
    first, second, pairs = frames
    told = tables_from_files(**write(frames, tmp_path), codebook="v1")
    expected = tables_from_codes(
        labeled={"scan": (first["s"], first["y"]), "text": (second["t"], second["y"])},
        pairs={"scan": pairs["s"], "text": pairs["t"]},
        codebook="v1",
    )
    assert told.to_dict() == expected.to_dict()


def test_numbers_as_classes_are_sorted_as_numbers(frames, tmp_path):
    first, second, pairs = frames
    numbered = [f.assign(y=np.where(f["y"] == "no", 10, 9)) for f in (first, second)]
    assert tables_from_files(**write((*numbered, pairs), tmp_path)).classes == ("9", "10")


def test_memory_does_not_grow_with_the_file(tmp_path):
    rng = np.random.default_rng(0)
    big = pd.DataFrame({"s": rng.integers(0, 4, 400_000), "t": rng.integers(0, 4, 400_000), "y": 0})
    big["y"] = big["s"] % 2
    files = write((big, big, big), tmp_path)
    tracemalloc.start()
    tables_from_files(**files)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6


def test_what_cannot_be_counted(frames, tmp_path):
    files = write(frames, tmp_path)
    with pytest.raises(UnknownNameError, match="has no column 'z'; expected one of its columns: s, y, wide"):
        tables_from_files(**{**files, "codes": {**CODES, "scan": "z"}})
    with pytest.raises(UnknownNameError, match="the same two modalities"):
        tables_from_files(**{**files, "codes": {"scan": "s"}})
    for bad in (-1, 0.5, 5000):
        frames[0].assign(s=bad).to_parquet(tmp_path / "scan.parquet")
        with pytest.raises(InputError, match="whole numbers from 0"):
            tables_from_files(**files)
    frames[0].assign(y=None).to_parquet(tmp_path / "scan.parquet")
    with pytest.raises(InputError, match="500 rows without a code or a label"):
        tables_from_files(**files)
    frames[0][:0].to_parquet(tmp_path / "scan.parquet")
    with pytest.raises(InputError, match="has no rows"):
        tables_from_files(**files)
    (tmp_path / "scan.parquet").write_bytes(b"no")
    with pytest.raises(FileError, match="expected a Parquet file"):
        tables_from_files(**files)
