"""The further pictures of the Read page: what the verdict depends on, two readings, padding, the plane."""

import numpy as np
import pytest

from rnn_core.figures.colours import DARK, LIGHT, NEGATIVE, POSITIVE
from rnn_core.figures.plane import each_drawn, state_map
from rnn_core.figures.read_panels import attribution, padded_states, two_readings
from rnn_core.figures.verdict import verdict_curve
from tests.figures.drawn import texts
from tests.inspection.made import of_two

T, H = 6, 4
LABELS = ["<start>", "a", "dull", "film", "<b>bold</b>", "end"]
RNG = np.random.default_rng(1)


def draw_attribution(theme=LIGHT, **changed):
    given = {
        "cell": "lstm",
        "contributions": np.array([0, 0, -2.0, -0.5, 1.0, 0]),
        "input_times_gradient": RNG.normal(size=T),
        "saliency": RNG.uniform(size=T),
        "connectivity": {"h": np.geomspace(1e-5, 1, T)},
        "direct": None,
        "cursor": 2,
    }
    return attribution(labels=LABELS, theme=theme, **(given | changed))


def draw_two(**changed):
    given = {
        "names": ("one", "other"),
        "followed": "positive",
        "probabilities": (np.linspace(0.5, 0.9, T), np.array([np.nan, 0.5, 0.4, 0.3, 0.2, 0.1])),
        "norms": (np.ones(T), np.ones(T)),
        "apart": None,
        "cursor": 1,
    }
    return two_readings(labels=LABELS, theme=LIGHT, **(given | changed))


def test_a_contribution_is_drawn_with_its_sign_and_in_the_colour_of_its_side():
    bars = draw_attribution().data[0]
    assert bars.y.tolist() == [0, 0, -2.0, -0.5, 1.0, 0]
    assert [bars.marker.color[t] for t in (2, 4)] == [NEGATIVE, POSITIVE]


def test_weights_of_attention_are_drawn_as_they_are_and_only_where_there_are_some():
    weights = np.array([0.1, 0.2, 0.3, 0.4, 0.0, 0.0])
    figure = draw_attribution(attention=weights)
    np.testing.assert_allclose(figure.data[-3].y, weights, atol=1e-7)
    assert "Attention weight" in " ".join(texts(figure))
    assert "Attention weight" not in " ".join(texts(draw_attribution()))


def test_connectivity_is_drawn_on_a_logarithm_with_c_beside_h_and_the_direct_path_apart():
    values = np.geomspace(1e-12, 1, T)
    figure = draw_attribution(connectivity={"h": values, "c": values}, direct=values)
    assert {"‖dy/dh‖", "‖dy/dc‖", "read directly"} <= {*texts(figure)}
    lines = [line for line in figure.data if line.yaxis == "y4"]
    assert len({line.line.dash for line in lines}) == 3
    assert all(line.y.tolist() == pytest.approx(values.tolist(), rel=1e-12) for line in lines)
    assert figure.layout.yaxis4.type == "log"


def test_connectivity_that_vanishes_is_drawn_as_it_is_and_zeros_are_marked():
    """Everything below 1e-9 was drawn, and said, as 1e-9."""
    figure = draw_attribution(connectivity={"h": np.array([0, 0, 2.5e-17, 1e-5, 1e-2, 1])})
    line, zeros = (drawn for drawn in figure.data if drawn.yaxis == "y4")
    assert np.isnan(line.y[:2]).all()
    assert line.y[2] == 2.5e-17
    assert np.isfinite(zeros.y).tolist() == [True, True, False, False, False, False]
    assert "exactly 0" in zeros.hovertemplate
    low, high = figure.layout.yaxis4.range
    assert low < np.log10(zeros.y[0]) < -17 < 0 < high


def test_its_token_axis_counts_from_one_and_lines_up_with_that_of_the_verdict():
    other = verdict_curve(labels=LABELS, verdicts=of_two(np.full(T, 0.5)), theme=LIGHT).layout
    for figure in (draw_attribution(), draw_two()):
        layout = figure.layout
        assert tuple(layout.xaxis.range) == tuple(other.xaxis.range) == (0.5, 6.5)
        assert (layout.margin.l, layout.margin.r) == (other.margin.l, other.margin.r)
        assert list(layout.xaxis.tickvals) == [1, 2, 3, 4, 5, 6]
        assert {drawn.x[0] for drawn in figure.data} == {1}
    assert draw_attribution().layout.shapes[-1].x0 == 3  # the cursor at time step 2, counted from 0


def test_two_readings_show_their_difference_where_both_have_the_token():
    figure = draw_two()
    [bars] = [drawn for drawn in figure.data if drawn.type == "bar"]
    assert np.isnan(bars.y[0])
    assert bars.y[-1] == pytest.approx(0.1 - 0.9)
    said = " ".join(texts(figure))
    assert "other minus one" in said
    assert "Norm of the hidden state" in said
    assert "<b>" not in str(draw_two(names=("<b>x</b>", "y")).to_json()).replace("&lt;b&gt;", "")


def test_of_states_of_one_network_their_distance_is_drawn():
    figure = draw_two(apart=np.arange(T) / 10)
    assert "How far the two hidden states lie apart" in texts(figure)
    assert figure.data[-1].y.tolist() == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.5])


def test_padding_is_shaded_where_it_is_read_on_axes_with_names():
    states = [RNG.uniform(-1, 1, (steps, H)) for steps in (3, 6, 6)]
    pads = [slice(3, 3), slice(0, 3), slice(3, 6)]
    figure = padded_states(names=("skipped", "in front", "behind"), states=states, pads=pads, theme=LIGHT)
    shaded = [(shape.xref, shape.x0, shape.x1) for shape in figure.layout.shapes]
    assert shaded == [("x2", 0.5, 3.5), ("x3", 3.5, 6.5)]
    norms, heats = ([one for one in figure.data if one.type == kind] for kind in ("scatter", "heatmap"))
    assert [drawn.x[0] for drawn in norms] == [1, 1, 1]
    assert {(drawn.x0, drawn.zmax) for drawn in heats} == {(1, 1)}
    layout = figure.layout
    assert (layout.yaxis.title.text, layout.yaxis2.title.text) == ("unit of h", "norm ‖h‖")
    assert layout.xaxis.title.text == layout.xaxis2.title.text == "time step"


@pytest.mark.parametrize("reach", [1e-9, 0.004, 0.6, 1.0, 3.9, 4.0, 6.87, 99.0])
def test_a_contribution_has_a_tick_on_either_side_of_zero_whatever_its_size(reach):
    axis = draw_attribution(contributions=np.array([0, 0, reach, 0, -reach / 3, 0])).layout.yaxis
    low, zero, high = axis.tickvals
    assert axis.range[0] < low < zero == 0 < high < axis.range[1]
    assert high >= 0.4 * axis.range[1] or reach < 1e-6


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_plane_shows_many_states_one_path_and_the_readout(theme):
    figure = state_map(
        points=RNG.normal(size=(10_000, 2)),
        probabilities=RNG.uniform(size=10_000),
        followed="positive",
        by_class=None,
        shares=np.array([0.7, 0.2, 0.1]),
        readout=np.array([0.8, 0.1]),
        path=np.arange(2 * T).reshape(T, 2),
        labels=LABELS,
        cursor=4,
        theme=theme,
    )
    cloud, path, place = figure.data
    assert len(cloud.x) == len(range(0, 10_000, each_drawn(10_000))) <= 3_000
    assert {drawn.type for drawn in figure.data} == {"scatter"}  # WebGL would lie over the path
    assert path.x.tolist() == [0, 2, 4, 6, 8, 10]
    assert (place.x[0], place.text[0]) == (8, "&lt;b&gt;bold&lt;/b&gt;")
    assert "70% of the variance" in figure.layout.xaxis.title.text
    assert path.customdata[4] == "5: &lt;b&gt;bold&lt;/b&gt;"
