"""The commands as a person meets them: on a pseudo-terminal, in pipes, interrupted, and by the examples given."""

import csv
import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from interplay.cli.parsers import COMMANDS, make_parser

pexpect = pytest.importorskip("pexpect", reason="pexpect is not installed")
ROOT = Path(__file__).parent.parent.parent
RUN = [sys.executable, "-c", "from interplay.cli.main import run; run()"]
HOSTILE = ('a"b', "<i>x</i>", "🙂", "שלום")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with data/ and the files that the examples of --help name, and a real result."""
    root = tmp_path_factory.mktemp("person")
    rng = np.random.default_rng(0)
    y = np.arange(120) % 2

    def views(width):
        return y[:, None] + rng.normal(size=(120, width))

    image = pd.DataFrame(views(3), columns=["img_a", "img_b", "img_c"]).assign(y=y)
    text = pd.DataFrame(views(2), columns=["text_a", "text_b"]).assign(y=y)
    pairs = pd.DataFrame(np.hstack([views(3), views(2)]), columns=[*image.columns[:3], *text.columns[:2]])
    (root / "data").mkdir()
    for where, prefix in ((root, "img_"), (root / "data", "image_")):
        rename = {c: c.replace("img_", prefix) for c in pairs}
        image.rename(columns=rename).to_parquet(where / ("images.parquet" if where == root else "image.parquet"))
        text.to_csv(where / ("texts.csv" if where == root else "text.csv"), index=False)
        pairs.rename(columns=rename).to_parquet(where / "pairs.parquet")
    (root / "run.toml").write_text('label = "y"\npairs = "pairs.parquet"\n[labeled]\nimage = "images.parquet"\n'
                                   'text = "texts.csv"\n[features]\nimage = "img_*"\n')  # fmt: skip
    tables = {"pairs": [[30, 10], [10, 30]], "first": [[35, 5], [5, 35]], "second": [[30, 10], [10, 30]]}
    (root / "tables.json").write_text(json.dumps(tables))
    done = shell("interplay quantify data --label y --result result.json --out report.html", root)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "report: report.html\nresult: result.json\n"  # no progress where no eye looks
    for name in ("before.json", "after.json"):
        (root / name).write_text((root / "result.json").read_text())
    return root


def shell(line, where, **more):
    """A line as bash runs it, with our `interplay`."""
    function = f'interplay() {{ {shlex.join(RUN)} "$@"; }}\n'
    return subprocess.run(["bash", "-c", function + line], cwd=where, capture_output=True, text=True, **more)


def terminal(*arguments, where, columns=80, **environment):
    told = {**os.environ, "TERM": "xterm", **environment}
    told.pop("NO_COLOR", None) if "NO_COLOR" not in environment else None
    told.pop("COLUMNS", None)
    command = [*RUN, *map(str, arguments)]
    return pexpect.spawn(command[0], command[1:], cwd=str(where), env=told, dimensions=(24, columns), timeout=60,
                         encoding="utf-8", preexec_fn=_interruptible)  # fmt: skip


def _interruptible():
    """A shell's background jobs, which tests may be, ignore the key of interrupt, and so would their children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def read(child):
    child.expect(pexpect.EOF)
    child.close()
    return child.before


def shown(text):
    """Lines as they stand on the screen: escape codes and overwritten progress gone."""
    lines = (line.rpartition("\x1b[K")[2] for line in text.replace("\r\n", "\n").split("\n"))
    return [re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", line).strip("\r") for line in lines]


@pytest.mark.parametrize("columns", [40, 100])
def test_on_a_terminal_it_is_bold_and_fits(folder, columns):
    text = read(terminal("report", "result.json", "--out", "t.html", where=folder, columns=columns))
    assert "\x1b[1m" in text
    assert max(map(len, shown(text))) <= columns


def test_no_color(folder):
    assert "\x1b[1m" not in read(terminal("report", "result.json", "--out", "t.html", where=folder, NO_COLOR="1"))
    assert "\x1b[1m" not in read(terminal("report", "result.json", "--out", "t.html", where=folder, TERM="dumb"))


def test_progress_is_drawn_and_wiped(folder):
    text = read(terminal("quantify", "data", "--label", "y", where=folder, columns=40))
    assert "█" in text
    assert not any("█" in line or "░" in line for line in shown(text))


def test_interrupted_by_the_keyboard(folder):
    child = terminal("demo", "--out", "stopped", where=folder)
    child.expect("█|░")
    for _ in range(3):  # compiled code can swallow one
        child.sendintr()
        if child.expect(["half-written", pexpect.EOF, pexpect.TIMEOUT], timeout=3) < 2:
            break
    text = child.before + (child.after if isinstance(child.after, str) else "") + read(child)
    assert child.exitstatus == 130
    assert "Traceback" not in text
    assert "interrupted; no file was left half-written" in text
    assert not list((folder / "stopped").iterdir())


@pytest.mark.parametrize(
    "line", ["report result.json --csv --out t.html", "bounds tables.json", "--help", "report --help"]
)
def test_a_reader_that_leaves_is_no_error(folder, line):
    done = shell(f"set -o pipefail; interplay {line} | head -c 1", folder)
    assert done.returncode in (0, 141)
    assert "Traceback" not in done.stderr
    assert "rror" not in done.stderr


def test_a_folder_that_cannot_be_written(folder):
    done = shell("interplay report result.json --out /proc/report.html", folder)
    assert done.returncode == 1
    assert done.stderr.startswith("interplay: error: /proc/report.html")
    assert done.stderr.count("\n") == 1


def test_hostile_names_all_the_way(folder):
    text = (folder / "result.json").read_text(encoding="utf-8")
    twin = json.loads(text.replace('"image"', json.dumps(HOSTILE[1])).replace('"text"', json.dumps(HOSTILE[3])))
    twin["classes"] = [HOSTILE[0], HOSTILE[2]]
    (folder / "odd.json").write_text(json.dumps(twin), encoding="utf-8")
    done = shell("interplay report odd.json --csv --out odd.html", folder)
    assert done.returncode == 0, done.stderr
    names = {row["what"] for row in csv.DictReader(io.StringIO(done.stdout))}
    assert f"unique.{HOSTILE[3]}" in names
    assert "<i>x</i>" not in (folder / "odd.html").read_text(encoding="utf-8")
    held = shell(f"interplay report odd.json --require 'unique[\"{HOSTILE[1]}\"].ci.low < 1'", folder)
    assert held.returncode == 0


def test_help_is_quick(folder):
    """Under half a second of computing."""
    script = "import time, interplay.cli.main as m; m.main(['--help']); print(time.process_time())"
    seconds = min(
        float(subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout.split()[-1])
        for _ in range(3)
    )
    assert seconds < 0.5
    assert time.process_time() >= 0


EXAMPLES = {  # commands whose examples need nothing but the files above
    name: [
        line.partition("   #")[0].strip()
        for line in make_parser([name])[1][name].EXAMPLES.replace("\\\n", " ").split("\n")
        if line.strip().startswith(("interplay", "cat", "echo"))
    ]
    for name in ("check", "bounds", "report", "quantify")
}
LINES = [line for lines in EXAMPLES.values() for line in lines if "demo" not in line]


@pytest.mark.slow
@pytest.mark.parametrize("line", LINES)
def test_examples_of_the_help_run_as_written(folder, line):
    done = shell(line, folder)
    told = done.stderr + done.stdout
    assert done.returncode == 0 or (done.returncode == 1 and "FAILS" in done.stdout), told
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_the_commands_of_the_readme_run_as_written(folder):
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = re.findall(r"^(interplay .*?)\s*(?:#.*)?$", "\n".join(re.findall(r"```sh\n(.*?)```", page, re.S)), re.M)
    assert len(lines) >= 3
    for line in lines:
        done = shell(line, folder)
        assert done.returncode == 0 or "FAILS" in done.stdout, f"{line}: {done.stderr}"


def test_every_command_has_examples():
    for name, module in make_parser(COMMANDS)[1].items():
        assert f"interplay {name}" in module.EXAMPLES
