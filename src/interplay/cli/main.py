"""Entry point of the `interplay` command: find the command, run it, turn errors into one line."""

import os
import sys
from collections.abc import Sequence

from interplay.cli.parsers import make_parser
from interplay.errors import InterplayError

INTERRUPTED = 130


def run() -> None:
    """What the installed `interplay` script calls."""
    _keep_stdout_clean()
    sys.exit(main())


def _keep_stdout_clean() -> None:
    """HiGHS can print a line of its own from C, which would spoil JSON: only Python's stdout leads out."""
    try:
        number = sys.stdout.fileno()
        own, nowhere = os.dup(number), os.open(os.devnull, os.O_WRONLY)
    except (AttributeError, OSError, ValueError):  # stdout is closed, or no file
        return
    old = sys.stdout
    own_out = open(own, "w", encoding=old.encoding, errors=old.errors, buffering=1 if old.isatty() else -1)  # noqa: SIM115
    sys.stdout = sys.__stdout__ = own_out  # type: ignore[misc]  # the second is asked for the terminal's width
    os.dup2(nowhere, number)
    os.close(nowhere)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        called = next((a for a in arguments if not a.startswith("-")), "")
        parser, commands = make_parser([called])
        options = parser.parse_args(arguments)
        code = int(commands[options.command].execute(options))
        sys.stdout.flush()
        return code
    except SystemExit as stop:  # argparse: help or wrong usage, already explained
        return int(stop.code or 0)
    except InterplayError as error:
        return _fail(error)
    except BrokenPipeError:  # the reader (head, less) has what it wanted
        _silence_stdout()
        return 0
    except KeyboardInterrupt:
        sys.stderr.write("\ninterplay: interrupted; no file was left half-written\n")
        return INTERRUPTED
    except OSError as error:
        return _fail(error)


def _fail(error: Exception) -> int:
    sys.stderr.write(f"interplay: error: {' '.join(str(error).split())}\n")
    return 1


def _silence_stdout() -> None:
    """Python flushes stdout at exit; a closed pipe must not complain then."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
