"""A sweep on a Dask scheduler and its workers, in processes of their own, on loopback."""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

import rnn_core.sweeps.cluster as cluster
import rnn_core.sweeps.work as work
from benchmarks.app.browser import free_port
from rnn_core.config.run import RunConfig
from rnn_core.data.corpus import Corpus
from rnn_core.data.sources import recommended_config
from rnn_core.errors import SweepError
from rnn_core.models.model import Model
from rnn_core.paths import import_folder
from rnn_core.runs.store import Store
from rnn_core.sweeps.cluster import ClusterError
from rnn_core.sweeps.engine import run_sweep
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.sweep import Sweep
from tests.cell_files.sources import JANET
from tests.runs.workers import wait_until
from tests.sweeps.processes import dask

distributed = pytest.importorskip("distributed", reason="needs Dask: requirements-cluster.txt")
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("with_corpus")]

SIZES = {"hidden_size": 8, "embedding_size": 3, "epochs": 1, "reviews": 300, "evaluations_per_epoch": 1}
BASE = RunConfig(data="verdict").with_settings(**SIZES, max_length=20)
SWEEP = Sweep(name="try", base=BASE, cases=[{"cell": JANET}, {"cell": "gru"}], seeds=[0, 1])
LONG = replace(SWEEP, base=BASE.with_settings(epochs=30))


def start(folder, *words, package=None):
    """A process of Dask as docs/clusters.md starts it, but one whose start takes no time, and no reviews."""
    from tests.runs.forked import Forked  # it imports all that a worker imports

    of_tests = ("GATESCOPE", "PYTHONPATH")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(of_tests)}
    environment |= {"GATESCOPE_CACHE": str(folder / "none")}
    return Forked(dask, package, *words, log=folder / "log", environment=environment)


def end(process):
    process.kill()
    process.wait()


@contextlib.contextmanager
def in_charge(tmp_path):
    """A scheduler nobody works for yet: its address and its process."""
    port = str(free_port())
    address, options = f"tcp://127.0.0.1:{port}", ("--no-dashboard", "--no-show")
    process = start(tmp_path, "scheduler", "--host", "127.0.0.1", "--port", port, *options)
    with distributed.Client(address, timeout=60, set_as_default=False):
        pass
    yield address, process
    end(process)


@pytest.fixture(scope="module")
def lasting_scheduler(tmp_path_factory):
    """The address of a scheduler for all tests of this file, but one that kills its own."""
    with in_charge(tmp_path_factory.mktemp("scheduler")) as (address, _):
        yield address


@pytest.fixture
def scheduler(lasting_scheduler):
    """Its address, when it has seen that the workers of the test before are gone."""
    with distributed.Client(lasting_scheduler, set_as_default=False) as client:
        wait_until(lambda: not client.ncores())
    return lasting_scheduler


@contextlib.contextmanager
def at_work(tmp_path, scheduler, count, threads=1, package=None):
    words = ("worker", scheduler, "--nthreads", str(threads), "--no-nanny", "--no-dashboard")
    processes = [start(tmp_path, *words, package=package) for _ in range(count)]
    with distributed.Client(scheduler, set_as_default=False) as client:
        client.wait_for_workers(count, timeout=60)
    yield processes
    for process in processes:
        end(process)


def frozen_in_a_run(client):
    """The process of a worker that has a run and will not end it, since it stands still."""
    numbers = client.run(os.getpid)
    while True:
        wait_until(lambda: any(client.processing().values()))
        worker = next(worker for worker, tasks in client.processing().items() if tasks)
        os.kill(numbers[worker], signal.SIGSTOP)
        time.sleep(0.2)  # what it said before has arrived by then
        if client.processing()[worker]:
            return numbers[worker]
        os.kill(numbers[worker], signal.SIGCONT)


def test_a_worker_killed_in_a_run_loses_none(tmp_path, scheduler):
    """Not even the last one, once another has joined; and none is kept twice."""
    store = Store()
    with at_work(tmp_path, scheduler, 1):
        steps = run_sweep(LONG, store, address=scheduler)
        first = next(steps)
        with distributed.Client(scheduler, set_as_default=False) as client:
            os.kill(frozen_in_a_run(client), signal.SIGKILL)
        with at_work(tmp_path, scheduler, 1):
            assert [step.progress.done for step in (first, *steps)] == [1, 2, 3, 4]
    results = Results("try").all()
    assert len({(result.case["cell"], result.seed) for result in results}) == len(results) == 4
    assert {run.id for run in store.runs.all()} == {result.run for result in results}


def test_a_killed_scheduler_is_a_sentence(tmp_path, monkeypatch):
    """And what has ended is kept."""
    with in_charge(tmp_path) as (address, process), at_work(tmp_path, address, 1):
        monkeypatch.setattr(cluster, "_PATIENCE", 2.0)
        steps = run_sweep(LONG, Store(), address=address)
        ended = [next(steps)]
        process.kill()
        with pytest.raises(ClusterError, match=f"The cluster at {re.escape(address)} does not go on"):
            ended.extend(steps)
    assert len(Results("try").all()) == len(Store().runs.all()) == len(ended) < len(LONG)


ON_REVIEWS = replace(BASE, data="imdb")
OF_STRINGS = recommended_config("language-anbn-n3").with_settings(**SIZES)


@pytest.mark.parametrize("base", [ON_REVIEWS, OF_STRINGS], ids=["reviews", "language"])
def test_a_run_there_is_the_run_that_is_made_here(base, scheduler, tmp_path, monkeypatch, tiny_corpus):
    """They come with scores, probes, curves and network; the texts are sent once for all runs."""
    sent, reduced = [], Corpus.__reduce_ex__
    monkeypatch.setattr(Corpus, "__reduce_ex__", lambda *given: sent.append(given) or reduced(*given))
    monkeypatch.setenv("GATESCOPE_CACHE", str(tmp_path / "cache"))
    if base is ON_REVIEWS:
        for module in (cluster, work):
            monkeypatch.setattr(module, "load_corpus", lambda name: tiny_corpus)
    store, found = Store(), {}
    with at_work(tmp_path, scheduler, 2):
        for name, address in {"there": scheduler, "here": ""}.items():
            list(run_sweep(replace(SWEEP, name=name, base=base), store, address=address))
            found[name] = {
                (one.case["cell"], one.seed, one.sentences_right): store.runs.get(one.run).scores
                for one in Results(name).all()
            }
    assert (found["there"], len(sent)) == (found["here"], 1)
    for result in Results("there").all():
        assert len(store.records.all(result.run)) == result.optimizer_steps + 1
        assert Model.load(store.folder(result.run), None).scores["accuracy"] == result.test_accuracy


def refused(match, address, sweep=SWEEP, error=ClusterError):
    """The sweep is, with this sentence, and nothing is made."""
    with pytest.raises(error, match=match):
        next(run_sweep(sweep, Store(), address=address))
    assert not Results(sweep.name).exists()
    assert not Store().runs.all()


@pytest.mark.parametrize("address", ["nonsense://?", "none", "tls://127.0.0.1:9", "tcp://127.0.0.1:9", ""])
def test_an_address_without_answer_is_a_sentence(monkeypatch, address):
    monkeypatch.setattr(cluster, "_PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = address or f"tcp://127.0.0.1:{silent.getsockname()[1]}"  # it listens, and is no scheduler
        refused(f"No Dask scheduler answers at {re.escape(address)}", address)


def test_a_cluster_that_can_not_train_is_refused(tmp_path, scheduler):
    async def cell():
        refused("No worker is at", scheduler)

    refused("No worker is at", scheduler)
    # In a notebook a loop runs; in a thread of its own here, where a browser may have left one.
    with ThreadPoolExecutor(1) as notebook:
        notebook.submit(asyncio.run, cell()).result()
    taught = replace(SWEEP, base=BASE.with_settings(teachers="gru"))
    refused("train on this machine alone", scheduler, taught, SweepError)
    with at_work(tmp_path, scheduler, 1, threads=2):  # its runs would share their chance
        refused("--nthreads 1", scheduler)


def test_workers_with_other_source_are_refused(tmp_path, scheduler):
    """It is found before any run, and again by itself where one joins later."""
    checkout = tmp_path / "rnn_core"
    shutil.copytree(import_folder() / "rnn_core", checkout, ignore=shutil.ignore_patterns("__pycache__"))
    with (checkout / "errors.py").open("a") as file:
        file.write("# another line\n")
    with at_work(tmp_path, scheduler, 1, package=checkout):
        refused("their runs could differ", scheduler)
    with pytest.raises(ClusterError, match="this is another: their runs could differ"):
        cluster.train_there(BASE, None, "another")
