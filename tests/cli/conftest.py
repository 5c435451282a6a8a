"""A result made up for tests of the commands, and data files that `quantify` can read."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from report.documents import document


@pytest.fixture
def twin():
    """A made-up result document."""
    return document()


@pytest.fixture
def twin_file(twin, tmp_path):
    path = tmp_path / "result.json"
    path.write_text(json.dumps(twin), encoding="utf-8")
    return path


@pytest.fixture
def data(tmp_path):
    """Labelled images and texts and unlabelled pairs, as CSV and Parquet files."""
    rng = np.random.default_rng(0)
    image = pd.DataFrame(rng.normal(size=(40, 3)), columns=["image_a", "image_b", "image_c"])
    image["y"], image["who"], image["w"] = ["no", "yes"] * 20, np.arange(40) // 2, 1.0
    text = pd.DataFrame({"text": list(rng.normal(size=(30, 4))), "y": ["no", "yes"] * 15, "who": 1, "w": 2.0})
    pairs = pd.DataFrame(rng.normal(size=(50, 3)), columns=["image_c", "image_b", "image_a"])
    pairs["text"], pairs["who"], pairs["w"] = list(rng.normal(size=(50, 4))), np.arange(50), 1.0
    image.to_csv(tmp_path / "image.csv", index=False)
    text.to_parquet(tmp_path / "text.parquet")
    pairs.to_parquet(tmp_path / "pairs.parquet")
    return SimpleNamespace(folder=tmp_path, image=image, text=text, pairs=pairs)
