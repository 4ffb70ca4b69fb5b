"""A sweep on a Dask cluster: workers on other machines do the same work, a run a task.

The scheduler needs nothing but a checkout of this project, a worker the scheduler's address, too. The
reviews, as word numbers without their texts, are sent to the cluster once. What a worker sends back is
unpickled, so use a cluster only where you trust every machine in it.
"""

import asyncio
import contextlib
import dataclasses
import functools
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch

from rnn_core.__version__ import __version__
from rnn_core.config.corpora import CorpusRef
from rnn_core.config.run import RunConfig
from rnn_core.data.corpus import Corpus
from rnn_core.data.sources import load_corpus
from rnn_core.errors import RunError
from rnn_core.paths import package_folder
from rnn_core.sweeps.work import LostWorkerError, Train, Trained, train_here

_PATIENCE = 10.0  # seconds until a scheduler must have answered


class ClusterError(RunError):
    """A cluster that can't be used; the message says why and what to do."""


def without_texts(corpus: Corpus) -> Corpus:
    """Return the parts of a corpus that a training needs, in memory, so that they can be sent."""
    return dataclasses.replace(corpus, table=None, ids=np.array(corpus.ids), offsets=np.array(corpus.offsets))


@contextlib.contextmanager
def on_cluster(address: str, corpora: Sequence[CorpusRef]) -> Iterator[Train]:
    """Trains on the cluster at this address, until the end of the block; the runs read these corpora.

    Raises ClusterError before anything is trained where nothing answers, nobody works there, or the workers
    have another version or several threads. What is yielded raises LostWorkerError, and ClusterError where
    the scheduler is gone or no worker has come for half a minute.
    """
    try:
        from dask.distributed import Client
    except ImportError as error:
        raise ClusterError(
            "A sweep on a cluster needs Dask. Install it with "
            "`python -m pip install -r requirements-cluster.txt`."
        ) from error
    try:
        # The client itself waits for ever where something listens that is no scheduler.
        with ThreadPoolExecutor(1) as thread:  # of its own: in a notebook this one has a loop that runs
            thread.submit(asyncio.run, asyncio.wait_for(_identity(address), _PATIENCE)).result()
        client = Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:  # TimeoutError is an OSError
        raise ClusterError(
            f"No Dask scheduler answers at {address} ({error or 'it took too long'}). Start one there, in a "
            "checkout of this project, with `python -m dask scheduler`, then try again."
        ) from error
    with client:
        _check(client, address)
        sendable = {named: without_texts(load_corpus(named)) for named in corpora}
        yield functools.partial(_train, client, address, sendable)


def _train(
    client: Any, address: str, corpora: Mapping[CorpusRef, Corpus], configs: Sequence[RunConfig]
) -> Iterator[Trained]:
    """Send the corpora to the workers, and then the runs; each as soon as it has ended."""
    from dask.distributed import KilledWorker, as_completed
    from distributed.client import FutureCancelledError

    try:
        sent = {
            named: client.scatter(corpus, broadcast=True, hash=False) for named, corpus in corpora.items()
        }
        tasks = [
            client.submit(train_there, config, sent[config.corpus], version(), pure=False)
            for config in configs
        ]
        for task in as_completed(tasks, loop=client.loop):
            yield task.result()
            task.release()
    except (KilledWorker, FutureCancelledError) as error:
        raise LostWorkerError(str(error)) from error
    except OSError as error:
        raise ClusterError(
            f"The cluster at {address} does not go on ({error}). Check that its scheduler and a worker are "
            "running, then start the sweep again: what has ended is kept."
        ) from error


async def _identity(address: str) -> Any:
    """Return the scheduler's own description, from this address."""
    from distributed.core import rpc

    async with rpc(address) as scheduler:
        return await scheduler.identity()


@functools.cache
def version() -> str:
    """The version of this package to the letter, and of torch, where it is called."""
    source = hashlib.sha256()
    for path in sorted(package_folder().rglob("*.py")):
        source.update(path.relative_to(package_folder()).as_posix().encode())
        source.update(path.read_text(encoding="utf-8").encode())
    return f"{__version__} ({source.hexdigest()[:8]}) with torch {torch.__version__.partition('+')[0]}"


def train_there(config: RunConfig, corpus: Corpus, expected: str) -> Trained:
    """Train a run on a worker, which may have joined after the others were looked at."""
    from dask.distributed import get_worker

    _check_versions({version()}, expected)
    worker = get_worker()
    _check_threads(worker.scheduler.address, worker.state.nthreads)
    return train_here(config, corpus)


def _check_threads(address: str, threads: int) -> None:
    if threads > 1:
        raise ClusterError(
            f"Workers at {address} have several threads, and two runs in one process would draw from the "
            "same random numbers. Start one worker a core, each with one thread: "
            f"`{_worker_command(address)}`."
        )


def _check_versions(versions: set[str], expected: str) -> None:
    if others := sorted(versions - {expected}):
        raise ClusterError(
            f"Workers have version {', '.join(others)} of rnn_core, this is {expected}: their runs could "
            "differ. Bring all to one version, then try again."
        )


def _worker_command(address: str) -> str:
    return f"python -m dask worker {address} --nthreads 1"


def _check(client: Any, address: str) -> None:
    """Check that there are workers, all of this version, each with one thread."""
    try:
        versions = client.run(version)
    except Exception as error:  # whatever a worker raises comes through
        raise ClusterError(
            f"The workers at {address} can't import rnn_core ({error}). Start them in a checkout of this "
            "project, with its packages installed."
        ) from error
    if not versions:
        raise ClusterError(
            f"No worker is at {address}. Start one with `{_worker_command(address)}`, then try again."
        )
    _check_threads(address, max(client.ncores().values()))
    _check_versions(set(versions.values()), version())
