"""A progress bar on stderr, only for eyes: none in pipes, none when quiet."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

Progress = Callable[[str, int, int], None]
WIDTH = 24


@contextmanager
def progress_bar(*, quiet: bool | None = False, stream: TextIO | None = None) -> Iterator[Progress | None]:
    """A callback (what, done, of) that redraws one line and wipes it at the end; None where no eye looks."""
    stream = sys.stderr if stream is None else stream
    if quiet or not stream.isatty():
        yield None
        return

    def show(what: str, done: int, of: int) -> None:
        columns = shutil.get_terminal_size().columns
        stream.write("\r\x1b[K" + line(what, done, of, columns))
        stream.flush()

    try:
        yield show
    finally:
        stream.write("\r\x1b[K")
        stream.flush()


def line(what: str, done: int, of: int, columns: int) -> str:
    """One line that fits the terminal."""
    share = min(1.0, max(0.0, done / of)) if of > 0 else 0.0
    filled = round(WIDTH * share)
    bar = "█" * filled + "░" * (WIDTH - filled)
    return f"{bar} {share:4.0%} {what}"[: max(0, columns - 1)]
