"""What a command writes: answers to stdout, notes to stderr, files whole or not at all."""

import os
import sys
from collections.abc import Callable, Mapping
from json import dumps, loads
from pathlib import Path
from typing import Any

from interplay.cli.rows import csv_rows
from interplay.errors import FileError
from interplay.files import write_text

STREAM = "-"  # stdin or stdout where a file is named


def answer(document: Mapping[str, Any], table: Callable[[], str], *, json: bool | None, csv: bool | None) -> None:
    """The answer on stdout: as JSON or CSV if asked for, else as the table that `table` makes."""
    if json:
        say(dumps(document, ensure_ascii=False, indent=1, allow_nan=False))
    elif csv:
        say(csv_rows(document))
    else:
        say(table())


def say(text: str) -> None:
    """A line of the answer."""
    sys.stdout.write(f"{text}\n")


def note(text: str, *, quiet: bool | None = False) -> None:
    """A line about the work; not part of the answer."""
    if not quiet:
        sys.stderr.write(f"{text}\n")


def read_source(path: str) -> str:
    """Text of a file, or of stdin for "-". Raises FileError."""
    try:
        return sys.stdin.read() if path == STREAM else Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise FileError(
            f"{path} could not be read ({error})",
            expected="a text file (UTF-8), or - for stdin",
            next_step="check the path",
        ) from error


def read_json(path: str, *, expected: str, next_step: str) -> Any:
    """A JSON file, or stdin for "-". Raises FileError saying what was expected."""
    try:
        return loads(read_source(path))
    except (ValueError, RecursionError) as error:
        raise FileError(f"{path} could not be read ({error})", expected=expected, next_step=next_step) from error


def write_target(path: str | Path, text: str) -> None:
    """Write a file atomically, or stdout for "-"."""
    if str(path) == STREAM:
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
    else:
        write_text(path, text)


def check_writable(path: str | Path) -> None:
    """Fail before the work and not after it. Raises FileError."""
    target = Path(path)
    folder = target.parent
    if str(path) == STREAM:
        return
    if target.is_dir():
        problem = "is a folder"
    elif not folder.is_dir():
        problem = f"cannot be written: there is no folder {folder}"
    elif not os.access(folder, os.W_OK):
        problem = f"cannot be written: the folder {folder} is read-only"
    else:
        return
    raise FileError(
        f"{target} {problem}",
        expected="a file in a folder that exists and is writable",
        next_step="choose another path",
    )
