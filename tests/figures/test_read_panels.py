"""The further pictures of the Read page: what the verdict depends on, readings, padding, the plane."""

import numpy as np
import pytest

from rnn_core.figures.colours import LIGHT, NEGATIVE, NEXT_CLASSES, POSITIVE
from rnn_core.figures.plane import Hidden, each_drawn
from rnn_core.figures.verdict import verdict_curve
from rnn_core.languages.language import CATEGORY, NUMBER
from tests.figures.examples import GIVEN, LABELS, NASTY, P, T, attributed, draw, next_of, plane, texts
from tests.inspection.made import of_two


def test_a_verdict_depends_on_words_states_and_weights():
    """A contribution has the colour of its side; of each state there is a line."""
    values, weights = np.geomspace(1e-12, 1, T), np.array([0.1, 0.2, 0.3, 0.4, 0.0, 0.0])
    states = {"h": values, "c": values}
    found = attributed(connectivity=states, direct_connectivity=values, attention=weights)
    figure = draw("attribution", found=found)
    bars = figure.data[0]
    assert bars.y.tolist() == [0, 0, -2.0, -0.5, 1.0, 0]
    assert [bars.marker.color[t] for t in (2, 4)] == [NEGATIVE, POSITIVE]
    assert any(line.y is not None and np.allclose(line.y, weights, atol=1e-7) for line in figure.data)
    assert "Attention weight" in " ".join(texts(figure))
    assert "Attention weight" not in " ".join(texts(draw("attribution")))
    assert {"‖dy/dh‖", "‖dy/dc‖", "read directly"} <= {*texts(figure)}
    lines = [line for line in figure.data if line.yaxis == "y5"]
    assert len({line.line.dash for line in lines}) == 3
    assert all(line.y.tolist() == pytest.approx(values.tolist(), rel=1e-12) for line in lines)


@pytest.mark.parametrize("figure", ["attribution", "two_readings", "verdict_by_layer"])
def test_token_axes_line_up(figure):
    other = verdict_curve(labels=LABELS, verdicts=of_two(P), theme=LIGHT).layout
    drawn = draw(figure)
    layout = drawn.layout
    assert tuple(layout.xaxis.range) == tuple(other.xaxis.range) == (0.5, 6.5)
    assert (layout.margin.l, layout.margin.r) == (other.margin.l, other.margin.r)
    assert list(layout.xaxis.tickvals) == [1, 2, 3, 4, 5, 6]
    assert {trace.x[0] for trace in drawn.data} == {1}
    assert layout.shapes[-1].x0 == GIVEN[figure]()["cursor"] + 1  # counted from 0


@pytest.mark.parametrize("reach", [1e-9, 0.004, 0.6, 1.0, 3.9, 4.0, 6.87, 99.0])
def test_a_contribution_has_ticks_beside_zero(reach):
    axis = draw("attribution", contributions=np.array([0, 0, reach, 0, -reach / 3, 0])).layout.yaxis
    low, zero, high = axis.tickvals
    assert axis.range[0] < low < zero == 0 < high < axis.range[1]
    assert high >= 0.4 * axis.range[1] or reach < 1e-6


def test_two_readings_show_their_difference():
    figure = draw("two_readings", names=("one", "other"))
    [bars] = [drawn for drawn in figure.data if drawn.type == "bar"]
    assert np.isnan(bars.y[0])
    assert bars.y[-1] == pytest.approx(0.1 - 0.8)
    said = " ".join(texts(figure))
    assert "other minus one" in said
    assert "Norm of the hidden state" in said
    figure = draw("two_readings", apart=np.arange(T) / 10)  # of states of one network
    assert "How far the two hidden states lie apart" in texts(figure)
    assert figure.data[-1].y.tolist() == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.5])


def test_what_a_layer_adds_is_drawn_below_the_verdicts():
    figure = draw("verdict_by_layer")
    lines = [line for line in figure.data if line.type == "scatter"]
    for line, values in zip(lines, (P, P[::-1], P / 2), strict=True):
        np.testing.assert_array_equal(line.y, values)
    added = [bars.y for bars in figure.data if bars.type == "bar"]
    np.testing.assert_allclose(added, [P[::-1] - P, P / 2 - P[::-1]], atol=1e-7)


def test_what_comes_next_is_drawn_beside_the_truth():
    found, figure = next_of(), draw("next_tokens")
    network, truth = (np.array(drawn.z) for drawn in figure.data if drawn.type == "heatmap")
    np.testing.assert_allclose(network, found.network.T, atol=1e-6)
    np.testing.assert_allclose(truth, found.truth.T, atol=1e-6)
    dots = [one for one in figure.data if one.type == "scatter" and one.hoverinfo == "skip"]
    assert [list(one.y) for one in dots] == [[2 - number for number in found.came]] * 2
    by_name = {one.name: one for one in figure.data}
    np.testing.assert_allclose(by_name["network"].y, found.surprise, rtol=1e-5)
    wrong = np.flatnonzero(found.is_judged & ~found.right)
    assert list(by_name["wrong"].x) == [time + 1 for time in wrong]


def test_padding_is_shaded_where_it_is_read():
    figure = draw("padded_states")
    shaded = [(shape.xref, shape.x0, shape.x1) for shape in figure.layout.shapes]
    assert shaded == [("x2", 0.5, 3.5), ("x3", 3.5, 6.5)]
    norms, heats = ([one for one in figure.data if one.type == kind] for kind in ("scatter", "heatmap"))
    for norm, heat, states in zip(norms, heats, GIVEN["padded_states"]()["states"], strict=True):
        np.testing.assert_allclose(heat.z, states.T, atol=1e-4)
        np.testing.assert_allclose(norm.y, np.linalg.norm(states, axis=1), rtol=1e-4)
        assert (norm.x[0], heat.x0, heat.zmax) == (1, 1, 1)
    assert (figure.layout.yaxis.title.text, figure.layout.yaxis2.title.text) == ("unit of h", "norm ‖h‖")


def test_the_plane_shows_states_path_and_readout():
    figure = draw("state_map")
    cloud, path, place = figure.data
    assert len(cloud.x) == len(range(0, 5_000, each_drawn(5_000))) <= 3_000
    assert {drawn.type for drawn in figure.data} == {"scatter"}  # WebGL would lie over the path
    assert path.x.tolist() == [0, 2, 4, 6, 8, 10]
    assert (place.x[0], place.text[0]) == (8, "&lt;b&gt;%{y}&lt;/b&gt; &amp; $x$")
    assert "70% of the variance" in figure.layout.xaxis.title.text
    assert path.customdata[4] == "5: &lt;b&gt;%{y}&lt;/b&gt; &amp; $x$"


def key_of(figure):
    """The rows stand from top to bottom."""
    key = [note for note in figure.layout.annotations if note.xref == "paper"]
    return [note.text for note in sorted(key, key=lambda note: -note.yshift)]


@pytest.mark.parametrize("more", [0, 3])
def test_classes_in_sight_stand_in_the_key(more):
    """Where no other class is the most probable the plane names none."""
    predicted = np.random.default_rng(0).integers(0, 3 + more, 5_000)
    names = ("billing", f"{NASTY} long long", "opening hours")
    by_class = {name: predicted == number for number, name in enumerate(names)}
    figure = draw("state_map", followed="billing", by_class=by_class)
    shown = figure.data[: 3 + bool(more)]
    assert [one.marker.color for one in shown] == [*[LIGHT.muted][:more], POSITIVE, *NEXT_CLASSES]
    assert len({one.marker.symbol for one in shown}) == len(shown)
    counts = np.bincount(predicted[::2])
    assert [len(one.x) for one in shown][-3:] == counts[:3].tolist()
    assert sum(len(one.x) for one in shown) == 2_500
    key = ["● billing", "■ &lt;b&gt;%{y}&lt;/b&gt; &amp; $x$ long …", "▲ opening hours"]
    assert key_of(figure) == [*key, *["○ other classes"][:more]]


def plane_of(hidden, readout=(1.0, 0.0)):
    S = len(hidden.truth)
    points = np.random.default_rng(0).normal(size=(S, 2)).astype(np.float32)
    by_class = {"<end>": np.ones(S, bool)}
    on_plane = plane(points=points, logits=np.zeros(S), readout=readout)
    return points, draw("state_map", plane=on_plane, followed="<end>", by_class=by_class, hidden=hidden)


def test_the_plane_coloured_by_a_number_has_a_scale():
    truth = np.array([0.0, 1, 2, 3, 4])
    points, figure = plane_of(Hidden("a so far", NUMBER, truth))
    states = figure.data[0]
    assert states.marker.color.tolist() == truth.tolist()
    assert states.marker.colorbar.title.text == "a so far"
    np.testing.assert_array_equal(states.x, points[:, 0])
    assert "&lt;end&gt;" in texts(figure)
    assert "&lt;end&gt;" not in texts(plane_of(Hidden("a so far", NUMBER, truth), readout=None)[1])


def test_the_plane_of_a_category_names_each_class():
    truth = np.array([*map(str, range(12)), None], object)
    points, figure = plane_of(Hidden("state", CATEGORY, truth))
    nothing, *classes = figure.data[:13]
    np.testing.assert_array_equal(nothing.x, points[-1:, 0])
    assert [states.x[0] for states in classes] == points[:12, 0].tolist()
    assert len({(one.marker.color, one.marker.symbol) for one in classes}) == 12
    key = " ".join(texts(figure))
    assert "state:" in key
    assert all(f"{number}</span>" in key for number in range(12))
    assert "nothing to know yet" in key
    assert "nothing to know yet" not in " ".join(texts(plane_of(Hidden("state", CATEGORY, truth[:-1]))[1]))
