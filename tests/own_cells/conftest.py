import pytest

from rnn_core.own_cells import here
from rnn_core.own_cells.process import OwnProcess


@pytest.fixture
def runs_here(monkeypatch):
    """The code of own cells may run in the process of the tests."""
    monkeypatch.setattr(here, "_runs", True)


@pytest.fixture(scope="module")
def process():
    """One for all tests of a file: it starts again where a test has ended it."""
    own = OwnProcess()
    yield own
    own.close()
    assert own.pid is None
