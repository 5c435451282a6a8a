"""Entry point of the `interplay` command: find the command, run it, turn errors into one line."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

from interplay.errors import InterplayError

COMMANDS = {
    "demo": "hide the labels of pairs in real data, ask what fusing is worth, then reveal the truth",
    "quantify": "what fusing modalities is worth, from labelled rows of each and unlabelled pairs",
    "bounds": "every bound that three tables of counts or probabilities allow",
    "report": "a result (JSON) as a report in one HTML file",
}
EXAMPLES = """examples:
  interplay demo
  interplay quantify --labeled image=images.parquet --labeled text=texts.csv --pairs pairs.parquet \\
      --label y --out report.html
  interplay bounds tables.json
  interplay report result.json --out report.html

exit codes: 0 done, 1 the input or a file cannot be used (one line says why), 2 wrong usage, 130 interrupted
"""
INTERRUPTED = 130


def run() -> None:
    """What the installed `interplay` script calls."""
    sys.exit(main())


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        parser, commands = _parsers(arguments)
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


def _parsers(arguments: Sequence[str]) -> tuple[argparse.ArgumentParser, dict[str, Any]]:
    """The parser; only the command that is called is imported, so that --help is quick."""
    parser = argparse.ArgumentParser(
        prog="interplay",
        description="What fusing modalities is worth, with guarantees, before anyone labels a pair.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    called = next((a for a in arguments if not a.startswith("-")), None)
    modules = {}
    for name, summary in COMMANDS.items():
        module = importlib.import_module(f"interplay.cli.{name}") if name == called else None
        child = subparsers.add_parser(
            name,
            help=summary,
            description=summary[0].upper() + summary[1:] + ".",
            epilog=module.EXAMPLES if module else None,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if module:
            _add_common(child)
            module.add_arguments(child)
            modules[name] = module
    return parser, modules


def _add_common(parser: argparse.ArgumentParser) -> None:
    """What every command takes."""
    common = parser.add_argument_group("common")
    common.add_argument("--json", action="store_true", default=None, help="print JSON instead of a table")
    common.add_argument("--seed", type=int, metavar="N", help="seed of everything that is random (0)")
    common.add_argument("--quiet", action="store_true", default=None, help="no progress and no notes")


class _Version(argparse.Action):
    """Looks the version up only when asked."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        metadata = importlib.import_module("importlib.metadata")
        sys.stdout.write(f"interplay {metadata.version('interplay')}\n")
        parser.exit()
