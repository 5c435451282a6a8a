"""The count command: tables that `bounds` takes, from files; what cannot be counted is refused in one line."""

import json

import numpy as np
import pandas as pd
import pytest

from interplay.cli.main import main


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 300)
    code = np.clip(y + rng.integers(0, 3, 300), 0, 3)
    pd.DataFrame({"scan": code, "y": y}).to_parquet(tmp_path / "scan.parquet")
    pd.DataFrame({"cluster": code, "y": y}).to_csv(tmp_path / "text.csv", index=False)
    pd.DataFrame({"scan": code, "cluster": code}).to_parquet(tmp_path / "pairs.parquet")
    return tmp_path


def test_counts_go_from_files_to_bounds(folder, capsys):
    arguments = [str(folder), "--label=y", "--features=text=cluster", "--codebook=v1"]
    assert main(["count", *arguments, f"--out={folder / 'tables.json'}"]) == 0
    told = capsys.readouterr()
    assert "scan, labelled          300   4" in told.out
    assert "tables:" in told.err
    tables = json.loads((folder / "tables.json").read_text())
    assert tables["codebook"] == "v1"
    assert np.sum(tables["pairs"]) == np.sum(tables["first"]) == 300
    assert main(["bounds", str(folder / "tables.json"), "--confidence=0.95"]) == 0
    assert "synergy" in capsys.readouterr().out
    assert main(["count", *arguments, "--out=-"]) == 0
    assert json.loads(capsys.readouterr().out) == tables
    assert main(["count", *arguments, "--csv"]) == 0
    assert "pairs" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--features=text=cluster", "--labeled=third=x.csv"], "3 modalities"),
        ([], "has no column 'text'"),
        (["--features=text=cluster", "--out=none/t.json"], "there is no folder none"),
    ],
)
def test_what_cannot_be_counted(folder, capsys, arguments, words):
    assert main(["count", str(folder), "--label=y", *arguments]) == 1
    told = capsys.readouterr().err
    assert words in told
    assert told.count("\n") == 1
