"""What people have becomes plain arrays; what cannot be used is refused in one line."""

import enum
import pickle

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from interplay.errors import FileError, InputError, InterplayError, ShapeError, UnknownNameError
from interplay.inputs import read_columns, select_column, select_features, to_array, to_features, to_labels

NUMBERS = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])


class Tensor:
    """Behaves as a PyTorch tensor on a device: NumPy only after detach and cpu, and bfloat16 never."""

    def __init__(self, dtype="torch.float64"):
        self.dtype = dtype

    def float(self):
        return Tensor("torch.float32")

    def detach(self):
        return self

    def cpu(self):
        return self

    def numpy(self):
        if self.dtype == "torch.bfloat16":
            raise TypeError("Got unsupported ScalarType BFloat16")
        return NUMBERS


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"

    def __str__(self):
        return self.value


# features


@pytest.mark.parametrize(
    "value",
    [
        NUMBERS,
        NUMBERS.tolist(),
        NUMBERS.astype(int),
        NUMBERS.astype(object),
        np.asfortranarray(NUMBERS),
        pd.DataFrame(NUMBERS, columns=["a", "b"]),
        pd.Series(list(NUMBERS)),  # a column whose cells are vectors
        np.array([row.tolist() for row in NUMBERS] + [None], dtype=object)[:3],
        Tensor(),
        Tensor("torch.bfloat16"),
        pa.table({"a": NUMBERS[:, 0], "b": NUMBERS[:, 1]}),
    ],
    ids=[
        "array",
        "list",
        "integers",
        "objects",
        "fortran",
        "frame",
        "column of vectors",
        "lists",
        "tensor",
        "bfloat16",
        "arrow",
    ],
)
def test_every_kind_of_matrix(value):
    result = to_features(value, "x")
    assert result.dtype == np.float64
    assert np.array_equal(result, NUMBERS)


def test_float32_stays_and_float16_widens():
    assert to_features(NUMBERS.astype(np.float32), "x").dtype == np.float32
    assert to_features(NUMBERS.astype(np.float16), "x").dtype == np.float64


def test_a_vector_is_one_column():
    assert to_features([1, 2, 3], "x").shape == (3, 1)
    assert to_features(pd.Series([1.0, 2.0]), "x").shape == (2, 1)


def test_no_rows_are_no_error_here():
    assert to_features(np.empty((0, 3)), "x").shape == (0, 3)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_the_first_cell_that_is_not_finite_is_named(bad):
    x = NUMBERS.copy()
    x[1, 0] = x[2, 1] = bad
    with pytest.raises(
        InputError, match=r"the images holds -?(nan|inf) in row 1, column 0 \(2 such values\); .*impute"
    ):
        to_features(x, "the images")


@pytest.mark.parametrize(
    ("value", "kind", "words"),
    [
        (np.ones((2, 3, 4)), ShapeError, r"x has shape \(2, 3, 4\); expected \(rows, features\)"),
        (np.array(3.0), ShapeError, r"x has shape \(\)"),
        ([["a"], ["b"]], InputError, "x holds values that are not numbers"),
        ([[1, None], [2, 3]], InputError, "x holds (values that are not numbers|nan)"),
        (pd.DataFrame({"a": ["red", "blue"]}), InputError, "x holds values that are not numbers .*one-hot"),
        (pd.Series([[1, 2], [3]]), ShapeError, "x has rows of 1 to 2 numbers; expected vectors of one length"),
        ([[1, 2], [3]], ShapeError, "x is no rectangular array .* expected rows of one length"),
        (pd.Series([[1, 2], None]), InputError, "x has 1 rows without a vector, the first in row 1"),
        ([[1j]], InputError, "x holds values that are not numbers"),
        (pd.DataFrame({"a": pd.array([1, None], dtype="Int64")}), InputError, "x holds"),
    ],
)
def test_bad_features(value, kind, words):
    with pytest.raises(kind, match=words):
        to_features(value, "x")


def test_dates_are_not_numbers():
    with pytest.raises(InputError, match="x holds values that are not numbers"):
        to_features(np.array(["2020-01-01"], dtype="datetime64[D]"), "x")


# labels


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([0, 1, 1], [0, 1, 1]),
        (np.array([[0], [1]]), [0, 1]),
        (np.array([0.0, 2.0]), [0, 2]),
        (np.array([True, False]), [True, False]),
        (["no", "yes"], ["no", "yes"]),
        (np.array(["no", "yes"], dtype=object), ["no", "yes"]),
        (pd.Series(["no", "yes"]), ["no", "yes"]),
        (pd.Categorical(["no", "yes"]), ["no", "yes"]),
        (pd.Series(["no", "yes"], dtype="category"), ["no", "yes"]),
        (pa.array(["ja", "nein"]), ["ja", "nein"]),
        (pa.chunked_array([["ja"], ["nein"]]), ["ja", "nein"]),
        (np.array([10, 2], dtype=object), [10, 2]),
        (np.array([10, "a"], dtype=object), ["10", "a"]),
        (pd.Series([10, 2], dtype="Int64"), [10, 2]),
        ([Colour.RED, Colour.BLUE], ["red", "blue"]),
    ],
)
def test_every_kind_of_label(value, expected):
    assert to_labels(value, "y").tolist() == expected


@pytest.mark.parametrize(
    ("value", "kind", "words"),
    [
        (np.eye(3), ShapeError, r"y has shape \(3, 3\); expected one label a row; .*|y has shape"),
        ([0.0, np.nan], InputError, "y has 1 missing or infinite labels"),
        ([0.0, np.inf], InputError, "y has 1 missing or infinite labels"),
        ([0.0, 0.5], InputError, r"y holds fractions such as 0\.5; expected classes.*bin a continuous target"),
        (["a", None, "b"], InputError, "y has 1 missing labels, the first in row 1"),
        (np.array(["a", np.nan], dtype=object), InputError, "y has 1 missing labels, the first in row 1"),
        (pd.Series(["a", pd.NA], dtype="string"), InputError, "y has 1 missing labels, the first in row 1"),
        (pd.Series([1, None], dtype="Int64"), InputError, "y has 1 missing"),
    ],
)
def test_bad_labels(value, kind, words):
    with pytest.raises(kind, match=words):
        to_labels(value, "y")


def test_an_array_is_not_copied_for_nothing():
    assert to_array(NUMBERS, "x") is NUMBERS


# files


@pytest.fixture
def frame():
    return pd.DataFrame({"image_0": [1.0, 2.0], "image_1": [3.0, 4.0], "label": ["no", "ja ü"]})


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet", ".pq", ".PARQUET"])
def test_tables_by_column(frame, tmp_path, suffix):
    path = tmp_path / f"data{suffix}"
    if suffix in (".csv", ".tsv"):
        frame.to_csv(path, index=False, sep="\t" if suffix == ".tsv" else ",")
    else:
        frame.to_parquet(path)
    columns = read_columns(path)
    assert list(columns) == list(frame)
    assert columns["image_1"].tolist() == [3.0, 4.0]
    assert columns["label"].tolist() == ["no", "ja ü"]


@pytest.mark.parametrize("kind", [pa.list_(pa.float32()), pa.large_list(pa.float64()), pa.list_(pa.float32(), 2)])
def test_list_columns_are_matrices(tmp_path, kind):
    path = tmp_path / "data.parquet"
    pq.write_table(pa.table({"image": pa.array(NUMBERS.tolist(), type=kind)}), path)
    assert np.array_equal(read_columns(path)["image"], NUMBERS)
    assert np.array_equal(to_features(path, "x"), NUMBERS)


def test_a_list_column_in_several_chunks(tmp_path):
    path = tmp_path / "data.parquet"
    chunks = pa.chunked_array([NUMBERS[:1].tolist(), NUMBERS[1:].tolist()])
    pq.write_table(pa.table({"image": chunks}), path, row_group_size=1)
    assert np.array_equal(read_columns(path)["image"], NUMBERS)


def test_ragged_list_columns_say_their_lengths(tmp_path):
    path = tmp_path / "data.parquet"
    pq.write_table(pa.table({"image": [[1.0, 2.0], [3.0], [1.0, 2.0, 3.0]]}), path)
    with pytest.raises(InterplayError, match="column 'image' has rows of 1 to 3 numbers"):
        read_columns(path)


def test_a_list_column_with_missing_rows(tmp_path):
    path = tmp_path / "data.parquet"
    pq.write_table(pa.table({"image": [[1.0, 2.0], None, [3.0, 4.0]]}), path)
    with pytest.raises(InputError, match="column 'image' has 1 rows without a vector, the first in row 1"):
        to_features(path, "x")


def test_an_empty_list_column(tmp_path):
    path = tmp_path / "data.parquet"
    pq.write_table(pa.table({"image": pa.array([], type=pa.list_(pa.float32()))}), path)
    assert to_features(path, "x").shape[0] == 0


def test_arrays_of_numpy(tmp_path):
    np.savez(tmp_path / "a.npz", image=NUMBERS, label=np.array(["a", "b", "c"]))
    np.save(tmp_path / "b.npy", NUMBERS)
    assert np.array_equal(read_columns(tmp_path / "a.npz")["image"], NUMBERS)
    assert np.array_equal(to_features(str(tmp_path / "b.npy"), "x"), NUMBERS)
    (tmp_path / "b.npy").rename(tmp_path / "c.npz")  # the content decides, not the name
    assert np.array_equal(read_columns(tmp_path / "c.npz")["c"], NUMBERS)


class Bomb:
    """Shows, if it is ever unpickled, that code of the file was run."""

    def __reduce__(self):
        return (exec, ("raise SystemExit('a pickle was read')",))


@pytest.mark.parametrize("suffix", [".npy", ".npz", ".parquet", ".csv"])
def test_pickles_are_never_read(tmp_path, suffix):
    path = tmp_path / f"data{suffix}"
    if suffix == ".npy":
        np.save(path, np.array([Bomb()], dtype=object), allow_pickle=True)
    elif suffix == ".npz":
        np.savez(path, x=np.array([Bomb()], dtype=object))
    else:
        path.write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(InterplayError):
        to_features(path, "x")


@pytest.mark.parametrize("suffix", [".pkl", ".pickle", ".pt", ".joblib", ".xlsx", ""])
def test_other_kinds_of_file_are_refused_by_name(tmp_path, suffix):
    path = tmp_path / f"data{suffix}"
    path.write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(FileError, match=r"file; expected a \.parquet, .* \(pickles are never read\)"):
        read_columns(path)


@pytest.mark.parametrize("suffix", [".parquet", ".npz", ".npy", ".csv"])
@pytest.mark.parametrize("content", [b"", b"nonsense \xff\x00", b"PAR1"])
def test_corrupt_files(tmp_path, suffix, content):
    path = tmp_path / f"data{suffix}"
    path.write_bytes(content)
    with pytest.raises(InterplayError) as caught:
        to_features(path, "x")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("suffix", [".parquet", ".npz", ".npy", ".csv"])
def test_truncated_files(tmp_path, frame, suffix):
    path = tmp_path / f"data{suffix}"
    if suffix == ".parquet":
        frame.to_parquet(path)
    elif suffix == ".npz":
        np.savez(path, x=NUMBERS)
    elif suffix == ".npy":
        np.save(path, NUMBERS)
    else:
        path.write_text("a,b\n1,2\n3")
    path.write_bytes(path.read_bytes()[:-12] if suffix != ".csv" else path.read_bytes())
    with pytest.raises(FileError, match="could not be read"):
        read_columns(path)


def test_missing_files_and_folders(tmp_path):
    (tmp_path / "folder.csv").mkdir()
    for path in (tmp_path / "absent.parquet", tmp_path / "folder.csv"):
        with pytest.raises(FileError, match="could not be read"):
            read_columns(path)


# choosing columns


def test_features_by_name_list_and_prefix(frame):
    columns = {name: frame[name].to_numpy() for name in frame} | {"vectors": NUMBERS[:2]}
    assert select_features(columns, "image_*", "f").tolist() == [[1, 3], [2, 4]]
    assert select_features(columns, "image_1,image_0", "f").tolist() == [[3, 1], [4, 2]]
    assert select_features(columns, "image_1", "f").tolist() == [[3], [4]]
    assert select_features(columns, "vectors", "f").shape == (2, 2)
    assert select_column(columns, "label", "f").tolist() == ["no", "ja ü"]


@pytest.mark.parametrize("selector", ["sound", "sound_*", "image_0,sound", ""])
def test_a_column_that_is_absent_names_those_that_exist(frame, selector):
    columns = {name: frame[name].to_numpy() for name in frame}
    with pytest.raises(UnknownNameError, match=r"has no column .* one of its columns: image_0, image_1, label"):
        select_features(columns, selector, "file.csv")


def test_a_missing_label_column_and_a_long_list(frame):
    columns = {f"c{i}": np.zeros(2) for i in range(20)}
    with pytest.raises(UnknownNameError, match=r"file\.parquet has no column 'label'; .* c7 and 12 more"):
        select_column(columns, "label", "file.parquet")


# tables of other packages


@pytest.mark.parametrize("kind", [pa.list_(pa.float64()), pa.list_(pa.float64(), 2), pa.large_list(pa.float64())])
def test_arrow_tables_with_list_columns(kind):
    table = pa.table({"v": pa.array(NUMBERS.tolist(), type=kind), "w": [7.0, 8.0, 9.0]})
    assert np.array_equal(to_features(table, "x"), np.column_stack([NUMBERS, [7, 8, 9]]))
    assert np.array_equal(to_features(table["v"], "x"), NUMBERS)
    assert np.array_equal(to_features(table["v"].combine_chunks(), "x"), NUMBERS)


def test_a_pandas_frame_of_vectors():
    frame = pd.DataFrame({"v": list(NUMBERS), "w": [7.0, 8.0, 9.0]})
    assert np.array_equal(to_features(frame, "x"), np.column_stack([NUMBERS, [7, 8, 9]]))
    assert np.array_equal(to_features(frame[["v"]], "x"), NUMBERS)


def test_polars():
    pl = pytest.importorskip("polars", reason="polars is not installed")
    frame = pl.DataFrame({"a": NUMBERS[:, 0], "b": NUMBERS[:, 1]})
    assert np.array_equal(to_features(frame, "x"), NUMBERS)
    vectors = pl.DataFrame({"v": NUMBERS.tolist()})
    fixed = vectors.with_columns(pl.col("v").list.to_array(2))
    for value in (vectors, vectors["v"], fixed, fixed["v"]):
        assert np.array_equal(to_features(value, "x"), NUMBERS)
    assert to_labels(pl.Series(["no", "yes"]), "y").tolist() == ["no", "yes"]
    assert to_labels(pl.Series(["no", "yes"], dtype=pl.Categorical), "y").tolist() == ["no", "yes"]
    with pytest.raises(InputError, match="missing labels"):
        to_labels(pl.Series(["a", None]), "y")
    with pytest.raises(InputError, match="holds nan in row 1"):
        to_features(pl.DataFrame({"a": [1.0, None]}), "x")


class HuggingFace:
    """Behaves as a `datasets.Dataset`: rows come as Arrow tables if asked for."""

    column_names = ("v",)

    def with_format(self, kind):
        assert kind == "arrow"
        return self

    def __getitem__(self, rows):
        assert rows == slice(None)
        return pa.table({"v": NUMBERS.tolist()})


def test_a_hugging_face_data_set():
    assert np.array_equal(to_features(HuggingFace(), "x"), NUMBERS)


def test_a_real_hugging_face_data_set():
    module = pytest.importorskip("datasets.arrow_dataset", reason="the package datasets is not installed")
    rows = module.Dataset(pa.table({"v": NUMBERS.tolist(), "y": ["a", "b", "a"]}), fingerprint="test")
    assert np.array_equal(to_features(rows["v"], "x"), NUMBERS)
    assert np.array_equal(to_features(rows.select_columns(["v"]), "x"), NUMBERS)
    assert to_labels(rows["y"], "y").tolist() == ["a", "b", "a"]
