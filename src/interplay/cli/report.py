"""`interplay report`: a result in JSON becomes a report in one HTML file."""

import argparse
import json
from pathlib import Path
from typing import Any

from interplay.cli.output import check_writable, note, say
from interplay.cli.table import result_table
from interplay.errors import FileError
from interplay.files import write_text
from interplay.report.html import render

EXAMPLES = """examples:
  interplay demo && interplay report interplay-demo/result.json --out report.html
  interplay report result.json                  # writes result.html beside it
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("result", metavar="RESULT.JSON", help="what `interplay quantify --result` wrote")
    parser.add_argument("--out", metavar="FILE", help="the HTML file (default: beside the JSON)")


def execute(options: argparse.Namespace) -> int:
    """Read, render, write."""
    target = Path(options.out) if options.out else Path(options.result).with_suffix(".html")
    document = read_result(options.result)
    page = render(document)
    check_writable(target)
    write_text(target, page)
    if options.json:
        say(json.dumps({"report": str(target), "verdict": document.get("verdict")}, ensure_ascii=False))
    else:
        say(result_table(document))
        note(f"report: {target}", quiet=options.quiet)
    return 0


def read_result(path: str | Path) -> dict[str, Any]:
    """The JSON twin in a file. Raises FileError if it is not JSON; `render` checks the rest."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise FileError(
            f"{path} could not be read ({error})",
            expected="a result that interplay wrote as JSON",
            next_step="check the path, or write the file again with `interplay quantify --result`",
        ) from error
