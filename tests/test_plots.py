"""Pictures take and return Axes, draw what the result says, and name the extra where matplotlib is missing."""

import sys

import numpy as np
import pytest

from interplay.errors import InputError, MissingExtraError
from interplay.plots import plot_accuracy, plot_codes, plot_interactions, plot_pairs
from interplay.report.notebook import notebook_table
from report.documents import document

pyplot = pytest.importorskip("matplotlib.pyplot", reason="matplotlib (extra 'plot') is not installed")
PLOTS = [plot_accuracy, plot_interactions, plot_codes, plot_pairs]
HOSTILE = ("$x_{", "<b>&", 'الصورة "🙂"')


@pytest.fixture
def ax():
    figure, axes = pyplot.subplots()
    yield axes
    pyplot.close(figure)


@pytest.mark.parametrize("plot", PLOTS)
def test_axes_in_axes_out(plot, ax):
    assert plot(document(), ax=ax) is ax
    assert ax.get_xlabel()


@pytest.mark.parametrize("plot", PLOTS)
def test_a_figure_of_its_own(plot):
    axes = plot(document())
    assert axes.figure is not None
    pyplot.close(axes.figure)


def spans(ax):
    return [tuple(line.get_xdata()) for line in ax.lines]


def test_what_is_drawn_is_what_the_result_says(ax):
    twin = document()
    plot_accuracy(twin, ax=ax)
    for e in (*twin["unimodal"].values(), twin["guarantee"], twin["accuracy"]):
        assert tuple(e["ci"]) in spans(ax)
    assert (twin["accuracy"]["low"], twin["accuracy"]["high"]) in spans(ax)
    labels = [t.get_text() for t in ax.get_yticklabels()]
    assert labels[:4] == ["image alone", "text alone", "fused, guaranteed", "fused, best possible"]


def test_information_is_drawn_in_bits_unclipped(ax):
    twin = document()
    twin["synergy"] = {**twin["synergy"], "low": -0.02, "ci": [-0.05, 0.3]}
    plot_interactions(twin, ax=ax)
    assert (-0.05, 0.3) in spans(ax)
    assert [twin["label_entropy"]] * 2 in [list(s) for s in spans(ax)]


def test_the_pairs_are_ranked(ax):
    twin = document(("a", "b", "c"))
    for at, pair in enumerate(twin["pairs"]):
        pair["guarantee"] = {**pair["guarantee"], "ci": [0.5 + 0.1 * at, 0.99]}
    plot_pairs(twin, ax=ax)
    assert [t.get_text() for t in ax.get_yticklabels()] == ["b + c", "a + c", "a + b"]


def test_codes_of_any_pair(ax):
    twin = document(("a", "b", "c"), codes=3)
    plot_codes(twin, pair=("c", "a"), ax=ax)
    assert len(ax.texts) == 9
    assert np.asarray(ax.images[0].get_array()).shape == (3, 3)
    with pytest.raises(InputError, match="pair among"):
        plot_codes(twin, pair=("a", "z"), ax=ax)


@pytest.mark.parametrize("plot", PLOTS)
@pytest.mark.filterwarnings("ignore:Glyph:UserWarning")  # fonts without these letters draw boxes
def test_any_name_can_be_drawn(plot, ax):
    plot(document(HOSTILE, ("$a_", "^")), ax=ax)
    ax.figure.canvas.draw()


def test_a_missing_matplotlib_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'interplay\[plot\]'"):
        plot_accuracy(document())


def test_notebooks_get_an_escaped_table():
    html = notebook_table(document(('"><script>', "b"), ("x", "y")))
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "≥ 91.8%" in html
    assert html.count("<tr>") == 11
    assert "nan" not in notebook_table({**document(), "gain": None})
