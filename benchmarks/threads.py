"""A training with every core's thread beside four busy processes, against one with one thread, in turn.

python -m benchmarks.threads
"""

import statistics
import subprocess
import sys
import time

from rnn_core.data.corpus import Corpus
from rnn_core.data.sources import load_corpus, recommended_config
from rnn_core.machine import describe_machine
from rnn_core.nn.threads import threads_here
from rnn_core.training.trainer import Trainer

BUSY, ROUNDS, AT_MOST = 4, 3, 1.5
CONFIG = recommended_config("verdict").with_settings(reviews=8_000, epochs=1, hidden_size=64, max_length=128)


def seconds_with(threads: int, corpus: Corpus) -> float:
    """The seconds of a training in which this number of threads is set."""
    with threads_here(threads):
        trainer = Trainer(CONFIG, corpus)
        began = time.perf_counter()
        for record in trainer:
            if event := record.thread_event:
                print(f"  step {record.optimizer_step}: {event.before} threads, then {event.threads}")
        return time.perf_counter() - began


def main() -> None:
    """Print the ratio of each round, and the median."""
    corpus, cores = load_corpus(CONFIG.corpus), describe_machine().cores
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(BUSY)]
    try:
        seconds_with(1, corpus)  # the first one finds nothing prepared
        ratios = []
        for _ in range(ROUNDS):
            one, several = (seconds_with(threads, corpus) for threads in (1, cores))
            ratios.append(several / one)
            print(f"{one:.1f} s with one thread, {several:.1f} s with {cores}: {ratios[-1]:.2f}", flush=True)
        print(f"Median {statistics.median(ratios):.2f}, at most {AT_MOST}. {describe_machine()}.")
    finally:
        for process in busy:
            process.kill()


if __name__ == "__main__":
    main()
