"""A student's file once it is loaded has the class that its outline names."""

import pytest

from rnn_core.cell_files.outline import outline
from rnn_core.own_cells import here
from rnn_core.own_cells.submission import Submission, SubmissionError
from tests.cell_files.sources import PLAIN, of

TWO = PLAIN + "\n\nclass Other(Leaky):\n    def forward(self, x, h):\n        return h\n"


@pytest.fixture(autouse=True)
def runs_here(monkeypatch):
    monkeypatch.setattr(here, "_runs", True)


@pytest.mark.parametrize("name", ["leaky", "my_leaky", "other"])
@pytest.mark.parametrize("place", ["{}.py", "versions/{}@3f2a9c01b2d4.py"])
def test_of_two_classes_both_take_the_one_that_is_called_like_the_file(name, place):
    file = of(TWO, name)
    submission = Submission(file.source, place.format(name), file.digest)
    assert submission.network.__name__ == outline(file).class_name
    assert outline(file).is_cell


def test_a_class_that_another_one_uses_is_not_meant():
    file = of(TWO, "mine")
    assert Submission(file.source, "mine.py", file.digest).network.__name__ == "Other"
    assert outline(file).class_name == "Other"


def test_of_two_classes_that_do_not_use_each_other_none_is_meant():
    file = of(TWO.replace("Other(Leaky)", "Other(nn.Module)"), "mine")
    with pytest.raises(SubmissionError, match="Leaky and Other"):
        _ = Submission(file.source, "mine.py", file.digest).network
