import numpy as np

from rnn_core.figures.decimation import decimate
from rnn_core.figures.text import plain


def test_decimation_keeps_both_ends_and_the_extremes() -> None:
    y = np.sin(np.arange(50_000) / 700)
    y[31_234], y[4_321] = 9.0, -7.0
    x, thin = decimate(np.arange(len(y)), y)
    assert len(thin) <= 600
    assert (x[0], x[-1]) == (0, len(y) - 1)
    assert thin.max() == 9.0
    assert x[thin.argmax()] == 31_234
    assert thin.min() == -7.0
    assert x[thin.argmin()] == 4_321
    assert np.all(np.diff(x) > 0)


def test_a_short_curve_stays_as_it_is() -> None:
    x, y = np.arange(600), np.arange(600.0)
    assert decimate(x, y)[1] is y


def test_decimation_keeps_a_gap_and_passes_over_what_is_not_finite() -> None:
    y = np.ones(10_000)
    y[2_000:3_000] = np.nan
    y[7_000], y[8_000] = np.inf, 5.0
    _, thin = decimate(np.arange(len(y)), y)
    assert np.isnan(thin).any()
    assert np.nanmax(thin) == 5.0


def test_tags_of_a_user_are_shown_not_obeyed() -> None:
    assert plain("<a href='x'>&</a>") == "&lt;a href='x'&gt;&amp;&lt;/a&gt;"
