"""Counting files in batches is counting the rows themselves, in little memory."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest

from interplay import batches
from interplay.errors import FileError, InputError, ShapeError, UnknownNameError
from interplay.estimation.streamed import Coder, tables_from_files
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
    monkeypatch.setattr(batches, "ROWS", batch)
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
    with pytest.raises(FileError, match=r"expected a valid \.parquet file"):
        tables_from_files(**files)


SHAPES = ("parquet", "parquet prefixes", "csv", "npz", "folder")


def write_vectors(kind, folder, rows):
    """Labelled scans, labelled texts and pairs: embeddings of 3 numbers, in one of the layouts that people have."""
    rng = np.random.default_rng(1)
    told = {"labeled": {}, "pairs": None}
    tables = {}
    for name in ("scan", "text", "pairs"):
        inside = ("scan", "text") if name == "pairs" else (name,)
        tables[name] = {m: rng.normal(size=(rows, 3)) for m in inside}, np.where(rng.random(rows) < 0.4, "no", "yes")
    for name, (vectors, y) in tables.items():
        columns = {} if name == "pairs" else {"y": y}
        path = folder / f"{name}.{kind.split()[0]}"
        if kind == "parquet":
            pd.DataFrame({m: list(v) for m, v in vectors.items()} | columns).to_parquet(path)
        elif kind == "npz":
            np.savez(path, **vectors, **columns)
        elif kind == "folder":
            path = folder / name
            for m, v in vectors.items():
                at = path / m if name == "pairs" else path
                at.mkdir(parents=True)
                for i, row in enumerate(v):
                    np.save(at / f"{i:04}.npy", row)
            if columns:
                pd.DataFrame({"file": [f"{i:04}" for i in range(rows)], "y": y}).to_csv(path / "labels.csv")
        else:
            wide = {f"{m}_{j}": v[:, j] for m, v in vectors.items() for j in range(3)}
            frame = pd.DataFrame(wide | columns)
            frame.to_csv(path, index=False) if kind == "csv" else frame.to_parquet(path)
        if name == "pairs":
            told["pairs"] = path
        else:
            told["labeled"][name] = path
    return told, tables


@pytest.mark.parametrize("kind", SHAPES)
def test_embeddings_are_coded_batch_by_batch(kind, tmp_path, monkeypatch):
    """Whatever the layout, the counts are those of all rows at once."""
    monkeypatch.setattr(batches, "BYTES", 800)
    monkeypatch.setattr(batches, "ROWS", 64 * 7)  # of folders 7
    told, tables = write_vectors(kind, tmp_path, 120)
    sizes = []

    def code(x):
        sizes.append(len(x))
        return (x[:, 0] > 0).astype(int) + 2 * (x[:, 1] > 0.5)

    wide = "prefixes" in kind or kind == "csv"
    coders = {m: Coder(features=f"{m}_*" if wide else m, code=code) for m in ("scan", "text")}
    found = tables_from_files(**told, codes=coders, label="y")
    assert max(sizes) < 120 or kind in ("npz", "csv")  # CSV has blocks of a megabyte
    expected = tables_from_codes(
        labeled={m: (code(tables[m][0][m]), tables[m][1]) for m in ("scan", "text")},
        pairs={m: code(tables["pairs"][0][m]) for m in ("scan", "text")},
    )
    assert found.to_dict() == expected.to_dict()


def test_a_coder_must_return_one_code_a_row(tmp_path):
    told, _ = write_vectors("npz", tmp_path, 20)
    coders = {m: Coder(features=m, code=lambda x: x) for m in ("scan", "text")}
    with pytest.raises(ShapeError, match="expected one code a row"):
        tables_from_files(**told, codes=coders, label="y")


def test_memory_does_not_grow_with_the_embeddings(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"s": list(rng.normal(size=(40_000, 128))), "y": rng.integers(0, 2, 40_000)})
    frame["t"] = frame["s"]
    frame.to_parquet(tmp_path / "big.parquet")
    del frame
    files = {"labeled": dict.fromkeys(CODES, tmp_path / "big.parquet"), "pairs": tmp_path / "big.parquet"}
    tracemalloc.start()
    tables_from_files(
        **files, codes={m: Coder(features=c, code=lambda x: x[:, 0] > 0) for m, c in CODES.items()}, label="y"
    )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40_000 * 128 * 8 / 2  # less than half of one column
