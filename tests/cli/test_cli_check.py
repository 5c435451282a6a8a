"""The check command, the folder as data, CSV, pipes, completion: what a shell sees."""

import csv
import io
import json
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest

from interplay.cli.completion import bash, fish, flags_of, zsh
from interplay.cli.main import main
from interplay.cli.parsers import COMMANDS
from interplay.cli.rows import COLUMNS, csv_rows


@pytest.fixture
def folder(data):
    """The data as a folder of files named after their modalities."""
    (data.folder / "data").mkdir()
    for name in ("image.csv", "text.parquet", "pairs.parquet"):
        shutil.move(data.folder / name, data.folder / "data" / name)
    return data.folder / "data"


def table(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_a_folder_of_usable_data(folder, capsys):
    assert main(["check", str(folder), "--label=y"]) == 0
    text = capsys.readouterr().out
    assert "labeled image: 40 rows of 3 features" in text
    assert "quantify can run: 0 errors" in text


def test_all_errors_are_told_and_the_exit_code_is_1(folder, capsys):
    pairs = pd.read_parquet(folder / "pairs.parquet")
    pairs.loc[3, "image_b"] = np.nan
    pairs.to_parquet(folder / "pairs.parquet")
    image = pd.read_csv(folder / "image.csv")
    image.assign(y="no").to_csv(folder / "image.csv", index=False)
    assert main(["check", str(folder), "--label=y", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["usable"] is False
    errors = [f["what"] for f in told["findings"] if f["weight"] == "error"]
    assert any(e.startswith("1 missing values (nan) in 1 of 50 rows (first: row 3)") for e in errors)
    assert "a single class, no" in errors
    assert main(["check", str(folder), "--label=y", "--csv"]) == 1
    assert any(row["value"] == "a single class, no" for row in table(capsys.readouterr().out))


def test_a_toml_file_is_data_too(folder, capsys):
    config = folder.parent / "run.toml"
    config.write_text('label = "y"\npairs = "data/pairs.parquet"\n[labeled]\nimage = "data/image.csv"\n'
                      'text = "data/text.parquet"\n')  # fmt: skip
    assert main(["check", str(config)]) == 0
    assert "quantify can run" in capsys.readouterr().out


@pytest.mark.parametrize("what", ["none", "empty"])
def test_a_folder_without_data(what, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert main(["check", str(tmp_path / what), "--label=y"]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "expected a folder with pairs.*" in error


@pytest.mark.parametrize("columns", [40, 80])
def test_it_fits_the_terminal(folder, columns, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", str(columns))
    assert main(["check", str(folder), "--label=y"]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= columns


# report


def test_requirements_decide_the_exit_code(twin_file, capsys):
    assert main(["report", str(twin_file), "--require", "accuracy.low >= 0.85"]) == 0
    assert "holds: accuracy.low >= 0.85" in capsys.readouterr().out
    assert main(["report", str(twin_file), "--require=accuracy.low >= 0.85", "--require=accuracy.low >= 0.95"]) == 1
    assert "FAILS: accuracy.low >= 0.95" in capsys.readouterr().out
    assert main(["report", str(twin_file), "--require", "nothing.low >= 0.85", "--json"]) == 1
    assert [p.name for p in twin_file.parent.iterdir()] == ["result.json"]


def test_two_results_side_by_side(twin_file, twin, capsys):
    other = twin_file.with_name("other.json")
    twin["settings"]["seed"] = 7
    other.write_text(json.dumps(twin))
    assert main(["report", "--compare", str(twin_file), str(other)]) == 0
    text = capsys.readouterr().out
    assert "- seed: 0 before, 7 after" in text
    assert "fused, guaranteed" in text
    assert main(["report", "--compare", str(twin_file), str(other), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["notes"] == [
        "seed: 0 before, 7 after",
        "the same data (by their hashes)",
    ]


def test_stdin_and_stdout(twin_file, monkeypatch, capsys):
    assert main(["report", str(twin_file), "--out", "-"]) == 0
    page = capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.StringIO(twin_file.read_text(encoding="utf-8")))
    assert main(["report", "-", "--out", "-"]) == 0
    assert capsys.readouterr().out == page
    assert page.startswith("<!DOCTYPE html>")


def test_tables_from_stdin(monkeypatch, capsys):
    tables = {"pairs": [[30, 10], [10, 30]], "first": [[35, 5], [5, 35]], "second": [[30, 10], [10, 30]]}
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(tables)))
    assert main(["bounds", "-", "--csv"]) == 0
    rows = {row["what"]: row for row in table(capsys.readouterr().out)}
    assert float(rows["accuracy"]["low"]) <= float(rows["accuracy"]["high"])


def test_nan_in_a_result_is_shown_as_not_given(twin_file, twin, capsys):
    twin["accuracy"]["low"] = float("nan")
    twin["gain"]["ci"] = [float("-inf"), float("nan")]
    twin["settings"]["confidence"] = float("nan")
    twin_file.write_text(json.dumps(twin))
    for how in ("--csv", "--json", "--quiet"):
        assert main(["report", str(twin_file), how]) == 0
    page = twin_file.with_suffix(".html").read_text(encoding="utf-8")
    assert "n/a" in page
    assert "nan" not in page.split("</style>")[1].lower().split()
    assert main(["report", str(twin_file), "--require", "accuracy.low >= 0"]) == 1
    assert main(["report", "--compare", str(twin_file), str(twin_file), "--json"]) == 0


# csv


def test_csv_has_a_row_for_every_estimate(twin):
    rows = {row["what"]: row for row in table(csv_rows(twin))}
    assert list(next(iter(rows.values()))) == list(COLUMNS)
    assert float(rows["accuracy"]["ci_low"]) == twin["accuracy"]["ci"][0]
    assert float(rows["unique.text"]["high"]) == twin["unique"]["text"]["high"]
    assert rows["pairs[image + text].synergy"]["unit"] == "bits"
    assert rows["verdict"]["value"] == twin["verdict"]


def test_csv_keeps_quotes_and_lines():
    text = csv_rows({"a": 'with "quotes", commas\nand lines', "b": None})
    assert table(text)[0]["value"] == 'with "quotes", commas\nand lines'
    assert table(text)[1]["value"] == ""


# completion


def test_scripts_name_every_command_and_flag():
    for script in (bash(), zsh(), fish()):
        assert all(command in script for command in COMMANDS)
    for command, flags in flags_of().items():
        assert {"--json", "--csv", "--help"} <= {f for f, _ in flags}, command
    assert "--require" in bash()
    assert "-l require" in fish()


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize(
    ("words", "expected"),
    [("interplay repo", ["report"]), ("interplay report --req", ["--require"]), ("interplay bounds --js", ["--json"])],
)
def test_bash_completes(words, expected, tmp_path):
    script = tmp_path / "completion.sh"
    script.write_text(bash())
    parts = words.split(" ")
    ask = (
        f"source {script}; COMP_WORDS=({words}); COMP_CWORD={len(parts) - 1}; _interplay; "
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, check=True)
    assert done.stdout.split() == expected


# folders, probabilities, counts


def test_folders_of_embeddings(tmp_path, capsys):
    rng = np.random.default_rng(0)
    for name in ("image", "text"):
        for at in range(30):
            for folder in (tmp_path / name / ("no", "yes")[at % 2], tmp_path / "pairs" / name):
                folder.mkdir(parents=True, exist_ok=True)
                np.save(folder / f"{at:03}.npy", rng.normal(size=3))
    assert main(["check", str(tmp_path), "--label=class"]) == 0
    assert "pairs text: 30 rows of 3 features" in capsys.readouterr().out


def test_probabilities_go_to_quantify(data, monkeypatch, twin):
    seen = {}

    class Fake:
        def to_dict(self):
            return twin

    monkeypatch.setattr("interplay.cli.quantify.quantify", lambda **told: seen.update(told) or Fake())
    files = [f"--labeled=image={data.folder / 'image.csv'}", f"--labeled=text={data.folder / 'text.parquet'}"]
    argv = ["quantify", *files, f"--pairs={data.folder / 'pairs.parquet'}", "--label=y", "--probabilities=text"]
    assert main(argv) == 0
    assert {m: type(c).__name__ for m, c in seen["classifiers"].items()} == {"text": "Probabilities"}
    assert main([*argv, "--probabilities=sound"]) == 1


def test_counts_with_confidence(tmp_path, capsys):
    tables = {"pairs": [[300, 100], [100, 300]], "first": [[350, 50], [50, 350]], "second": [[300, 100], [100, 300]]}
    path = tmp_path / "tables.json"
    path.write_text(json.dumps(tables))
    assert main(["bounds", str(path), "--confidence=0.9", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    accuracy = told["best fused accuracy"]
    assert accuracy["ci"][0] < accuracy["low"] <= accuracy["high"]
    assert main(["bounds", str(path), "--confidence=0.9"]) == 0
    assert "unique to first" in capsys.readouterr().out
    path.write_text(json.dumps({k: (np.array(v) / 800).tolist() for k, v in tables.items()}))
    assert main(["bounds", str(path), "--confidence=0.9"]) == 1
