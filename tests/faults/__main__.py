"""The fault suite: `make faults`. Prints what was tried and how often nothing was lost."""

import argparse
import multiprocessing
import random
import sys
from concurrent.futures import ProcessPoolExecutor

from rnn_core.data.sources import load_corpus
from tests.chromium import CHROMIUM
from tests.faults import faults
from tests.faults.harness import CONFIG, can_mount, train_undisturbed, with_own_cell

KILLS, OWN_KILLS, SERVER_KILLS = 20, 3, 5
LASTS = 60  # seconds, a run to be killed
AT_ONCE = 2


def main():
    """Kill, tear, fill and turn back, then compare to the bit."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**31))
    seed = parser.parse_args().seed
    print(f"seed {seed}", flush=True)
    chance = random.Random(seed)

    load_corpus(CONFIG.data)
    config, expected, seconds = _long_enough()
    print(f"undisturbed: {expected.optimizer_step:,} optimizer steps in {seconds:.0f} s", flush=True)
    small = CONFIG.with_settings(epochs=16)  # so that a browser sees the run before it ends
    small_end = train_undisturbed(small)[0]
    own = with_own_cell(small)
    own_end, own_seconds = train_undisturbed(own)
    tries = [(faults.killed_worker, config, expected, chance.uniform(0, seconds)) for _ in range(KILLS)]
    tries += [(faults.killed_worker, own, own_end, chance.uniform(0, own_seconds)) for _ in range(OWN_KILLS)]
    once = [faults.torn_checkpoint, faults.two_servers_on_one_store, faults.clock_set_back]
    left_out = []
    if can_mount():
        once.append(faults.full_disk)
    else:
        left_out.append("full disk: this user may not mount one; tests/runs/test_resume.py has a stand-in")
    tries += [(fault, small, small_end) for fault in once]
    if CHROMIUM:
        moments = [chance.uniform(0.05, 0.6) for _ in range(SERVER_KILLS)]
        tries += [(faults.killed_server, small, small_end, moment) for moment in moments]
    else:
        left_out.append("killed server: needs the command chromium")

    lost = 0
    with ProcessPoolExecutor(AT_ONCE, mp_context=multiprocessing.get_context("spawn")) as pool:
        for (fault, *_), result in [(each, pool.submit(*each)) for each in tries]:
            error = result.exception()
            lost += error is not None
            said = f"LOST  {type(error).__name__}: {error}" if error else f"ok    {result.result()}"
            print(f"{fault.__name__}: {said}", flush=True)
    for reason in left_out:
        print(f"left out  {reason}")
    print(f"{len(tries)} faults tried, {len(tries) - lost} ended with nothing lost")
    sys.exit(1 if lost else 0)


def _long_enough():
    """A configuration whose run lasts for long enough here, how it ends, and the seconds it took."""
    _, taken = train_undisturbed(CONFIG.with_settings(epochs=8))
    epochs = 8 * max(LASTS / taken, 1)
    while True:
        config = CONFIG.with_settings(epochs=round(epochs))
        expected, taken = train_undisturbed(config)
        if taken >= LASTS:
            return config, expected, taken
        epochs *= 1.3


if __name__ == "__main__":
    main()
