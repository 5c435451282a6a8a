"""Comparing results: nothing moves against itself, planted moves are found, differences are named."""

import pytest

from interplay.errors import InputError
from interplay.report.comparison import compare_documents
from interplay.report.comparison_page import render_comparison
from report.documents import document, share
from report.test_report_page import HOSTILE, Page


def test_nothing_moves_against_itself():
    comparison = compare_documents(document(), document())
    assert all(c.moved == (0.0, 0.0) and not c.apart for c in comparison.changes)
    assert comparison.notes == ("the same data (by their hashes)",)
    assert [c.what for c in comparison.changes][:3] == ["image alone", "text alone", "fused, guaranteed"]


def test_a_planted_move_is_found():
    after = document()
    after["guarantee"] = share(0.7, 0.75)
    after["unimodal"]["image"] = share(0.805)
    moved = {c.what: c for c in compare_documents(document(), after).changes}
    assert moved["fused, guaranteed"].apart
    assert moved["fused, guaranteed"].moved[0] == pytest.approx(0.7 - 0.929)
    assert not moved["image alone"].apart
    assert moved["image alone"].moved[0] == pytest.approx(0.005)


def test_what_differs_is_named():
    after = document(("image", "text", "audio"), ("no", "yes"))
    after |= {"version": "9", "settings": {**after["settings"], "seed": 5}}
    notes = " / ".join(compare_documents(document(), after).notes)
    for words in ("interplay 0.1.0 before, 9 after", "seed: 0 before, 5 after", "classes differ", "modalities image,"):
        assert words in notes
    assert "other data: labeled:audio" in notes


def test_plain_data_hold_no_nan():
    before = document()
    before["gain"] = None
    changes = compare_documents(before, document()).to_dict()["changes"]
    assert changes["gain over best single"]["before"]["low"] is None


def test_the_page_says_what_moved_and_escapes_names():
    after = document(HOSTILE[:2], HOSTILE) | {"guarantee": share(0.7, 0.75)}
    comparison = compare_documents(document(HOSTILE[:2], HOSTILE), after)
    page = render_comparison(comparison)
    assert page == render_comparison(comparison)
    told = Page(page).text
    assert "1 of 10 estimates moved beyond their confidence intervals: fused, guaranteed" in told
    assert "91.8 to 96.2%" in told
    assert "68.9 to 76.1%" in told
    assert "<script>alert" not in page
    same = compare_documents(document(), document())
    assert "Nothing moved beyond" in Page(render_comparison(same)).text


def test_another_schema_is_refused():
    with pytest.raises(InputError, match="interplay/result/1"):
        compare_documents(document(), {"schema": "interplay/result/9"})
