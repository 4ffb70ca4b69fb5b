"""A figure is sent in few bytes, and plotly.js comes as a file of the server, once."""

import numpy as np
import plotly.graph_objects as go
import pytest
from starlette.requests import Request
from streamlit.testing.v1 import AppTest

from pages.components.shared.live_chart import packed, sent
from pages.components.shared.served import served_route
from tests.pages.elements import unpacked


def as_sent(*traces):
    """The traces as Plotly gets them, and how long a number of each array was on the way."""
    return unpacked(packed(sent(go.Figure(list(traces)))))["data"]


def heat_map(z, **more):
    return go.Heatmap(z=np.asarray(z, np.float32), **more)


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("kind", [go.Scatter, go.Bar])
def test_an_x_that_counts_points_is_left_to_plotly(kind, first):
    steps, y = first + np.arange(5, dtype=np.float32), np.linspace(0, 1, 5)
    [counted] = as_sent(kind(x=steps, y=y))
    assert "x" not in counted
    assert counted["x0"] == first
    assert counted["y"] == y.tolist()


@pytest.mark.parametrize("x", [[0, 1, 3], [3, 2, 1], [0, 1, 2.5], [0, 1, 2, 3], ["a", "b", "c"]])
def test_any_other_x_keeps_what_it_has(x):
    [curve] = as_sent(go.Scatter(x=x if "a" in x else np.array(x, np.float32), y=np.zeros(3)))
    assert curve["x"] == x


def shown(values):
    return [f"{value:.2f}".replace("-0.00", "0.00") for value in values.flat]


@pytest.mark.parametrize("largest", [1.0, 5.0, 400.0])
def test_a_heat_map_is_sent_with_the_digits_it_shows(largest):
    """Half the bytes or less suffice where the numbers are small."""
    z = np.random.default_rng(0).uniform(-largest, largest, (60, 40)).astype(np.float32)
    z[0, 0] = largest
    [sent_as] = as_sent(heat_map(z, meta={"digits": 2}))
    assert shown(np.array(sent_as["z"])) == shown(z)
    maps = heat_map(z), heat_map(z, meta={"digits": 2})
    whole, rounded = (len(packed(sent(go.Figure(one)))) for one in maps)
    assert largest > 5 or rounded < whole / 2


def test_a_heat_map_without_digits_keeps_its_numbers():
    z = [[1e-7, 0.5]]
    [unnamed] = as_sent(heat_map(z))
    [broken] = as_sent(heat_map([[np.nan, 0.5]], meta={"digits": 2}))
    assert unnamed["z"] == np.array(z, np.float32).tolist()
    np.testing.assert_array_equal(broken["z"], [[np.nan, 0.5]])


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.uint16, np.int64, np.float16, np.float32, np.float64])
def test_numbers_of_every_kind_arrive(kind):
    values = np.array([3, 1, 2], kind)
    [curve] = as_sent(go.Scatter(y=values))
    assert curve["y"] == [3, 1, 2]


def test_what_is_no_number_is_sent_as_plotly_takes_it():
    [curve] = as_sent(go.Scatter(x=[0.0, float("inf")], y=[float("nan"), np.float32(0.5)], text="NaN"))
    assert curve["x"] == [0.0, None]
    assert curve["y"] == [None, 0.5]
    assert curve["text"] == "NaN"


def page_with_charts():
    from pages.components.shared.live_chart import load_charts

    load_charts()


def test_a_page_sends_nothing_of_plotly():
    [part] = AppTest.from_function(page_with_charts).run().get("bidi_component")
    assert part.proto.ByteSize() < 1_000


def test_the_file_is_plotly_and_a_browser_keeps_it():
    asked = {"type": "http", "path_params": {"name": "gatescope_chart.js"}}
    answer = served_route().endpoint(Request(asked))
    text = answer.body.decode()
    assert text.index("* plotly.js v") < text.index("export function show(")
    assert "immutable" in answer.headers["Cache-Control"]
