"""Files are written whole or not at all."""

import os
import tempfile
from pathlib import Path

from interplay.errors import FileError


def write_text(path: str | Path, text: str) -> None:
    """Write text (UTF-8) to path atomically: a reader sees the old file or the new one, never half."""
    target = Path(path)
    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
            Path(temporary).chmod(0o666 & ~_umask())
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise FileError(
            f"{target} could not be written ({error.strerror or error})",
            expected="a folder that exists and is writable",
            next_step="choose another path",
        ) from error


def _umask() -> int:
    """The process's umask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
