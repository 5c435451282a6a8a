"""A result as a table on a terminal: the interval first, then the point; any width, any script."""

import os
import shutil
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from interplay.report.document import Answers, Document, Range, read_document
from interplay.report.verdicts import gather, judge_promise
from interplay.report.words import bits_range, percent, percent_range, points_range

Line = tuple[str, str, str]  # what, interval, point
GAP = 2  # spaces between columns
LEAST_LAST = 24  # a last column narrower than this goes below the others


def result_table(data: Mapping[str, Any]) -> str:
    """The answers of a result: verdict, accuracies, information, warnings, what to do."""
    document = read_document(data)
    level = percent(document.whole.guarantee.confidence, 0)
    head: Line = ("", f"{level} interval", "point")
    body = [head, *_accuracies(document), *_information(document)]
    parts = [wrap(bold(clean(document.verdict))), grid(body, titles={0, *_titles(body)})]
    judged = judge_promise(document)
    if judged:
        parts.append(wrap(f"{bold(judged.title)} {judged.sentence}"))
    parts += [wrap(f"warning: {clean(w)}") for w in gather(document.warnings)]
    if document.next_steps:
        parts.append("\n".join(["next:", *(wrap(f"- {clean(s)}", indent="  ") for s in document.next_steps)]))
    return "\n\n".join(parts)


def _accuracies(document: Document) -> list[Line]:
    whole = document.whole
    lines: list[Line] = [("ACCURACY", "", "")]
    lines += [_accuracy(f"{clean(m)} alone", e) for m, e in whole.unimodal.items()]
    promise = whole.guarantee
    lines.append(("fused, guaranteed", f"≥ {percent(promise.ci[0])}", percent_range(promise.low, promise.high)))
    lines.append(_accuracy("fused, best possible", whole.accuracy))
    lines.append(("gain over best single", points_range(*whole.gain.ci), points_range(whole.gain.low, whole.gain.high)))
    lines += [(f"if {clean(r)}", "", percent(a)) for r, a, _ in whole.ladder[1:-1]]
    names = {"fused": "revealed: fused", "best_single": "revealed: best single", "oracle": "revealed: oracle"}
    return lines + [(text, "", percent(document.truth[k])) for k, text in names.items() if k in document.truth]


def _accuracy(what: str, e: Range) -> Line:
    return what, percent_range(*e.ci), percent_range(e.low, e.high)


def _information(document: Document) -> list[Line]:
    answers: Answers = document.whole
    named = [("redundancy", answers.redundancy)]
    named += [(f"unique to {clean(m)}", e) for m, e in answers.unique.items()]
    named += [("synergy", answers.synergy), ("all together", answers.total)]
    head: Line = (f"INFORMATION (label: {document.entropy:.3f} bits)", "", "")
    return [head, *((what, bits_range(*e.ci), bits_range(e.low, e.high)) for what, e in named)]


def _titles(lines: Sequence[Line]) -> set[int]:
    return {i for i, (_, interval, point) in enumerate(lines) if not interval and not point}


def grid(lines: Sequence[Sequence[str]], titles: set[int]) -> str:
    """Columns side by side, the last one wrapped; or below each other where the terminal is too narrow.

    titles: bold rows; those without cells get an empty line before them.
    """
    full = [line for line in lines if any(line[1:])]
    widths = [max((width(line[i]) for line in full), default=0) for i in range(len(lines[0]))]
    left = sum(widths[:-1]) + GAP * (len(widths) - 1)
    room = columns() - left
    narrow = room < min(widths[-1], LEAST_LAST)
    shown: list[str] = []
    for k, line in enumerate(lines):
        if not any(line[1:]):
            text = ("\n" if shown else "") + bold(clean(line[0]))
        elif narrow:
            cells = " · ".join(cell for cell in line[1:] if cell)
            text = wrap(line[0]) + "\n" * bool(line[0]) + wrap(f"    {cells}")
        else:
            text = _side_by_side(line, widths, room, left)
        shown.append(bold(text) if k in titles and any(line[1:]) else text)
    return "\n".join(shown)


def _side_by_side(line: Sequence[str], widths: Sequence[int], room: int, left: int) -> str:
    cells = [pad(cell, w) + " " * GAP for cell, w in zip(line[:-1], widths[:-1], strict=True)]
    first, *more = wrap(line[-1], at=room).split("\n")
    return "\n".join([("".join(cells) + first).rstrip(), *(" " * left + text for text in more)])


def clean(text: str) -> str:
    """No control characters: a name from a file must not steer the terminal."""
    return "".join(c if unicodedata.category(c)[0] != "C" or c in "‍‌" else "�" for c in text)


def width(text: str) -> int:
    """Terminal cells that a text fills."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def pad(text: str, to: int) -> str:
    """Text filled with spaces to a number of terminal cells."""
    return text + " " * (to - width(text))


def columns() -> int:
    """Width of the terminal, 80 in a pipe."""
    return shutil.get_terminal_size((100, 24)).columns


def wrap(text: str, indent: str = "", at: int | None = None) -> str:
    """Text broken between words to `at` cells (default: the terminal's width, at most 100)."""
    limit = min(100, columns()) if at is None else at
    margin = text[: len(text) - len(text.lstrip())]
    lines, line = [], ""
    for word in text.split():
        joined = f"{line} {word}" if line else margin + word
        if line and width(joined) > limit:
            lines.append(line)
            line = (indent or margin) + word
        else:
            line = joined
    return "\n".join([*lines, line])


def bold(text: str) -> str:
    """Bold on a terminal, plain in a pipe or where NO_COLOR is set."""
    return f"\x1b[1m{text}\x1b[0m" if text and colours() else text


def colours() -> bool:
    """Whether escape codes are welcome on stdout."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
