"""Folders of embeddings become columns; pairs are matched by name; what does not fit is refused in one line."""

import numpy as np
import pytest

from interplay.errors import FileError, ShapeError
from interplay.folders import read_labeled_folder, read_paired_folders


def save(folder, rows):
    """rows: relative name -> vector."""
    for name, row in rows.items():
        path = folder / f"{name}.npy"
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, np.asarray(row, dtype=float))
    return folder


def test_classes_as_subfolders(tmp_path):
    save(tmp_path, {"cat/a": [1, 2], "cat/b": [3, 4], "dog/a": [5, 6]})
    columns = read_labeled_folder(tmp_path, "image")
    assert columns["image"].tolist() == [[1, 2], [3, 4], [5, 6]]
    assert columns["class"].tolist() == ["cat", "cat", "dog"]


def test_labels_in_a_table_in_any_order(tmp_path):
    save(tmp_path, {"a": [1, 2], "b": [3, 4]})
    (tmp_path / "labels.csv").write_text("file,y,who\nb.npy,yes,7\na,no,8\nc,no,9\n")
    columns = read_labeled_folder(tmp_path, "image")
    assert columns["y"].tolist() == ["no", "yes"]
    assert columns["who"].tolist() == [8, 7]
    assert "class" not in columns


def test_names_that_look_like_numbers(tmp_path):
    save(tmp_path, {"0001": [1], "0010": [2]})
    (tmp_path / "labels.csv").write_text("file,y\n0010,yes\n0001.npy,no\n")
    assert read_labeled_folder(tmp_path, "image")["y"].tolist() == ["no", "yes"]


def test_a_file_without_a_label(tmp_path):
    save(tmp_path, {"a": [1, 2], "b": [3, 4]})
    (tmp_path / "labels.csv").write_text("file,y\na,no\n")
    with pytest.raises(FileError, match="does not name 1 files, such as b"):
        read_labeled_folder(tmp_path, "image")


def test_pairs_by_name(tmp_path):
    save(tmp_path / "image", {"b": [3, 4], "a": [1, 2]})
    save(tmp_path / "text", {"a": [9], "b": [8]})
    columns = read_paired_folders(tmp_path, ["image", "text"])
    assert columns["image"].tolist() == [[1, 2], [3, 4]]
    assert columns["text"].tolist() == [[9], [8]]
    save(tmp_path / "text", {"c": [7]})
    with pytest.raises(FileError, match=r"1 files without a partner, such as c\.npy"):
        read_paired_folders(tmp_path, ["image", "text"])
    with pytest.raises(FileError, match="there is no folder"):
        read_paired_folders(tmp_path, ["image", "sound"])


def test_vectors_of_other_lengths_and_objects(tmp_path):
    save(tmp_path, {"a": [1, 2], "b": [3, 4, 5]})
    with pytest.raises(ShapeError, match=r"b\.npy holds 3 numbers and a\.npy 2"):
        read_labeled_folder(tmp_path, "image")
    np.save(tmp_path / "b.npy", np.array([{"a": 1}], dtype=object))
    with pytest.raises(FileError, match=r"b\.npy could not be read"):
        read_labeled_folder(tmp_path, "image")


def test_an_empty_folder(tmp_path):
    with pytest.raises(FileError, match=r"has no \.npy file"):
        read_labeled_folder(tmp_path, "image")
