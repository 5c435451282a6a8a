"""The README and its neighbours: the code runs, and links lead somewhere."""

import re
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.S | re.M)


def rows(count: int, seed: int):
    """Two noisy views of one coin."""
    rng = np.random.default_rng(seed)
    y = np.arange(count) % 2
    return y, *(y[:, None] + rng.normal(scale=0.8, size=(count, 3)) for _ in range(2))


def test_the_code_of_the_readme_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    image_labels, images, _ = rows(120, 0)
    text_labels, _, texts = rows(120, 1)
    _, paired_images, paired_texts = rows(120, 2)
    _, new_images, new_texts = rows(10, 3)
    names = {k: v for k, v in locals().items() if k.endswith(("images", "texts", "labels"))}
    code = blocks(ROOT / "README.md", "python")
    assert len(code) == 2
    exec(compile("\n".join(code), "README.md", "exec"), names)
    assert names["labels"].shape == (10,)
    assert (tmp_path / "report.html").stat().st_size > 1000
    assert "synergy" in capsys.readouterr().out


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_drawing_of_the_floors_names_every_module():
    drawing = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").split("## The floors")[1]
    package = ROOT / "src" / "interplay"
    modules = [p.stem for p in package.glob("*.py")] + [f"{p.parent.name}/" for p in package.glob("*/__init__.py")]
    assert [name for name in modules if name not in drawing] == []


def test_the_readme_names_targets_that_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("demo", "test", "lint", "bench", "docs", "clean"):
        assert re.search(rf"^{target}:", makefile, re.M)
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
