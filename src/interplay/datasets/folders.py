"""Sets from folders of files as their authors publish them: AV-MNIST (NumPy) and ENRICO (images and a CSV)."""

import csv
import importlib
import random
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interplay.datasets.benchmark_set import BenchmarkSet, checked_set
from interplay.errors import FileError, MissingExtraError
from interplay.inputs import read_columns

CORRUPTED = ("50105", "50109")  # screens that the paper's code leaves out
TEST_FROM = 0.8  # of the screens, shuffled with Python's seed 42, as in the paper's code
HEIGHT, WIDTH = 256, 128


def is_avmnist(folder: Path) -> bool:
    """Whether the folder has AV-MNIST's test files."""
    return all(path.is_file() for path in _avmnist_files(folder).values())


def _avmnist_files(folder: Path) -> dict[str, Path]:
    return {
        "image": folder / "image" / "test_data.npy",
        "audio": folder / "audio" / "test_data.npy",
        "labels": folder / "test_labels.npy",
    }


def load_avmnist(folder: Path) -> BenchmarkSet:
    """Test images and spectrograms of AV-MNIST, flattened."""
    arrays = {key: next(iter(read_columns(path).values())) for key, path in _avmnist_files(folder).items()}
    labels = arrays.pop("labels")
    return checked_set("AV-MNIST", arrays, labels, rows="test split")


def is_enrico(folder: Path) -> bool:
    """Whether the folder has ENRICO's table of topics and both folders of images."""
    return (folder / "design_topics.csv").is_file() and all(
        (folder / f).is_dir() for f in ("screenshots", "wireframes")
    )


def load_enrico(folder: Path) -> BenchmarkSet:
    """Test screens of ENRICO as the paper's code takes them: shuffled with seed 42, the last fifth, 256 by 128 pixels.

    Needs Pillow. Raises MissingExtraError without it, FileError for an image that cannot be read.
    """
    with (folder / "design_topics.csv").open(encoding="utf-8", newline="") as stream:
        screens = [row for row in csv.DictReader(stream) if row.get("screen_id") not in CORRUPTED]
    if not screens or not {"screen_id", "topic"} <= screens[0].keys():
        raise FileError(
            f"{folder / 'design_topics.csv'} without rows or without the columns screen_id and topic",
            expected="ENRICO's table of topics",
            next_step="download it again",
        )
    topics = {topic: i for i, topic in enumerate(sorted({row["topic"] for row in screens}))}
    order = list(range(len(screens)))
    random.Random(42).shuffle(order)
    test = [screens[i] for i in order[int(len(screens) * TEST_FROM) :]]
    read = _image_reader()
    features = {
        "image": np.stack([read(folder / "screenshots" / f"{row['screen_id']}.jpg") for row in test]),
        "wireframe": np.stack([read(folder / "wireframes" / f"{row['screen_id']}.png") for row in test]),
    }
    labels = np.array([topics[row["topic"]] for row in test])
    return checked_set("ENRICO", features, labels, rows="test split")


def _image_reader() -> Any:
    """Path -> pixels (256, 128, 3) from 0 to 1."""
    try:
        image = importlib.import_module("PIL.Image")
    except ImportError as error:
        raise MissingExtraError(
            "ENRICO's images without the package Pillow",
            expected="Pillow, which reads them",
            next_step="pip install pillow",
        ) from error

    def read(path: Path) -> NDArray[np.float32]:
        try:
            with image.open(path) as picture:
                small = picture.convert("RGB").resize((WIDTH, HEIGHT), image.Resampling.BILINEAR)
                return np.asarray(small, dtype=np.float32) / np.float32(255)
        except OSError as error:
            raise FileError(
                f"{path} could not be read ({error})", expected="an image", next_step="download it again"
            ) from error

    return read
