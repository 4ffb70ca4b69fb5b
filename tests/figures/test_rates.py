import numpy as np
import pytest

from rnn_core.config.training_settings import TrainingConfig
from rnn_core.figures.colours import LIGHT
from rnn_core.figures.rates import rates_ahead
from rnn_core.training.schedule import Outlook

TRAINING = TrainingConfig(schedule="one-cycle", learning_rate=0.01, epochs=4)


def test_the_plan_the_course_and_the_change_stand_on_one_axis_of_epochs():
    now = Outlook(TRAINING, 400, 100)
    then = now.after(0.05, held=True)
    planned, course, change = rates_ahead(now, then, 4, LIGHT).data
    assert max(planned.y) == max(course.y) == pytest.approx(0.01, rel=1e-3)
    assert (planned.x[0], planned.x[-1]) == (0.01, 4.0)
    assert planned.line.dash == "dot"
    assert set(change.y) == {0.05}
    assert change.x[0] == pytest.approx(1.01)  # the step after the hundredth of each epoch


def test_where_nothing_would_change_only_the_plan_and_the_course_are_drawn():
    figure = rates_ahead(Outlook(TRAINING, 30_000, 5), None, 4, LIGHT)
    assert len(figure.data) == 2
    assert all(len(line.x) <= 80 and np.isfinite(line.y).all() for line in figure.data)
    [mark] = figure.layout.shapes
    assert mark.x0 == pytest.approx(4 * 5 / 30_000)
