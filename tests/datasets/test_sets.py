"""Data sets of the user: layouts that are read, values that are repaired and counted, and what is refused."""

import pickle

import numpy as np
import pytest

from interplay.datasets.archives import load_archive
from interplay.datasets.benchmark_set import checked_set
from interplay.datasets.discovery import BUILT_IN, find_sets, load_set
from interplay.errors import FileError, InputError, MissingExtraError, ShapeError, UnknownNameError


def affect(n=12, **changes):
    """MultiBench's layout as plain arrays."""
    rng = np.random.default_rng(0)
    arrays = {
        "test_vision": rng.normal(size=(n, 4, 3)),
        "test_audio": rng.normal(size=(n, 4, 2)),
        "test_text": rng.normal(size=(n, 4, 5)),
        "test_labels": np.linspace(-3, 3, n)[:, None, None],
        "train_labels": np.zeros((3, 1, 1)),
    }
    return arrays | changes


def test_an_affect_archive_is_read(tmp_path):
    np.savez(tmp_path / "mosi.npz", **affect())
    data = load_set(str(tmp_path / "mosi.npz"))
    assert (data.name, data.rows, data.class_count) == ("mosi", "test split", 2)
    assert {m: x.shape for m, x in data.features.items()} == {"vision": (12, 12), "audio": (12, 8), "text": (12, 20)}
    assert data.labels.tolist() == [0] * 6 + [1] * 6
    assert data.notes == ("labels are scores, cut at 0",)


def test_further_label_columns_are_left_out(tmp_path):
    scores = np.tile(np.linspace(-1, 1, 12)[:, None, None], (1, 1, 7))
    np.savez(tmp_path / "mosei.npz", **affect(test_labels=scores))
    assert load_archive(tmp_path / "mosei.npz").labels.sum() == 6


def test_missing_infinite_and_overflowing_values_become_zero_and_are_counted(tmp_path):
    audio = np.ones((12, 2, 2))
    audio[0, 0, 0], audio[1, 0, 0], audio[2, 0, 0], audio[3, 0, 0] = np.nan, -np.inf, 1e200, 1e99
    np.savez(tmp_path / "humor.npz", **affect(test_audio=audio, test_labels=np.arange(12)[:, None] % 2))
    data = load_archive(tmp_path / "humor.npz")
    assert np.isfinite(data.features["audio"]).all()
    assert np.isfinite((data.features["audio"] ** 2).sum())
    assert (data.features["audio"] == 0).sum() == 3
    assert data.notes == ("audio: 3 of 48 values were missing, infinite or beyond 1e+100, set to 0",)


def test_lengths_that_differ_are_named(tmp_path):
    np.savez(tmp_path / "m.npz", **affect(test_text=np.zeros((11, 2))))
    with pytest.raises(ShapeError, match=r"12 rows of vision, 12 rows of audio, 11 rows of text, 12 rows of labels"):
        load_archive(tmp_path / "m.npz")


@pytest.mark.parametrize("suffix", [".pkl", ".pickle", ".pt"])
def test_pickles_are_refused_with_the_safe_way(tmp_path, suffix):
    path = tmp_path / f"mosi_raw{suffix}"
    path.write_bytes(pickle.dumps({"test": 1}))
    with pytest.raises(FileError, match=r"can run code when it is opened.*numpy\.savez"):
        load_archive(path)


def test_an_archive_of_objects_is_not_unpickled(tmp_path):
    np.savez(tmp_path / "m.npz", **affect(test_text=np.array([{}] * 12, dtype=object)))
    with pytest.raises(FileError, match="could not be read"):
        load_archive(tmp_path / "m.npz")


def test_our_layout_gives_the_test_rows_and_their_groups(tmp_path):
    split = np.array([0, 0, 2, 2, 2])
    arrays = {"modalities": np.array(["a", "b"]), "X_a": np.arange(10.0).reshape(5, 2), "X_b": np.ones((5, 1))}
    np.savez(tmp_path / "s.npz", **arrays, y=np.array([0, 1, 1, 0, 1]), split=split, group=np.array(list("pqrst")))
    data = load_archive(tmp_path / "s.npz")
    assert data.features["a"].tolist() == [[4, 5], [6, 7], [8, 9]]
    assert data.labels.tolist() == [1, 0, 1]
    assert list(data.groups) == ["r", "s", "t"]
    np.savez(tmp_path / "t.npz", **arrays, y=np.array([0, 1, 1, 0, 1]), split=-np.ones(5))
    assert load_archive(tmp_path / "t.npz").rows == "all rows"


def test_other_archives_are_refused(tmp_path):
    np.savez(tmp_path / "s.npz", x=np.ones(3))
    with pytest.raises(FileError, match=r"holds the arrays x; expected modalities, X_<modality> and y"):
        load_archive(tmp_path / "s.npz")


def test_one_modality_is_not_enough(tmp_path):
    np.savez(tmp_path / "s.npz", test_text=np.ones((3, 1)), test_labels=np.array([0, 1, 1]))
    with pytest.raises(ShapeError, match="1 modalities"):
        load_archive(tmp_path / "s.npz")


def test_an_avmnist_folder_is_found_and_read(tmp_path):
    folder = tmp_path / "avmnist"
    for part in ("image", "audio"):
        (folder / part).mkdir(parents=True)
        np.save(folder / part / "test_data.npy", np.arange(4 * 9.0).reshape(4, 3, 3))
    np.save(folder / "test_labels.npy", np.array([0, 1, 2, 1]))
    assert find_sets(tmp_path).paths == (folder,)
    data = load_set(str(folder))
    assert (data.name, data.class_count, data.features["image"].shape) == ("AV-MNIST", 3, (4, 9))


def enrico(folder, screens=20):
    (folder / "screenshots").mkdir(parents=True)
    (folder / "wireframes").mkdir()
    lines = [f"{i},topic{i % 3}" for i in range(screens)] + ["50105,topic0"]
    (folder / "design_topics.csv").write_text("screen_id,topic\n" + "\n".join(lines) + "\n")


def test_an_enrico_folder_needs_pillow_and_says_so(tmp_path, monkeypatch):
    import importlib

    enrico(tmp_path / "enrico")
    real = importlib.import_module

    def without(name, *args):
        if name == "PIL.Image":
            raise ImportError(name)
        return real(name, *args)

    monkeypatch.setattr(importlib, "import_module", without)
    assert find_sets(tmp_path).paths == (tmp_path / "enrico",)
    with pytest.raises(MissingExtraError, match="pip install pillow"):
        load_set(str(tmp_path / "enrico"))


def test_an_enrico_folder_is_read_as_in_the_paper(tmp_path):
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    import random

    enrico(tmp_path)
    for i in range(20):
        image.new("RGB", (20, 30), (i, 0, 0)).save(tmp_path / "wireframes" / f"{i}.png")
        image.new("RGB", (20, 30), (0, i, 0)).save(tmp_path / "screenshots" / f"{i}.jpg")
    data = load_set(str(tmp_path))
    order = list(range(20))
    random.Random(42).shuffle(order)
    assert data.labels.tolist() == [i % 3 for i in order[16:]]
    assert data.features["wireframe"].shape == (4, 256 * 128 * 3)
    assert np.round(data.features["wireframe"][:, 0] * 255).tolist() == order[16:]


def test_a_broken_enrico_table_is_named(tmp_path):
    enrico(tmp_path)
    (tmp_path / "design_topics.csv").write_text("a,b\n1,2\n")
    with pytest.raises(FileError, match="columns screen_id and topic"):
        load_set(str(tmp_path))


def test_a_folder_with_pickles_alone_is_refused_with_the_safe_way(tmp_path):
    (tmp_path / "sarcasm.pkl").write_bytes(b"x")
    with pytest.raises(FileError, match=r"holds no data set.*numpy\.savez"):
        find_sets(tmp_path)


def test_a_pickle_beside_a_set_is_reported(tmp_path):
    (tmp_path / "sarcasm.pkl").write_bytes(b"x")
    np.savez(tmp_path / "mosi.npz", **affect())
    found = find_sets(tmp_path)
    assert found.paths == (tmp_path / "mosi.npz",)
    assert len(found.refused) == 1
    assert "sarcasm.pkl is a pickle" in found.refused[0]


def test_missing_folders_and_names(tmp_path):
    with pytest.raises(FileError, match="is no folder"):
        find_sets(tmp_path / "nowhere")
    with pytest.raises(UnknownNameError, match="no data set"):
        load_set(str(tmp_path / "nowhere.npz"))


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_sets(name):
    data = load_set(name)
    assert data.name == name
    assert len(data.features) == 2
    assert set(np.unique(data.labels)) == set(range(data.class_count))


@pytest.mark.parametrize(
    ("features", "labels", "error", "match"),
    [
        ({"a": np.full((4, 2), np.nan)}, [0, 1, 0, 1], InputError, "8 of 8 values"),
        ({"a": np.array([["x"], ["y"]])}, [0, 1], InputError, "type <U1"),
        ({"a": np.ones((3, 1))}, [1, 1, 1], InputError, "3 rows and 1 class"),
        ({"a": np.ones((2, 1))}, [[0, 1], [1, 0]], ShapeError, "labels of shape"),
        ({"a": np.ones((2, 1))}, [np.nan, 0.5], InputError, "labels that are missing"),
    ],
)
def test_sets_that_cannot_be_used(features, labels, error, match):
    with pytest.raises(error, match=match):
        checked_set("s", features, np.array(labels), rows="all rows")
