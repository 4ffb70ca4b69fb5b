"""A sweep on a Dask scheduler and its workers, in processes of their own, on loopback."""

import asyncio
import contextlib
import dataclasses
import os
import re
import shutil
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import rnn_core.sweeps.cluster as cluster
from benchmarks.app.browser import free_port
from rnn_core.config.run import RunConfig
from rnn_core.data.corpus import Corpus
from rnn_core.data.sources import recommended_config
from rnn_core.errors import SweepError
from rnn_core.models.model import Model
from rnn_core.models.probing import probe
from rnn_core.paths import import_folder
from rnn_core.runs.store import Store
from rnn_core.sweeps.cluster import ClusterError, without_texts
from rnn_core.sweeps.engine import run_sweep
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.sweep import Sweep
from tests.runs.workers import wait_until
from tests.sweeps.processes import dask

distributed = pytest.importorskip("distributed", reason="needs Dask: requirements-cluster.txt")
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("with_corpus")]

BASE = RunConfig(data="verdict").with_settings(
    hidden_size=8, embedding_size=3, epochs=1, reviews=300, max_length=20, evaluations_per_epoch=1
)
SWEEP = Sweep(name="try", base=BASE, cases=[{"cell": "elman"}, {"cell": "gru"}], seeds=[0, 1])
LONG = dataclasses.replace(SWEEP, base=BASE.with_settings(epochs=30))


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


@pytest.fixture
def workers(tmp_path, scheduler):
    """Two of them, at work for the scheduler."""
    with at_work(tmp_path, scheduler, 2) as processes:
        yield processes


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


def test_a_worker_that_is_killed_in_the_middle_of_a_run_loses_none_and_none_is_kept_twice(scheduler, workers):
    store = Store()
    steps = run_sweep(LONG, store, address=scheduler)
    first = next(steps)
    with distributed.Client(scheduler, set_as_default=False) as client:
        os.kill(frozen_in_a_run(client), signal.SIGKILL)
    assert [step.progress.done for step in (first, *steps)] == [1, 2, 3, 4]
    results = Results("try").all()
    assert len({(result.case["cell"], result.seed) for result in results}) == len(results) == 4
    assert {run.id for run in store.runs.all()} == {result.run for result in results}


def test_one_worker_is_a_cluster_and_trains_all_runs(tmp_path, scheduler):
    with at_work(tmp_path, scheduler, 1):
        assert len(list(run_sweep(SWEEP, Store(), address=scheduler))) == 4
    store = Store()
    for result in Results("try").all():  # each keeps its curves and its network here
        assert len(store.records.all(result.run)) == result.optimizer_steps + 1
        assert Model.load(store.folder(result.run)).scores["accuracy"] == result.test_accuracy


def test_the_last_worker_may_be_killed_where_another_one_comes(tmp_path, scheduler):
    with at_work(tmp_path, scheduler, 1) as (only,):
        steps = run_sweep(SWEEP, Store(), address=scheduler)
        first = next(steps)
        only.kill()
        only.wait()
        with at_work(tmp_path, scheduler, 1):
            assert [step.progress.done for step in (first, *steps)] == [1, 2, 3, 4]


def test_a_scheduler_that_is_killed_is_a_sentence_and_what_has_ended_is_kept(tmp_path, monkeypatch):
    with in_charge(tmp_path) as (address, process), at_work(tmp_path, address, 1):
        monkeypatch.setattr(cluster, "_PATIENCE", 2.0)
        steps = run_sweep(LONG, Store(), address=address)
        ended = [next(steps)]
        process.kill()
        with pytest.raises(ClusterError, match=f"The cluster at {re.escape(address)} does not go on"):
            ended.extend(steps)
    assert len(Results("try").all()) == len(Store().runs.all()) == len(ended) < len(LONG)


def test_a_run_on_the_cluster_is_the_run_that_is_made_here(scheduler, workers):
    def losses(name, **where):
        sweep = Sweep(name=name, base=BASE, cases=SWEEP.cases)
        list(run_sweep(sweep, Store(), **where))
        return {result.case["cell"]: result.test_loss for result in Results(name).all()}

    assert losses("there", address=scheduler) == losses("here")


def test_a_language_is_learned_on_the_cluster_as_here(tmp_path, scheduler, workers, monkeypatch):
    monkeypatch.setenv("GATESCOPE_CACHE", str(tmp_path / "cache"))
    language = recommended_config("language-anbn-n3").with_settings(
        hidden_size=8, embedding_size=3, epochs=1, reviews=300, evaluations_per_epoch=1
    )
    found, store = {}, Store()
    for name, where in {"there": {"address": scheduler}, "here": {}}.items():
        list(run_sweep(Sweep(name=name, base=language, cases=SWEEP.cases), store, **where))
        found[name] = {one.case["cell"]: store.runs.get(one.run).scores for one in Results(name).all()}
    assert found["there"] == found["here"]
    assert {"bits_above_truth", "right_longer_strings"} <= found["there"]["gru"].keys()


def test_a_run_on_the_cluster_answers_the_probes_too(scheduler, workers, monkeypatch, tiny_corpus):
    monkeypatch.setattr(cluster, "load_corpus", lambda name: tiny_corpus)
    on_imdb = dataclasses.replace(BASE, data="imdb")
    store = Store()
    list(run_sweep(Sweep(name="there", base=on_imdb, cases=SWEEP.cases), store, address=scheduler))
    for result in Results("there").all():
        answered = probe(Model.load(store.folder(result.run)), "development")
        assert (result.sentences_right, result.pairs_right) == (answered.sentences, answered.whole_pairs)


def test_runs_with_teachers_stay_on_this_machine(scheduler):
    sweep = Sweep(name="taught", base=BASE.with_settings(teachers="gru"), cases=SWEEP.cases)
    with pytest.raises(SweepError, match="train on this machine alone"):
        next(run_sweep(sweep, Store(), address=scheduler))


class Counted(Corpus):
    """Reviews that know how often they were written down to be sent."""

    sent = 0

    def __reduce_ex__(self, protocol):
        Counted.sent += 1
        return super().__reduce_ex__(protocol)


def test_the_reviews_are_sent_once_for_all_runs(scheduler, workers, monkeypatch):
    def counted(corpus):
        sent = without_texts(corpus)
        return Counted(**{field.name: getattr(sent, field.name) for field in dataclasses.fields(sent)})

    monkeypatch.setattr(cluster, "without_texts", counted)
    assert len(list(run_sweep(SWEEP, Store(), address=scheduler))) == 4
    assert Counted.sent == 1


@contextlib.contextmanager
def refused(match, error=ClusterError):
    """The sweep is, with this sentence, and nothing is made."""
    with pytest.raises(error, match=match):
        yield
    assert not Results("try").exists()
    assert not Store().runs.all()


@pytest.mark.parametrize("address", ["nonsense://?", "nonsense", "tls://127.0.0.1:9", "tcp://127.0.0.1:9"])
def test_an_address_where_nothing_answers_is_a_sentence_and_nothing_is_made(monkeypatch, address):
    monkeypatch.setattr(cluster, "_PATIENCE", 0.2)
    with refused(f"No Dask scheduler answers at {re.escape(address)}"):
        next(run_sweep(SWEEP, Store(), address=address))


def test_what_listens_and_is_no_scheduler_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(cluster, "_PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        with refused("No Dask scheduler answers"):
            next(run_sweep(SWEEP, Store(), address=address))


def test_a_cluster_without_workers_is_a_sentence_in_a_notebook_too_whose_loop_runs(scheduler):
    async def cell():
        next(run_sweep(SWEEP, Store(), address=scheduler))

    with refused("No worker is at"):
        next(run_sweep(SWEEP, Store(), address=scheduler))
    # A thread of its own, since this one has a loop where a browser was opened before.
    with ThreadPoolExecutor(1) as notebook, refused("No worker is at"):
        notebook.submit(asyncio.run, cell()).result()


def test_workers_with_several_threads_are_refused_since_their_runs_would_share_their_chance(
    tmp_path, scheduler
):
    with at_work(tmp_path, scheduler, 1, threads=2), refused("--nthreads 1"):
        next(run_sweep(SWEEP, Store(), address=scheduler))


def test_workers_with_another_line_of_source_are_refused_before_any_run(tmp_path, scheduler):
    checkout = tmp_path / "rnn_core"
    shutil.copytree(import_folder() / "rnn_core", checkout, ignore=shutil.ignore_patterns("__pycache__"))
    with (checkout / "errors.py").open("a") as file:
        file.write("# another line\n")

    with at_work(tmp_path, scheduler, 1, package=checkout), refused("their runs could differ"):
        next(run_sweep(SWEEP, Store(), address=scheduler))


def test_a_worker_of_another_version_that_joins_later_trains_nothing():
    with pytest.raises(ClusterError, match="this is another: their runs could differ"):
        cluster.train_there(BASE, None, "another")


def test_a_version_is_that_of_every_line(tmp_path, monkeypatch):
    (tmp_path / "one.py").write_text("print(1)")
    monkeypatch.setattr(cluster, "package_folder", lambda: tmp_path)
    of_source = cluster.version.__wrapped__
    before = of_source()
    assert of_source() == before
    (tmp_path / "one.py").write_text("print(2)")
    assert of_source() != before
