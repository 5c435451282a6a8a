"""From the JSON twin of a result to one HTML page: no scripts, no network, the same bytes each time."""

from collections.abc import Mapping
from typing import Any

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
from interplay.report.shell import page
from interplay.report.words import esc, join, name


def render(document: Mapping[str, Any]) -> str:
    """The report as HTML text, from `Result.to_dict()`.

    Raises InputError if the document is of another schema or damaged.
    """
    result = read_document(document)
    return page(f"What is fusing {join(result.modalities)} worth?", _body(result))


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
        f'<section class="full"><h2>All numbers</h2>{all_numbers(result)}</section>'
        f"{method_card(result)}{citation(result)}</div></main>"
    )
