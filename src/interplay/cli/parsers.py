"""The commands and their parsers; only the commands that are asked for are imported, so that --help is quick."""

import argparse
import importlib
import sys
from collections.abc import Collection
from textwrap import fill
from typing import Any

COMMANDS = {
    "demo": "hide the labels of pairs in real data, ask what fusing is worth, then reveal the truth",
    "check": "what is wrong with the data, before anything is computed",
    "quantify": "what fusing modalities is worth, from labelled rows of each and unlabelled pairs",
    "certify": "how right any model's answers to unlabelled pairs must and can be, and which model is better",
    "collect": "which modality to collect next: guaranteed and possible gain of each candidate",
    "label": "which pairs to label first, how many, and when to stop",
    "select": "which families of fusion models fit how the modalities interact",
    "count": "codes in files of any size as three tables of counts, to share where rows cannot be shared",
    "bounds": "every bound that three tables of counts or probabilities allow",
    "report": "a result (JSON) as a report in one HTML file, compared with another, or held to requirements",
    "reproduce": "the paper's results, what interplay gets for them, and where and why they differ",
    "completion": "a script that lets a shell complete commands and flags",
}
EXAMPLES = """examples:
  interplay demo
  interplay check data --label y     # data/: pairs.parquet, one file a modality
  interplay quantify --labeled image=images.parquet --labeled text=texts.csv \\
      --pairs pairs.parquet --label y --out report.html
  interplay certify data --label y --predictions answers.csv --column my_model
  interplay bounds tables.json
  interplay report result.json --out report.html

exit codes: 0 done, 1 the input or a file cannot be used (one line says why),
2 wrong usage, 130 interrupted
"""


def make_parser(called: Collection[str]) -> tuple[argparse.ArgumentParser, dict[str, Any]]:
    """The parser, and the modules of the commands in `called`; the other commands have a name and a summary only."""
    parser = argparse.ArgumentParser(
        prog="interplay",
        description="What fusing modalities is worth, with guarantees, before anyone labels a pair.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    modules = {}
    for name, summary in COMMANDS.items():
        module = importlib.import_module(f"interplay.cli.{name}") if name in called else None
        child = subparsers.add_parser(
            name,
            help=summary,
            description=fill(f"{summary[0].upper()}{summary[1:]}.", 80),
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
    form = common.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", default=None, help="print JSON instead of a table")
    form.add_argument("--csv", action="store_true", default=None, help="print CSV instead of a table")
    common.add_argument("--seed", type=int, metavar="N", help="seed of everything that is random (0)")
    common.add_argument("--quiet", action="store_true", default=None, help="no progress and no notes")


class _Version(argparse.Action):
    """Looks the version up only when asked."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        metadata = importlib.import_module("importlib.metadata")
        sys.stdout.write(f"interplay {metadata.version('interplay')}\n")
        parser.exit()
