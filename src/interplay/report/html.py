"""From the JSON twin of a result to one HTML page: no scripts, no network, the same bytes each time."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from interplay.report import svg
from interplay.report.accuracy import accuracy_figure
from interplay.report.atoms import atoms_figure
from interplay.report.curves import curves
from interplay.report.document import Document, read_document
from interplay.report.numbers import all_numbers, modalities_table, pairs_table
from interplay.report.sections import (
    assumptions,
    certainty,
    citation,
    key_figures,
    knowledge,
    method_card,
    next_steps,
    promise,
    warnings,
)
from interplay.report.words import esc, join, name

POLICY = "default-src 'none'; style-src 'unsafe-inline'"  # the browser itself forbids every load


def render(document: Mapping[str, Any]) -> str:
    """The report as HTML text, from `Result.to_dict()`.

    Raises InputError if the document is of another schema or damaged.
    """
    result = read_document(document)
    modalities = join(result.modalities)
    head = (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f"<title>What is fusing {esc(modalities)} worth?</title><style>{_style()}</style></head>"
    )
    return f"{head}<body>{svg.patterns()}{_body(result)}</body></html>\n"


def _style() -> str:
    return files("interplay.report").joinpath("style.css").read_text(encoding="utf-8")


def _body(result: Document) -> str:
    modalities = join(name(m) for m in result.modalities)
    verdict = esc(result.verdict) or "No verdict in this result."
    question = f"{esc(result.title)} · " if result.title else ""
    return (
        f'<a class="skip" href="#more">Skip the pictures</a><header><p class="eyebrow">{question}What is fusing '
        f'{modalities} worth?</p><h1 dir="auto">{verdict}</h1>{promise(result)}</header><main>'
        f"{key_figures(result)}"
        f'<div class="pictures">{accuracy_figure(result)}{atoms_figure(result)}</div>'
        f'<div id="more" tabindex="-1">{warnings(result)}{next_steps(result)}{certainty(result)}'
        f"{assumptions(result)}{modalities_table(result)}{pairs_table(result)}{curves(result)}{knowledge(result)}"
        f"<section><h2>All numbers</h2>{all_numbers(result)}</section>"
        f"{method_card(result)}{citation(result)}</div></main>"
    )
