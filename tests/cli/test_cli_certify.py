"""The certify command: answers from columns or a file, one model or several, as a table, JSON or a file."""

import json

import numpy as np
import pandas as pd
import pytest

import interplay as ip
from interplay.cli.certify import execute  # noqa: F401  (imported before it is patched)
from interplay.cli.main import main
from samplers import draw, noisy_views

WORDS = np.array(["no", "yes"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """labelled files, pairs with a column of answers, and a file with the answers of two models."""
    drawn = draw(noisy_views(0.8), 300, 0)
    path = tmp_path_factory.mktemp("data")
    for n, (x, y) in drawn.labeled.items():
        frame(n, x).assign(y=WORDS[y]).to_csv(path / f"{n}.csv", index=False)
    level = {n: np.argmax(x, axis=1) for n, x in drawn.pairs.items()}
    ours = WORDS[(level["image"] + level["text"] >= 3).astype(int)]
    pairs = pd.concat([frame(n, x) for n, x in drawn.pairs.items()], axis=1)
    pairs.assign(ours=ours).to_parquet(path / "pairs.parquet")
    answers = pd.DataFrame({"ours": ours, "constant": WORDS[0]})
    answers.to_csv(path.parent / "answers.csv", index=False)
    return path


def frame(name, x):
    return pd.DataFrame(x, columns=[f"{name}_{i}" for i in range(x.shape[1])])


@pytest.fixture
def quick(monkeypatch):
    """The same computations with few replicates."""
    for name in ("certify", "compare_models"):
        function = getattr(ip, name)
        monkeypatch.setattr(f"interplay.cli.certify.{name}", lambda *a, f=function, **k: f(*a, **k, replicates=20))


def run(folder, *more):
    return main(["certify", str(folder), "--label=y", "--quiet", *map(str, more)])


def test_one_model_as_a_table_and_as_a_file(folder, quick, capsys, tmp_path):
    cost = tmp_path / "cost.json"
    cost.write_text("[[0, 5], [1, 0]]")
    assert run(folder, "--column=ours", f"--cost={cost}", f"--result={tmp_path / 'c.json'}") == 0
    table = capsys.readouterr().out
    for word in ("accuracy", "expected cost", "RECALL", "PRECISION", "no answered yes"):
        assert word in table
    told = json.loads((tmp_path / "c.json").read_text())
    assert told["schema"] == "interplay/certification/1"
    assert 0.5 < told["accuracy"]["low"] <= told["accuracy"]["high"] <= 1
    assert {(c["label"], c["answer"]) for c in told["confusion"]} == {(a, b) for a in WORDS for b in WORDS}
    assert told["pairs"][0]["modalities"] == ["image", "text"]


def test_json_is_what_python_says(folder, quick, capsys):
    assert run(folder, "--column=ours", "--json", "--seed=3") == 0
    first = capsys.readouterr().out
    assert run(folder, "--column=ours", "--result=-", "--seed=3") == 0
    assert json.loads(capsys.readouterr().out) == json.loads(first)


def test_several_models_are_compared(folder, quick, capsys):
    assert run(folder, f"--predictions={folder.parent / 'answers.csv'}") == 0
    table = capsys.readouterr().out
    assert "ours minus constant" in table
    assert "ours is certainly better than constant." in table
    assert run(folder, f"--predictions={folder.parent / 'answers.csv'}", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == "interplay/comparison/1"
    assert told["difference"][0]["better"] == "ours"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ([], "no --predictions and no --column"),
        (["--column=theirs"], "no column 'theirs'"),
        (["--predictions=nowhere.csv"], "could not be read"),
        (["--column=ours", "--column=image_0", "--cost=x.json"], "--cost with 2 models"),
        (["--column=ours", "--cost=nowhere.json"], "could not be read"),
        (["--column=ours", "--result=nowhere/c.json"], "no folder nowhere"),
    ],
)
def test_wrong_use_is_one_line(folder, more, words, capsys):
    assert run(folder, *more) == 1
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1
