"""The commands collect, label and select: files in, tables, JSON and rows out, one line for what is wrong."""

import json
import sys
from functools import partial

import numpy as np
import pandas as pd
import pytest

from interplay.advice.selection import recommend_models
from interplay.advice.verification import verify_models
from interplay.cli.main import main
from interplay.estimation import classifiers


@pytest.fixture(autouse=True)
def only_logistic(monkeypatch):
    """Forests take their time, and the commands do not care."""
    monkeypatch.setattr(classifiers, "CANDIDATES", {"logistic": classifiers.CANDIDATES["logistic"]})


@pytest.fixture
def folder(tmp_path):
    """Three views of a coin: labels of each, pairs, and the labels of the pairs that only the test knows."""
    rng = np.random.default_rng(0)
    names = ("image", "text", "audio")

    def rows(count):
        y = rng.integers(2, size=count)
        views = {f"{m}_{j}": rng.normal(size=count) + 0.6 * (j == 0) * (2 * y - 1) for m in names for j in range(2)}
        return pd.DataFrame(views), np.where(y, "yes", "no")

    (tmp_path / "data").mkdir()
    for m in names:
        x, y = rows(150)
        x.filter(like=m).assign(y=y).to_csv(tmp_path / "data" / f"{m}.csv", index=False)
    x, y = rows(120)
    x.to_csv(tmp_path / "data" / "pairs.csv", index=False)
    pd.DataFrame({"row": np.arange(120), "y": y}).to_csv(tmp_path / "truth.csv", index=False)
    x.assign(y=y).to_csv(tmp_path / "labelled.csv", index=False)
    return tmp_path


def failed(capsys, *words):
    text = capsys.readouterr().err
    assert text.startswith("interplay: error: ")
    assert text.count("\n") == 1
    assert all(word in text for word in words), text


def test_collect_ranks_what_is_not_owned(folder, capsys):
    told = ["collect", str(folder / "data"), "--label=y", "--have=image", "--cost=text=2", "--cost=audio=1", "--quiet"]
    assert main([*told, "--required=0.9"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(("Collect ", "No candidate is likely to add anything; "))
    assert "guaranteed" in text
    assert "image now:" in text
    assert main([*told, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert {c["name"]: c["cost"] for c in answer["ranking"]} == {"text": 2.0, "audio": 1.0}


def test_collect_with_labels_only_and_pairs_only(folder, capsys):
    pairs = pd.read_csv(folder / "data" / "pairs.csv")
    renamed = pairs.rename(columns={"audio_0": "depth_0", "audio_1": "depth_1"})
    renamed.to_csv(folder / "data" / "pairs.csv", index=False)
    told = ["collect", str(folder / "data"), "--label=y", "--have=image", "--have=text", "--json"]
    assert main([*told, "--candidate=audio", "--candidate=depth=depth_*"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert {c["name"]: c["evidence"] for c in answer["ranking"]} == {"audio": "labels only", "depth": "pairs only"}


def test_collect_takes_a_file_of_pairs_for_each_candidate(folder, capsys):
    """Rows of their own for text, and for depth, which has no labels; the counts of rows tell which file was read."""
    data = folder / "data"
    pairs = pd.read_csv(data / "pairs.csv")
    pairs.filter(regex="image|text").iloc[:90].assign(who=range(90)).to_csv(folder / "with_text.csv", index=False)
    depth = pairs.rename(columns={"audio_0": "depth_0", "audio_1": "depth_1"}).filter(regex="image|depth")
    depth.iloc[:70].assign(who=range(70)).to_csv(folder / "with_depth.csv", index=False)
    for m in ("image", "text"):
        pd.read_csv(data / f"{m}.csv").assign(who=range(150)).to_csv(folder / f"{m}.csv", index=False)
    told = ["collect", "--label=y", "--have=image", f"--labeled=image={folder / 'image.csv'}", "--json", "--group=who"]
    told += [f"--labeled=text={folder / 'text.csv'}", "--candidate=text", "--candidate=depth=depth_*"]
    own = [f"--pairs-with={m}={folder / f'with_{m}.csv'}" for m in ("text", "depth")]
    assert main([*told, *own]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert {c["name"]: c["evidence"] for c in answer["ranking"]} == {"text": "labels and pairs", "depth": "pairs only"}
    for flags, words in (([own[0]], ["depth"]), ([*own, "--pairs-with=audio"], ["--pairs-with audio", "FILE"])):
        assert main([*told, *flags]) == 1
        failed(capsys, *words)


def test_a_file_of_pairs_for_one_candidate_leaves_the_others_theirs(folder, capsys):
    pairs = pd.read_csv(folder / "data" / "pairs.csv")
    pairs.filter(regex="image|text").iloc[:60].to_csv(folder / "with_text.csv", index=False)
    told = ["collect", str(folder / "data"), "--label=y", "--have=image", "--json"]
    assert main(told) == 0
    shared = {c["name"]: c["gain"]["ci"] for c in json.loads(capsys.readouterr().out)["ranking"]}
    assert main([*told, f"--pairs-with=text={folder / 'with_text.csv'}"]) == 0
    split = {c["name"]: c["gain"]["ci"] for c in json.loads(capsys.readouterr().out)["ranking"]}
    assert set(split) == set(shared) == {"text", "audio"}
    assert split["text"] != shared["text"]


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ([], ["have=[]"]),
        (["--have=image", "--cost=text=2"], ["no cost of 'audio'"]),
        (["--have=image", "--cost=text=-2", "--cost=audio=1"], ["cost -2.0 of 'text'"]),
        (["--have=image", "--cost=text"], ["--cost text", "MODALITY=VALUE"]),
        (["--have=image", "--cost=text=much"], ["--cost text=much"]),
        (["--have=image", "--candidate=depth=depth_*"], ["depth"]),
    ],
)
def test_collect_refuses_with_one_line(folder, capsys, flags, words):
    assert main(["collect", str(folder / "data"), "--label=y", *flags]) == 1
    failed(capsys, *words)


def test_label_plans_rows_and_takes_labels(folder, capsys):
    told = ["label", str(folder / "data"), "--label=y", "--modality=image", "--modality=text", "--worth=0.02"]
    assert main([*told, "--budget=20", f"--out={folder / 'rows.csv'}"]) == 0
    assert "rows: " in capsys.readouterr().err
    rows = pd.read_csv(folder / "rows.csv").row
    assert 0 < len(rows) <= 20
    pd.read_csv(folder / "truth.csv").iloc[rows].to_csv(folder / "done.csv", index=False)
    assert main([*told, "--budget=20", f"--labels={folder / 'done.csv'}", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["labelled"] == rows.tolist()
    assert set(answer["rows"]).isdisjoint(answer["labelled"])


def test_labels_for_the_synergy(folder, capsys):
    told = ["label", str(folder / "data"), "--label=y", "--modality=image", "--modality=text", "--target=synergy"]
    assert main([*told, "--budget=20", "--worth=0.1", "--quiet"]) == 0
    text = capsys.readouterr().out
    assert "0.1 bits of synergy count" in text
    assert "can move the synergy by" in text
    assert main([*told, "--budget=20", f"--labels={folder / 'truth.csv'}", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["target"] == "synergy"
    assert answer["decision"] in {"synergy", "no synergy", "undecided"}
    assert answer["synergy"]["ci"][0] <= answer["synergy"]["ci"][1]
    assert main(["label", str(folder / "data"), "--label=y", "--target=synergy"]) == 1
    failed(capsys, "3 modalities", "two modalities", "modalities=('audio', 'image')")


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--budget=500"], ["budget=500", "from 1 to 120"]),
        (["--modality=image"], ["two or more"]),
        (["--out=/no/such/folder/rows.csv"], ["rows.csv"]),
    ],
)
def test_label_refuses_with_one_line(folder, capsys, flags, words):
    assert main(["label", str(folder / "data"), "--label=y", *flags]) == 1
    failed(capsys, *words)


def test_labels_of_rows_that_do_not_exist(folder, capsys):
    pd.DataFrame({"row": [120], "y": ["no"]}).to_csv(folder / "done.csv", index=False)
    told = ["label", str(folder / "data"), "--label=y", "--modality=image", "--modality=text"]
    assert main([*told, f"--labels={folder / 'done.csv'}"]) == 1
    failed(capsys, "a label for row 120", "0 to 119")


def test_select_says_what_to_train_and_why(folder, capsys):
    assert main(["select", str(folder / "data"), "--label=y", "--quiet"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("Train ")
    assert "additive log odds" in " ".join(text.split())


def test_select_is_told_how_many_labelled_pairs_there_will_be(folder, capsys, monkeypatch):
    told = ["select", str(folder / "data"), "--label=y", "--quiet"]
    seen = []
    monkeypatch.setattr(
        "interplay.cli.select.recommend_models",
        lambda r, *, labelled_pairs: seen.append(labelled_pairs) or recommend_models(r, labelled_pairs=labelled_pairs),
    )
    assert main([*told, "--labelled-pairs=30"]) == 0
    assert seen == [30]
    capsys.readouterr()
    assert main([*told, "--labelled-pairs=0"]) == 1
    failed(capsys, "labelled_pairs=0")


def test_select_verify_without_torch_names_the_extra(folder, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    assert main(["select", str(folder / "data"), "--label=y", f"--verify={folder / 'labelled.csv'}"]) == 1
    failed(capsys, "pip install 'interplay[torch]'")


def test_select_verify_trains_and_reports(folder, capsys, monkeypatch):
    pytest.importorskip("torch", reason="PyTorch is not installed: pip install 'interplay[torch]'")
    told = ["select", str(folder / "data"), "--label=y", f"--verify={folder / 'labelled.csv'}", "--splits=1", "--json"]
    monkeypatch.setattr("interplay.cli.select.verify_models", partial(verify_models, families=("single", "tensor")))
    assert main(told) == 0
    answer = json.loads(capsys.readouterr().out)["verification"]
    assert {"single", "tensor"} < {s["family"] for s in answer["scores"]}
    assert "advice" in answer["verdict"]
