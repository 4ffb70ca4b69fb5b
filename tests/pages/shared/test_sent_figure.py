"""A figure is sent in few bytes, and what is drawn of it stays the same."""

import base64
import json

import numpy as np
import plotly.graph_objects as go
import pytest

from pages.components.shared.sent_figure import sent


def as_sent(*traces):
    return sent(json.loads(go.Figure(list(traces)).to_json()))["data"]


def numbers(array):
    return np.frombuffer(base64.b64decode(array["bdata"]), array["dtype"])


def heat_map(z, **more):
    return go.Heatmap(z=np.asarray(z, np.float32), **more)


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("kind", [go.Scatter, go.Bar])
def test_the_x_of_a_curve_that_counts_its_points_is_left_to_plotly(kind, first):
    steps, y = first + np.arange(5, dtype=np.float32), np.linspace(0, 1, 5)
    [counted] = as_sent(kind(x=steps, y=y))
    assert "x" not in counted
    assert counted["x0"] == first
    assert numbers(counted["y"]).tolist() == y.tolist()


@pytest.mark.parametrize(
    ("x", "dtype"),
    [
        ([0, 1, 3], "i2"),
        ([3, 2, 1], "i2"),
        ([0, 1, 2.5], "f4"),
        ([0, 1, 40_000], "f4"),
        ([0, 1, np.nan], "f4"),
    ],
)
def test_any_other_x_keeps_its_numbers(x, dtype):
    [curve] = as_sent(go.Scatter(x=np.array(x, np.float32), y=np.zeros(len(x))))
    assert curve["x"]["dtype"] == dtype
    np.testing.assert_array_equal(numbers(curve["x"]), np.array(x, np.float32))


def test_an_x_with_more_or_fewer_points_than_y_and_one_of_words_stay_as_they_are():
    longer, words = as_sent(
        go.Scatter(x=np.arange(4, dtype=np.float32), y=np.zeros(3)), go.Bar(x=["a", "b"], y=[1, 2])
    )
    assert numbers(longer["x"]).tolist() == [0, 1, 2, 3]
    assert words["x"] == ["a", "b"]


@pytest.mark.parametrize(("largest", "dtype"), [(1.0, "i1"), (5.0, "i2"), (400.0, "f4")])
def test_a_heat_map_is_sent_with_the_digits_that_it_shows(largest, dtype):
    z = np.random.default_rng(0).uniform(-largest, largest, (6, 40)).astype(np.float32)
    z[0, 0] = largest
    [sent_as] = as_sent(heat_map(z, meta={"digits": 2}))
    assert sent_as["z"]["dtype"] == dtype
    drawn = numbers(sent_as["z"]).reshape([int(n) for n in sent_as["z"]["shape"].split(",")])
    drawn = drawn / 10 ** sent_as["z"].get("digits", 0)
    assert shown(drawn) == shown(z)


def shown(values):
    return [f"{value:.2f}".replace("-0.00", "0.00") for value in values.flat]


def test_a_heat_map_that_names_no_digits_and_one_that_is_not_finite_keep_their_numbers():
    z = [[1e-7, 0.5]]
    [unnamed] = as_sent(heat_map(z))
    [broken] = as_sent(heat_map([[np.nan, 0.5]], meta={"digits": 2}))
    assert numbers(unnamed["z"]).tolist() == np.array(z[0], np.float32).tolist()
    assert broken["z"]["dtype"] == "f4"
