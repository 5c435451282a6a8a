"""Examples run while the site is built: what a block prints stands below it, so no output can be out of date.

A page that starts with <!-- run --> is executed from top to bottom in one namespace. Its ```python blocks are run
as Python and its ```sh blocks by bash, in the folder where the page will lie. `hidden` after the language keeps a
block off the page (it may draw a picture); `shown` is shown and not run.
"""

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

MARK = "<!-- run -->"
BLOCK = re.compile(r"^```(python|sh)( hidden| shown)?\n(.*?)^```$", re.S | re.M)


def run_examples(text: str, page: str, folder: Path) -> str:
    """The page with outputs after its blocks. An example that fails or warns raises."""
    if not text.startswith(MARK):
        return BLOCK.sub(lambda m: f"```{m[1]}\n{m[3]}```", text)
    names: dict[str, Any] = {"__name__": "__main__"}
    scratch = folder / f".{Path(page).stem}"
    scratch.mkdir(exist_ok=True)

    def run(match: re.Match[str]) -> str:
        language, how, code = match[1], (match[2] or "").strip(), match[3]
        if how == "shown":
            return f"```{language}\n{code}```"
        line = text[: match.start()].count("\n") + 1
        printed = (
            _python(code, names, f"{page}:{line}", scratch) if language == "python" else _shell(code, page, scratch)
        )
        if how == "hidden":
            return ""
        return f"```{language}\n{code}```" + (f"\n\n```text\n{printed.rstrip()}\n```" if printed.strip() else "")

    told = BLOCK.sub(run, text.removeprefix(MARK))
    for picture in [*scratch.glob("*.svg"), *scratch.glob("*.png")]:
        picture.replace(folder / picture.name)
    shutil.rmtree(scratch)
    return told


def _python(code: str, names: dict[str, Any], where: str, folder: Path) -> str:
    """Run in the namespace of the page; a last expression is shown as a notebook would show it."""
    stream, before = io.StringIO(), Path.cwd()
    os.chdir(folder)
    try:
        with contextlib.redirect_stdout(stream):
            exec(compile(code, where, "exec"), names)
    finally:
        os.chdir(before)
    return stream.getvalue()


def _shell(code: str, page: str, folder: Path) -> str:
    """Run by bash, with the `interplay` of this Python; $? of the last command is not judged (it may be the lesson)."""
    command = f'interplay() {{ "{sys.executable}" -c "from interplay.cli.main import run; run()" "$@"; }}\n{code}'
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, capture_output=True, text=True, env={**os.environ, "COLUMNS": "88"}
    )
    if "Traceback" in done.stderr or "command not found" in done.stderr or done.returncode > 1:
        raise RuntimeError(f"{page}: {code}\n{done.stderr}")
    return done.stdout + done.stderr
