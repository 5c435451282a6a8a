"""The demo: disjoint rows, a promise that is checked and not asserted, files that can be rebuilt."""

import json

import numpy as np
import pytest
from sklearn.datasets import load_digits

from interplay.cli.main import main
from interplay.datasets.digits import ENDINGS, load_demo
from interplay.report.document import read_document
from interplay.report.verdicts import judge_promise


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """One real run: its folder and exit code."""
    folder = tmp_path_factory.mktemp("demo") / "out"
    return folder, main(["demo", "--quiet", "--out", str(folder)])


def test_rows_are_disjoint_and_all_used():
    data = load_demo(3)
    sizes = [len(y) for _, y in data.labeled.values()] + [len(data.pairs["top"]), len(data.test_labels)]
    assert sum(sizes) == len(load_digits().target)
    everything = np.sort(load_digits().images[:, :3].reshape(-1, 24), axis=0)
    tops = [data.labeled["top"][0], data.pairs["top"], data.test_features["top"]]
    assert len(np.vstack(tops)) == len(everything) - len(data.labeled["bottom"][1])


def test_labels_belong_to_their_rows():
    digits, data = load_digits(), load_demo(0)
    known = {tuple(row) for row in digits.images[np.isin(digits.target, ENDINGS)].reshape(-1, 64)[:, :24]}
    for features, labels in (data.labeled["top"], (data.oracle_features["top"], data.oracle_labels)):
        rows = features[labels == "ending"]
        assert all(tuple(row) in known for row in rows)


def test_same_seed_same_rows():
    a, b, c = load_demo(1), load_demo(1), load_demo(2)
    np.testing.assert_array_equal(a.test_labels, b.test_labels)
    np.testing.assert_array_equal(a.pairs["top"], b.pairs["top"])
    assert not np.array_equal(a.pairs["top"], c.pairs["top"])


def test_it_runs_and_the_promise_is_not_broken(ran):
    folder, code = ran
    assert code == 0
    assert sorted(p.name for p in folder.iterdir()) == ["report.html", "result.json"]
    document = read_document(json.loads((folder / "result.json").read_text(encoding="utf-8")))
    judged = judge_promise(document)
    assert judged.kind in ("kept", "open")
    assert judged.title in (folder / "report.html").read_text(encoding="utf-8")


def test_the_report_can_be_rebuilt_from_the_result(ran, tmp_path, capsys):
    folder, _ = ran
    again = tmp_path / "again.html"
    assert main(["report", str(folder / "result.json"), "--out", str(again), "--quiet"]) == 0
    assert again.read_bytes() == (folder / "report.html").read_bytes()


def test_a_folder_that_cannot_be_made(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["demo", "--out", str(tmp_path / "file")]) == 1
    assert capsys.readouterr().err.count("\n") == 1
