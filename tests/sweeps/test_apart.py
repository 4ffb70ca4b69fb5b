"""A run of a sweep in a process of its own gives what it gives here, and nothing of it outlives the sweep."""

import pytest

import rnn_core.sweeps.engine as engine
from rnn_core.errors import RunError
from rnn_core.runs import process
from rnn_core.runs.store import Store
from rnn_core.sweeps.apart import train_apart
from rnn_core.sweeps.engine import LostWorkError, run_sweep
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.sweep import Sweep
from rnn_core.sweeps.work import train_here
from tests.own import QUICK

SWEEP = Sweep(name="apart", base=QUICK, cases=[{"cell": "gru"}])

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("with_corpus")]


def test_a_run_in_a_process_of_its_own_is_the_same_to_the_bit():
    here, apart = train_here(QUICK)._asdict(), train_apart(QUICK)._asdict()
    assert here.keys() == apart.keys()
    weights = [
        {name: weight.tolist() for name, weight in one.pop("weights").items()} for one in (here, apart)
    ]
    assert weights[0] == weights[1]
    records = [[record.loss for record in one.pop("records")] for one in (here, apart)]
    assert records[0] == records[1]
    for differing in ("made", "own_seconds"):
        assert here.pop(differing) is not None
        assert apart.pop(differing) is not None
    assert here == apart


def test_what_the_process_refuses_is_said_in_its_words(tmp_path, monkeypatch):
    monkeypatch.setenv("GATESCOPE_CACHE", str(tmp_path / "empty"))
    config = QUICK.with_settings(teachers="nobody")
    with pytest.raises(RunError, match="nobody"):
        train_apart(config)


def test_a_sweep_gives_up_where_the_process_of_a_run_is_killed_again_and_again(monkeypatch):
    monkeypatch.setattr(engine, "_trains", lambda config: train_apart)
    start, started = process.start_beside, []

    def start_and_kill(command, log):
        started.append(start(command, log))
        started[-1].kill()
        return started[-1]

    monkeypatch.setattr(process, "start_beside", start_and_kill)
    with pytest.raises(LostWorkError, match="killed 4 times"):
        list(run_sweep(SWEEP, Store()))
    assert len(started) == 4
    assert Results("apart").all() == []


def test_nothing_of_a_run_outlives_a_sweep_that_is_given_up(monkeypatch):
    monkeypatch.setattr(engine, "_trains", lambda config: train_apart)
    start, started = process.start_beside, []

    class Interrupted:
        def __init__(self, popen):
            self.popen = popen
            self.kill = popen.kill
            self.asked = 0

        def wait(self):
            self.asked += 1
            if self.asked == 1:
                raise KeyboardInterrupt
            return self.popen.wait()

    def start_and_interrupt(command, log):
        started.append(start(command, log))
        return Interrupted(started[-1])

    monkeypatch.setattr(process, "start_beside", start_and_interrupt)
    with pytest.raises(KeyboardInterrupt):
        list(run_sweep(SWEEP, Store()))
    assert started[0].poll() is not None
