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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MARK = "<!-- run -->"
BLOCK = re.compile(r"^```(python|sh)( hidden| shown)?\n(.*?)^```$", re.S | re.M)


@dataclass(frozen=True, kw_only=True)
class Part:
    """A piece of a page. language: "" for text. how: "", "hidden" or "shown". printed: by the block, when it ran."""

    language: str
    how: str
    source: str
    printed: str = ""

    @property
    def markdown(self) -> str:
        """The piece as it stands on the page."""
        if not self.language:
            return self.source
        if self.how == "hidden":
            return ""
        printed = f"\n\n```text\n{self.printed.rstrip()}\n```" if self.printed.strip() else ""
        return f"```{self.language}\n{self.source}```{printed}"


def run_examples(text: str, page: str, folder: Path) -> str:
    """The page with outputs after its blocks. An example that fails or warns raises."""
    return "".join(part.markdown for part in run_page(text, page, folder))


def run_page(text: str, page: str, folder: Path) -> list[Part]:
    """The pieces of a page in order, its blocks run if it asks for that; pictures that they save move to `folder`."""
    runs = text.startswith(MARK)
    names: dict[str, Any] = {"__name__": "__main__"}
    scratch = folder / f".{Path(page).stem}"
    if runs:
        scratch.mkdir(exist_ok=True)
    parts, end = [], len(MARK) if runs else 0
    for match in BLOCK.finditer(text):
        parts.append(Part(language="", how="", source=text[end : match.start()]))
        language, how, code, end = match[1], (match[2] or "").strip(), match[3], match.end()
        line = text[: match.start()].count("\n") + 1
        printed = ""
        if runs and how != "shown":
            python = language == "python"
            printed = _python(code, names, f"{page}:{line}", scratch) if python else _shell(code, page, scratch)
        parts.append(Part(language=language, how=how, source=code, printed=printed))
    if runs:
        for picture in [*scratch.glob("*.svg"), *scratch.glob("*.png")]:
            picture.replace(folder / picture.name)
        shutil.rmtree(scratch)
    return [*parts, Part(language="", how="", source=text[end:])]


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
