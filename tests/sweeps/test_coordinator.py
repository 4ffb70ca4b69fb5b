"""A sweep in a process of its own: it is seen, it can be stopped, and it goes on."""

import contextlib
import signal
import threading

import psutil
import pytest

from rnn_core.__main__ import run
from rnn_core.errors import SweepError
from rnn_core.paths import artifacts_folder
from rnn_core.runs import process
from rnn_core.runs.at_work import is_at_work
from rnn_core.sweeps import coordinator
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.sweep import Sweep
from tests.own import QUICK
from tests.runs.workers import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("with_corpus", "forked_workers")]


def sweep(lengths=(10, 20), **settings):
    cases = [{"max_length": length} for length in lengths]
    return Sweep(name="try", base=QUICK.with_settings(**settings), cases=cases)


LONG = sweep(lengths=(200, 400), epochs=1_000, reviews=1_200)


def has_ended():
    wait_until(lambda: not is_at_work("try"))


def test_a_process_of_its_own_does_all_runs_and_ends():
    coordinator.start(sweep())
    wait_until(lambda: Results("try").exists() and len(Results("try").all()) == 2)
    has_ended()
    assert coordinator.last_words("try").startswith("2 of 2")
    with pytest.raises(SweepError, match="already a sweep called try"):
        coordinator.start(sweep(epochs=2))
    assert not is_at_work("try")


def test_a_stopped_sweep_gives_up_the_run_at_work():
    """It can go on later."""
    coordinator.start(LONG)
    wait_until(lambda: "2 of 2 runs to do" in coordinator.last_words("try"))
    with pytest.raises(SweepError, match="at work already"):
        coordinator.start(LONG)
    with pytest.raises(SweepError, match="at work already"), coordinator.at_work("try"):
        pass
    coordinator.stop("try")
    has_ended()
    assert len(Results("try").all()) < 2
    assert Results("try").sweep() == LONG


def test_a_sweep_is_stopped_before_it_has_begun():
    coordinator.start(LONG)
    coordinator.stop("try")
    has_ended()
    assert Results("try").all() == []


def test_what_never_ran_has_no_last_words():
    coordinator.stop("nothing")
    assert coordinator.last_words("nothing") == ""
    assert not (artifacts_folder() / "sweeps").exists()  # to look leaves nothing behind


def test_a_sweep_is_at_work_until_it_fails():
    coordinator.start(sweep(), address="nonsense://?")
    assert is_at_work("try")
    has_ended()
    wait_until(lambda: "No Dask scheduler answers" in coordinator.last_words("try"))
    assert Results("try").all() == []


def test_a_process_that_never_began_is_not_at_work(monkeypatch):
    def refused(*_arguments):
        raise OSError("no more processes")

    monkeypatch.setattr(process, "start_command", refused)
    with pytest.raises(OSError, match="no more processes"):
        coordinator.start(sweep())
    assert not is_at_work("try")


def test_an_end_before_the_number_is_known_is_seen(monkeypatch):
    def start_command(_command, _log, when_ended):
        ends = threading.Thread(target=when_ended, args=(0,))
        ends.start()
        ends.join(0.1)
        return 7

    monkeypatch.setattr(process, "start_command", start_command)
    coordinator.start(sweep())
    has_ended()


def test_the_end_of_a_process_is_not_the_next_ones(monkeypatch):
    begun = []
    monkeypatch.setattr(process, "start_command", lambda *given: begun.append(given) or len(begun))
    coordinator.start(sweep())
    [(_, log, first_has_ended)] = begun
    log.write_text("There is no room.\n")
    first_has_ended(0)
    assert not is_at_work("try")
    assert coordinator.last_words("try") == "There is no room."
    coordinator.start(sweep())
    assert coordinator.last_words("try") == ""
    first_has_ended(0)
    assert is_at_work("try")
    begun[1][2](0)
    assert not is_at_work("try")


@pytest.mark.parametrize(("end", "status"), [(signal.SIGTERM, 130), (signal.SIGKILL, -9)])
def test_a_process_ends_with_those_that_train(end, status, tmp_path):
    from tests.runs.forked import Forked  # it imports all that a worker imports

    Results("try").begin(LONG)
    coordinating = Forked(run, ["sweep", "try", "--workers", "2"], log=tmp_path / "log", has_children=True)

    def children():
        return psutil.Process(coordinating.pid).children(recursive=True)

    wait_until(lambda: sum("LokyProcess" in " ".join(child.cmdline()) for child in children()) == 2)
    started = children()
    coordinating.send_signal(end)
    try:
        assert coordinating.wait(60) == status
        _, alive = psutil.wait_procs(started, timeout=30)
        assert not alive
    finally:
        coordinating.kill()
        for each in started:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
