"""The fault suite: `make faults`. Prints what was tried and how often nothing was lost."""

import argparse
import multiprocessing
import random
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from rnn_core.data.sources import load_corpus
from tests.chromium import CHROMIUM
from tests.faults import faults
from tests.faults.harness import CONFIG, can_mount, train_undisturbed, with_own_cell


def main():
    """Kill, tear, fill and turn back, then compare to the bit."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--kills", type=int, default=20, help="kills of the worker")
    parser.add_argument("--own-kills", type=int, default=3, help="kills of the worker of an own cell")
    parser.add_argument("--server-kills", type=int, default=5, help="kills of the server")
    parser.add_argument("--seconds", type=float, default=60, help="how long the run to be killed lasts")
    parser.add_argument("--seed", type=int, default=None, help="of the moments; by default another each time")
    parser.add_argument("--jobs", type=int, default=2, help="runs to be killed at once")
    given = parser.parse_args()
    seed = random.SystemRandom().randrange(2**31) if given.seed is None else given.seed
    print(f"seed {seed}", flush=True)
    chance = random.Random(seed)

    load_corpus(CONFIG.data)
    config, expected, seconds = _long_enough(given.seconds)
    print(f"undisturbed: {expected.optimizer_step:,} optimizer steps in {seconds:.0f} s", flush=True)
    moments = [chance.uniform(0, seconds) for _ in range(given.kills)]
    small = CONFIG.with_settings(epochs=16)  # so that a browser sees the run before it ends
    small_end = train_undisturbed(small)[0]
    own = with_own_cell(small)
    own_end, own_seconds = train_undisturbed(own)
    tries = [
        *(("worker killed", partial(faults.killed_worker, config, expected, moment)) for moment in moments),
        *(
            ("worker of an own cell killed", partial(faults.killed_worker, own, own_end, moment))
            for moment in (chance.uniform(0, own_seconds) for _ in range(given.own_kills))
        ),
        ("torn checkpoint", partial(faults.torn_checkpoint, small, small_end)),
        ("two servers", partial(faults.two_servers_on_one_store, small, small_end)),
        ("clock set back", partial(faults.clock_set_back, small, small_end)),
    ]
    left_out = []
    if can_mount():
        tries.append(("full disk", partial(faults.full_disk, small, small_end)))
    else:
        left_out.append("full disk: this user may not mount one; tests/runs/test_resume.py has a stand-in")
    if CHROMIUM:
        tries += [
            ("server killed", partial(faults.killed_server, small, small_end, chance.uniform(0.05, 0.6)))
            for _ in range(given.server_kills)
        ]
    else:
        left_out.append("server killed: needs the command chromium")

    lost = 0
    for what, said, is_lost in _try_all(tries, given.jobs):
        lost += is_lost
        print(f"{'LOST' if is_lost else 'ok  '}  {what}: {said}", flush=True)
    for reason in left_out:
        print(f"left out  {reason}")
    print(f"{len(tries)} faults tried, {len(tries) - lost} ended with nothing lost")
    sys.exit(1 if lost else 0)


def _long_enough(seconds):
    """A configuration whose run lasts at least so long here, how it ends, and the seconds it took."""
    _, taken = train_undisturbed(CONFIG.with_settings(epochs=8))
    epochs = 8 * max(seconds / taken, 1)
    while True:
        config = CONFIG.with_settings(epochs=round(epochs))
        expected, taken = train_undisturbed(config)
        if taken >= seconds:
            return config, expected, taken
        epochs *= 1.3


def _try_all(tries, jobs):
    """Yields each fault, what came of it, and true if something was lost."""
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        began = [(what, pool.submit(act)) for what, act in tries]
        for what, result in began:
            try:
                yield what, result.result(), False
            except Exception as error:  # said, and counted as a loss
                yield what, f"{type(error).__name__}: {error}", True


if __name__ == "__main__":
    main()
