"""A sweep on a real Dask scheduler and two real workers, on loopback."""

import os
import signal
import socket
import subprocess
import sys

import pytest

import rnn_core.experiments.cluster as cluster
from rnn_core.config import RunConfig
from rnn_core.experiments.cluster import ClusterError
from rnn_core.experiments.engine import run_sweep
from rnn_core.experiments.results import Results
from rnn_core.experiments.sweep import Sweep
from rnn_core.runs.process import PROJECT
from rnn_core.runs.store import Store
from tests.runs.workers import wait_until

distributed = pytest.importorskip("distributed", reason="needs Dask: requirements-cluster.txt")
pytestmark = pytest.mark.usefixtures("with_corpus")

BASE = RunConfig(data="verdict").with_settings(
    hidden_size=8, embedding_size=3, epochs=1, reviews=1_500, max_length=60, evaluations_per_epoch=1
)
SWEEP = Sweep(name="try", base=BASE, cases=[{"cell": "elman"}, {"cell": "gru"}], seeds=[0, 1])


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(tmp_path, *words):
    """A process of Dask, in a folder without any reviews."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GATESCOPE")}
    return subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.dask_{words[0]}", *words[1:]],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(PROJECT), "GATESCOPE_CACHE": str(tmp_path / "none")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.fixture
def scheduler(tmp_path):
    """The address of a scheduler nobody works for yet."""
    address = f"tcp://127.0.0.1:{(port := free_port())}"
    process = start(
        tmp_path, "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard", "--no-show"
    )
    with distributed.Client(address, timeout=60, set_as_default=False):
        yield address
    process.kill()
    process.wait()


@pytest.fixture
def workers(tmp_path, scheduler):
    """Two of them, at work for the scheduler."""
    processes = [
        start(tmp_path, "worker", scheduler, "--nthreads", "1", "--no-nanny", "--no-dashboard")
        for _ in range(2)
    ]
    with distributed.Client(scheduler, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
    yield processes
    for process in processes:
        process.kill()
        process.wait()


def test_a_worker_that_is_killed_in_the_middle_of_a_run_loses_none_and_none_is_kept_twice(scheduler, workers):
    store = Store()
    steps = run_sweep(SWEEP, store, address=scheduler)
    first = next(steps)
    with distributed.Client(scheduler, set_as_default=False) as client:
        wait_until(lambda: any(client.processing().values()))
    workers[0].send_signal(signal.SIGKILL)
    assert [step.done for step in (first, *steps)] == [1, 2, 3, 4]
    results = Results("try").all()
    assert len({(result.case["cell"], result.seed) for result in results}) == len(results) == 4
    assert {run.id for run in store.runs()} == {result.run for result in results}


def test_a_run_on_the_cluster_is_the_run_that_is_made_here(scheduler, workers):
    def losses(name, **where):
        sweep = Sweep(name=name, base=BASE, cases=SWEEP.cases)
        list(run_sweep(sweep, Store(), **where))
        return {result.case["cell"]: result.test_loss for result in Results(name).all()}

    assert losses("there", address=scheduler) == losses("here")


def nothing_was_made():
    return not Results("try").exists() and not Store().runs()


def test_an_address_where_nothing_answers_is_a_sentence_and_nothing_is_made(monkeypatch):
    monkeypatch.setattr(cluster, "_PATIENCE", 0.5)
    with pytest.raises(ClusterError, match="No Dask scheduler answers at tcp://127"):
        next(run_sweep(SWEEP, Store(), address=f"tcp://127.0.0.1:{free_port()}"))
    with pytest.raises(ClusterError, match="No Dask scheduler answers at nonsense"):
        next(run_sweep(SWEEP, Store(), address="nonsense://?"))
    assert nothing_was_made()


def test_a_cluster_without_workers_is_a_sentence(scheduler):
    with pytest.raises(ClusterError, match="No worker is at"):
        next(run_sweep(SWEEP, Store(), address=scheduler))
    assert nothing_was_made()


def test_workers_of_another_version_are_refused_before_any_run(scheduler, workers, monkeypatch):
    monkeypatch.setattr(cluster, "__version__", "9.9.9")
    with pytest.raises(ClusterError, match=r"this is 9\.9\.9"):
        next(run_sweep(SWEEP, Store(), address=scheduler))
    assert nothing_was_made()
