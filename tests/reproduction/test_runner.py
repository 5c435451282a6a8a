"""The runner: resuming, workers, documents, and what a page may say."""

import json
import re
from pathlib import Path

import pytest

from interplay.errors import FileError, UnknownNameError
from interplay.reproduction.catalog import STUDIES, studies_named
from interplay.reproduction.runner import plain, run_studies, to_text
from interplay.reproduction.study import Part, Scope, Study, Verdict, chunked, figure, markdown_table


def square(at: int, log: str) -> dict:
    """Work that leaves a trace each time it is done."""
    with Path(log).open("a", encoding="utf-8") as stream:
        stream.write(f"{at} ")
    if at == 3 and Path(log).name == "fails":
        raise RuntimeError("interrupted")
    return {"square": at * at}


def study(log, count=5):
    return Study(
        name="squares",
        title="Squares",
        claim="They add up.",
        why="They do not differ.",
        parts=lambda scope: [Part(key=str(i), work=square, arguments={"at": i, "log": str(log)}) for i in range(count)],
        combine=lambda found: {"sum": sum(part["square"] for part in found), "nothing": float("nan")},
        judge=lambda results: Verdict(status="Reproduced", sentence=f"the sum is {results['sum']}."),
        body=lambda results: f"Sum: {results['sum']}\n",
        pictures=lambda results: {"squares-picture": "<svg><title>Squares</title></svg>\n"},
    )


def test_a_run_writes_json_page_picture_and_overview(tmp_path):
    out = tmp_path / "out"
    (document,) = run_studies([study(tmp_path / "log")], Scope(seed=7, quick=True), out)
    assert json.loads((out / "squares.json").read_text()) == document
    assert document["results"] == {"sum": 30, "nothing": None}
    assert document["verdict"] == {"status": "Reproduced", "sentence": "the sum is 30."}
    assert document["command"] == "interplay reproduce --only squares --quick --seed 7 --out DIR"
    assert document["run"]["seed"] == 7
    assert {"interplay", "numpy", "scipy", "scikit-learn", "python"} <= document["run"]["versions"].keys()
    page = (out / "squares.md").read_text()
    assert "**Reproduced: the sum is 30.**" in page
    assert (
        "<desc>interplay reproduce --only squares --quick --seed 7 --out DIR; seed 7, "
        in (out / "squares-picture.svg").read_text()
    )
    assert "They do not differ." in page
    assert "![squares picture](squares-picture.svg)" in page
    assert "| [Squares](squares.md) | Reproduced: the sum is 30. |" in (out / "README.md").read_text()


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path):
    failing, log = tmp_path / "fails", tmp_path / "log"
    with pytest.raises(RuntimeError):
        run_studies([study(failing)], Scope(), tmp_path)
    assert failing.read_text() == "0 1 2 3 "
    run_studies([study(log, count=3)], Scope(), tmp_path / "other")
    seen: list[tuple[int, int]] = []
    run_studies([study(log)], Scope(), tmp_path / "other", progress=lambda what, done, of: seen.append((done, of)))
    assert log.read_text() == "0 1 2 3 4 "
    assert seen == [(3, 5), (4, 5), (5, 5)]


def test_parts_of_other_arguments_or_broken_files_are_computed_again(tmp_path):
    log, other = tmp_path / "log", tmp_path / "other"
    run_studies([study(log, count=2)], Scope(), tmp_path)
    run_studies([study(other, count=2)], Scope(), tmp_path)
    assert other.read_text() == "0 1 "
    (tmp_path / "parts" / "squares-0.json").write_text("{")
    run_studies([study(other, count=2)], Scope(), tmp_path)
    assert other.read_text() == "0 1 0 "
    run_studies([study(other, count=2)], Scope(), tmp_path, fresh=True)
    assert other.read_text() == "0 1 0 0 1 "


@pytest.mark.slow
def test_workers_do_not_change_the_results(tmp_path):
    scope = Scope(quick=True)
    studies = studies_named(["generators"])
    few = [p for p in studies[0].parts(scope) if p.key in ("exact", "angles", "gaussian-30", "latent-synergy")]
    small = Study(**{**studies[0].__dict__, "parts": lambda scope: few})
    results = [run_studies([small], scope, tmp_path / str(n), workers=n)[0]["results"] for n in (1, 2)]
    assert results[0] == results[1]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="could not be made"):
        run_studies([study(tmp_path / "log")], Scope(), tmp_path / "file")


def test_an_unknown_study_names_those_that_exist():
    with pytest.raises(UnknownNameError, match="synthetic"):
        studies_named(["figure 2"])
    assert [s.name for s in studies_named([])] == [s.name for s in STUDIES]


def test_plain_data():
    import numpy as np

    assert plain({"a": (np.float64(0.1), np.inf), 3: np.arange(2), "b": np.bool_(True)}) == {
        "a": [0.1, None],
        "3": [0, 1],
        "b": True,
    }
    assert to_text({"a": 1}) == '{"a":1}\n'


def test_small_helpers():
    assert chunked(25, 10) == [10, 10, 5]
    assert [figure(None), figure(-0.0001), figure(-0.0006), figure(1.23456, 1)] == ["-", "0.000", "-0.001", "1.2"]
    assert markdown_table(["a", "b"], [["1", "2"]]) == "| a | b |\n| --- | ---: |\n| 1 | 2 |\n"


# the committed pages

DOCS = Path(__file__).parents[2] / "docs" / "reproduction"
DOCUMENTS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(DOCS.glob("*.json"))}


def numbers_of(value) -> list[float]:
    """Every number of plain data."""
    if isinstance(value, dict):
        return [n for item in value.values() for n in numbers_of(item)]
    if isinstance(value, list):
        return [n for item in value for n in numbers_of(item)]
    return [float(value)] if isinstance(value, int | float) and not isinstance(value, bool) else []


def unsupported(sentence: str, results) -> list[str]:
    """Figures of a sentence that no number of the results rounds to."""
    text = re.sub(r"\b\d+(x\d+)+\b|c = 1/?\d*|U[12]\b", "", sentence)
    told = re.findall(r"-?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?%?", text)
    known = numbers_of(results)
    known += [1 - n for n in known if 0 < n < 1]

    def supported(token: str) -> bool:
        plain_token = token.rstrip("%").replace(",", "")
        if "e" in plain_token:
            return any(f"{n:.0e}" == plain_token for n in known)
        digits = len(plain_token.partition(".")[2])
        scale = 100 if token.endswith("%") else 1
        return any(f"{n * scale:.{digits}f}" == plain_token for n in known)

    return [token for token in told if not supported(token)]


def test_every_study_has_a_page():
    assert set(DOCUMENTS) == {s.name for s in STUDIES}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_pages_say_what_the_json_says(name):
    from interplay.reproduction.pages import render_page, render_pictures

    document = DOCUMENTS[name]
    (owner,) = studies_named([name])
    pictures = render_pictures(document, owner)
    for picture, svg in pictures.items():
        assert (DOCS / f"{picture}.svg").read_text(encoding="utf-8") == svg
    page = render_page(document, owner, sorted(pictures))
    assert (DOCS / f"{name}.md").read_text(encoding="utf-8") == page
    verdict = owner.judge(document["results"])
    assert document["verdict"] == {"status": verdict.status, "sentence": verdict.sentence}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_verdicts_say_nothing_that_the_json_does_not_contain(name):
    document = DOCUMENTS[name]
    assert unsupported(document["verdict"]["sentence"], document["results"]) == []


def test_an_invented_figure_is_noticed():
    assert unsupported("the gap is 0.62 and 3.2% of 1,000", {"gap": 0.6215, "share": 0.032, "n": 1000}) == []
    assert unsupported("the gap is 0.63", {"gap": 0.6215}) == ["0.63"]


def test_the_overview_lists_every_page():
    from interplay.reproduction.pages import render_index

    assert (DOCS / "README.md").read_text(encoding="utf-8") == render_index(list(DOCUMENTS.values()))
