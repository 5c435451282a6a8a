"""What a command writes: answers to stdout, notes to stderr, files whole or not at all."""

import os
import sys
from pathlib import Path

from interplay.errors import FileError


def say(text: str) -> None:
    """A line of the answer."""
    sys.stdout.write(f"{text}\n")


def note(text: str, *, quiet: bool | None = False) -> None:
    """A line about the work; not part of the answer."""
    if not quiet:
        sys.stderr.write(f"{text}\n")


def check_writable(path: str | Path) -> None:
    """Fail before the work and not after it. Raises FileError."""
    target = Path(path)
    folder = target.parent
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
