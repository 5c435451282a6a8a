"""Exit codes, error lines, help, and the commands that need no computation."""

import json
import os
import re
import subprocess
import sys

import pytest

from interplay.cli import main as entry
from interplay.cli.main import main
from interplay.cli.parsers import COMMANDS
from interplay.cli.progress import line, progress_bar
from interplay.cli.table import clean, result_table, width

SCRIPT = [sys.executable, "-c", "from interplay.cli.main import run; run()"]


def one_line(capsys):
    """The error line, which must be the only one."""
    text = capsys.readouterr().err
    assert text.startswith("interplay: error: ")
    assert text.count("\n") == 1
    return text


@pytest.mark.parametrize("argv", [[], ["nothing"], ["report"], ["bounds", "a", "b"], ["report", "--seed", "x", "r"]])
def test_wrong_usage_is_2(argv, capsys):
    assert main(argv) == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_has_a_runnable_example(command, capsys):
    assert main([command, "--help"]) == 0
    text = capsys.readouterr().out
    assert f"interplay {command}" in text.split("example", 1)[1]
    assert all(flag in text for flag in ("--json", "--csv", "--seed", "--quiet"))


def test_help_names_every_command(capsys):
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(re.search(rf"^ +{command}\s", text, re.M) for command in COMMANDS)


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("interplay ")


def test_report_is_written_whole_beside_the_result(twin_file, capsys):
    assert main(["report", str(twin_file), "--quiet"]) == 0
    page = twin_file.with_suffix(".html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert capsys.readouterr().err == ""
    assert sorted(p.name for p in twin_file.parent.iterdir()) == ["result.html", "result.json"]


def test_report_as_json(twin_file, twin, capsys):
    assert main(["report", str(twin_file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == twin["verdict"]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\x80\x04\x95\x0f", b"[1]", b'{"schema": "interplay/result/9"}', b'{"schema": "interplay/result/1"}'],
    ids=["empty", "cut", "pickle", "list", "other schema", "no content"],
)
def test_a_bad_result_file_is_one_line(content, tmp_path, capsys):
    path = tmp_path / "r.json"
    path.write_bytes(content)
    assert main(["report", str(path)]) == 1
    one_line(capsys)
    assert [p.name for p in tmp_path.iterdir()] == ["r.json"]


def test_a_missing_file_is_one_line(tmp_path, capsys):
    assert main(["report", str(tmp_path / "none.json")]) == 1
    assert "none.json" in one_line(capsys)


def test_an_output_path_that_cannot_be_written(twin_file, tmp_path, capsys):
    for out in (tmp_path / "no" / "folder" / "r.html", tmp_path, twin_file / "r.html"):
        assert main(["report", str(twin_file), "--out", str(out)]) == 1
        one_line(capsys)
    assert [p.name for p in tmp_path.iterdir()] == ["result.json"]


def test_interrupt_is_130_with_one_line(twin_file, monkeypatch, capsys):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("interplay.cli.report.render", stopped)
    assert main(["report", str(twin_file)]) == entry.INTERRUPTED == 130
    assert capsys.readouterr().err.strip().count("\n") == 0
    assert [p.name for p in twin_file.parent.iterdir()] == ["result.json"]


def test_a_closed_pipe_is_no_error(twin_file):
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [*SCRIPT, "report", str(twin_file)], stdout=write, stderr=subprocess.PIPE, text=True, timeout=60
    )
    os.close(write)
    assert done.returncode == 0
    assert "rror" not in done.stderr.replace(str(twin_file.parent), "")


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_the_table_fits_the_terminal(twin, columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    assert max(width(text) for text in result_table(twin).split("\n")) <= columns


def test_names_cannot_steer_the_terminal(twin, monkeypatch):
    twin["verdict"] = "Fuse \x1b[2J now\x07\u202e"
    assert not {"\x1b", "\x07", "\u202e"} & set(result_table(twin))
    assert clean("a\nb") != "a\nb"


def test_no_escape_codes_in_a_pipe_or_with_no_color(twin, monkeypatch):
    assert "\x1b" not in result_table(twin)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[1m" in result_table(twin)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in result_table(twin)


class Terminal:
    """A stream that is looked at."""

    def __init__(self):
        self.text = ""

    def isatty(self):
        return True

    def write(self, text):
        self.text += text

    def flush(self):
        pass


def test_progress_is_wiped_and_silent_where_no_eye_looks(capsys):
    stream = Terminal()
    with progress_bar(stream=stream) as show:
        show("fitting", 1, 2)
    assert "50%" in stream.text
    assert stream.text.endswith("\r\x1b[K")
    with progress_bar(quiet=True, stream=stream) as show:
        assert show is None
    with progress_bar() as show:
        assert show is None
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("columns", [1, 10, 40, 80])
def test_progress_fits(columns):
    for done, of in ((0, 0), (0, 3), (3, 3), (5, 3)):
        assert len(line("a long description of what is done", done, of, columns)) < max(columns, 1) or columns == 1


def test_what_a_solver_prints_from_c_does_not_reach_stdout():
    """HiGHS can print a line past Python, and JSON on stdout must stay JSON."""
    script = (
        "import os, sys; from interplay.cli import main as m\n"
        "m.main = lambda: (os.write(1, b'from C'), print('from Python'), sys.stdout.flush(), 0)[-1]\n"
        "m.run()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "from Python\n", "")
