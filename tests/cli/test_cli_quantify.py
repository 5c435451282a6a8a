"""What the quantify command hands to the library: files, columns, flags, TOML; nothing is computed here."""

import json
import pickle

import numpy as np
import pytest

from interplay.cli.columns import feature_names, same_order
from interplay.cli.main import main
from interplay.cli.quantify import execute  # noqa: F401  (imported before it is patched)


class FakeResult:
    """Stands in for a Result."""

    def __init__(self, document):
        self.document = document

    def to_dict(self):
        return self.document

    def to_json(self, path=None):
        text = json.dumps(self.document)
        if path is not None:
            with open(path, "w") as stream:
                stream.write(text)
        return text

    def save_report(self, path):
        with open(path, "w") as stream:
            stream.write("<html>")


@pytest.fixture
def calls(monkeypatch, twin):
    """The arguments of each call of `quantify`, which answers at once."""
    seen = []

    def quantify(**arguments):
        seen.append(arguments)
        return FakeResult(twin)

    monkeypatch.setattr("interplay.cli.quantify.quantify", quantify)
    return seen


def flags(data, *more):
    files = [f"--labeled=image={data.folder / 'image.csv'}", f"--labeled=text={data.folder / 'text.parquet'}"]
    return ["quantify", *files, f"--pairs={data.folder / 'pairs.parquet'}", "--label=y", *more]


def same(a, b):
    """Equal arguments, arrays included."""
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b


def failed(capsys, *words):
    """The one error line, which names all the words."""
    text = capsys.readouterr().err
    assert text.startswith("interplay: error: ")
    assert text.count("\n") == 1
    assert all(word in text for word in words), text


def test_columns_by_default_and_in_one_order(data, calls, capsys):
    assert main(flags(data)) == 0
    told = calls[0]
    np.testing.assert_allclose(told["labeled"]["image"][0], data.image[["image_a", "image_b", "image_c"]])
    np.testing.assert_allclose(told["pairs"]["image"], data.pairs[["image_a", "image_b", "image_c"]])
    np.testing.assert_allclose(told["labeled"]["text"][0], np.stack(data.text["text"]))
    assert list(told["labeled"]["text"][1]) == list(data.text["y"])
    assert (told["groups"], told["sample_weight"], told["prior"]) == (None, None, None)
    assert (told["confidence"], told["seed"], told["codes"]) == (0.95, 0, "auto")
    assert "Fuse" in capsys.readouterr().out


def test_groups_weights_and_prior(data, calls):
    more = ["--group=who", "--weight=w", "--prior=no=0.3,yes=0.7", "--codes=5", "--confidence=0.9", "--seed=4"]
    assert main(flags(data, *more)) == 0
    told = calls[0]
    assert set(told["groups"]) == set(told["sample_weight"]) == {"image", "text", "pairs"}
    assert list(told["groups"]["pairs"]) == list(data.pairs["who"])
    assert told["prior"] == {"no": 0.3, "yes": 0.7}
    assert (told["confidence"], told["seed"], told["codes"]) == (0.9, 4, 5)


CONFIG = """
label = "y"
pairs = "pairs.parquet"
group = "who"
codes = 5
confidence = 0.9
seed = 4
quiet = true
[labeled]
image = "image.csv"
text = "text.parquet"
[features]
image = "image_*"
[prior]
no = 0.3
yes = 0.7
"""


def test_a_toml_file_says_the_same_as_flags(data, calls):
    path = data.folder / "run.toml"
    path.write_text(CONFIG)
    assert main(["quantify", "--config", str(path)]) == 0
    more = ["--group=who", "--prior=no=0.3,yes=0.7", "--codes=5", "--confidence=0.9", "--seed=4", "--quiet"]
    assert main(flags(data, *more, "--features=image=image_*")) == 0
    assert same(calls[0], calls[1])


def test_flags_override_the_file(data, calls):
    path = data.folder / "run.toml"
    path.write_text(CONFIG)
    assert main(["quantify", "--config", str(path), "--seed=9", "--features=image=image_a,image_b"]) == 0
    assert calls[0]["seed"] == 9
    assert calls[0]["pairs"]["image"].shape == (50, 2)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("labels = 'y'", "labels"),
        ("seed = 'four'", "seed"),
        ("labeled = 'a.csv'", "labeled"),
        ("confidence = true", "confidence"),
        ("prior = {a = 'b'}", "prior"),
        ("label = ", "run.toml"),
        ("label = 'y'", "--labeled"),
    ],
)
def test_config_errors_are_one_line(text, word, tmp_path, calls, capsys):
    path = tmp_path / "run.toml"
    path.write_text(text)
    assert main(["quantify", "--config", str(path)]) == 1
    failed(capsys, word)
    assert calls == []


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--features=audio=a*"], ["audio", "image"]),
        (["--features=image=nothing_*"], ["image.csv", "nothing_*"]),
        (["--group=patient"], ["patient", "image.csv"]),
        (["--label=target"], ["target", "image.csv"]),
        (["--labeled=image"], ["MODALITY=VALUE"]),
        (["--labeled=image=again.csv"], ["once"]),
        (["--prior=no"], ["CLASS=SHARE"]),
        (["--config=none.toml"], ["none.toml"]),
        (["--out=/no/such/folder/r.html"], ["/no/such/folder"]),
        (["--result=/no/such/folder/r.json"], ["/no/such/folder"]),
    ],
)
def test_wrong_words_are_one_line_before_any_work(more, words, data, calls, capsys):
    assert main(flags(data, *more)) == 1
    failed(capsys, *words)
    assert calls == []


def test_a_parquet_file_without_the_label_column(data, calls, capsys):
    data.text.drop(columns="y").to_parquet(data.folder / "text.parquet")
    assert main(flags(data)) == 1
    failed(capsys, "text.parquet", "'y'")


@pytest.mark.parametrize("suffix", ["csv", "parquet", "npz", "pkl"])
def test_pickles_and_damaged_files_are_refused(suffix, data, calls, capsys):
    bad = data.folder / f"bad.{suffix}"

    class Trap:
        def __reduce__(self):
            return (exec, ("raise SystemExit('unpickled')",))

    bad.write_bytes(pickle.dumps(Trap()) if suffix in ("pkl", "npz") else b"\x00PAR1\xff\xfe")
    assert main(flags(data, f"--labeled=audio={bad}")) == 1
    failed(capsys, "bad.")
    assert calls == []


def test_object_arrays_are_refused(data, calls, capsys):
    np.savez(data.folder / "bad.npz", audio=np.array([{"a": 1}] * 3, dtype=object), y=np.arange(3))
    assert main(flags(data, f"--labeled=audio={data.folder / 'bad.npz'}")) == 1
    failed(capsys, "bad.npz")


def test_npz_with_x_keys(data, calls):
    rng = np.random.default_rng(1)
    np.savez(data.folder / "image.npz", X_image=rng.normal(size=(20, 3)), y=np.arange(20) % 2)
    np.savez(data.folder / "text.npz", text=rng.normal(size=(20, 2)), y=np.arange(20) % 2)
    np.savez(data.folder / "pairs.npz", X_image=rng.normal(size=(9, 3)), X_text=rng.normal(size=(9, 2)))
    files = [f"--labeled={m}={data.folder / m}.npz" for m in ("image", "text")]
    assert main(["quantify", *files, f"--pairs={data.folder / 'pairs.npz'}", "--label=y"]) == 0
    assert {m: x.shape for m, x in calls[0]["pairs"].items()} == {"image": (9, 3), "text": (9, 2)}


def test_json_is_the_only_thing_on_stdout(data, calls, twin, capsys):
    out, result = data.folder / "r.html", data.folder / "r.json"
    assert main(flags(data, "--json", f"--out={out}", f"--result={result}")) == 0
    assert json.loads(capsys.readouterr().out) == twin
    assert out.exists()
    assert json.loads(result.read_text()) == twin


def test_interrupt_leaves_no_file(data, monkeypatch, capsys):
    def stopped(**_):
        raise KeyboardInterrupt

    monkeypatch.setattr("interplay.cli.quantify.quantify", stopped)
    before = sorted(data.folder.iterdir())
    assert main(flags(data, f"--out={data.folder / 'r.html'}", f"--result={data.folder / 'r.json'}")) == 130
    assert sorted(data.folder.iterdir()) == before
    assert "Traceback" not in capsys.readouterr().err


def test_all_numeric_columns_of_a_labelled_file_are_its_last_resort():
    columns = {"f1": np.ones(2), "f2": np.ones(2), "y": np.ones(2), "name": np.array(["a", "b"])}
    assert feature_names(columns, "image", None, other=["y"]) == ["f1", "f2"]
    assert feature_names(columns, "image", None, other=None) == []


def test_order_is_settled_by_names_with_or_without_the_prefix():
    assert same_order(["f1", "f2"], ["image_f2", "image_f1"], "image") == (["image_f1", "image_f2"], True)
    assert same_order(["a", "b"], ["image_1", "image_2"], "image") == (["image_1", "image_2"], False)
    assert same_order(["image"], ["X_image"], "image") == (["X_image"], True)
