"""A tutorial as a Jupyter notebook: its text, its blocks as cells, and what they printed when the site was built."""

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any

from site_builder.examples import Part

LINK = re.compile(r"\]\((?!https?:)([^)#]+)\.md(#[^)]*)?\)")


def to_notebook(parts: Iterable[Part]) -> str:
    """The text of an .ipynb file (format 4.5), the same bytes for the same parts."""
    cells = [_cell(at, part) for at, part in enumerate(parts) if part.source.strip()]
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    book = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(book, ensure_ascii=False, indent=1) + "\n"


def _cell(at: int, part: Part) -> dict[str, Any]:
    name = hashlib.sha256(f"{at}{part.source}".encode()).hexdigest()[:8]
    if not part.language:
        text = LINK.sub(lambda m: f"]({m[1]}.html{m[2] or ''})", part.source.strip())
        return {"cell_type": "markdown", "id": name, "metadata": {}, "source": _lines(text)}
    source = part.source.rstrip()
    if part.language == "sh":
        source = f"%%bash\n{source}"
    outputs = []
    if part.printed.strip():
        outputs = [{"output_type": "stream", "name": "stdout", "text": _lines(part.printed)}]
    hidden = {"jupyter": {"source_hidden": True}} if part.how == "hidden" else {}
    rest = {"metadata": hidden, "execution_count": None, "outputs": outputs, "source": _lines(source)}
    return {"cell_type": "code", "id": name, **rest}


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)
