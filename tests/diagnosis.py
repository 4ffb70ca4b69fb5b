"""`make diagnosis`: every failure, its cure and every healthy training, on seeds that nothing was set on."""

import argparse
import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor

import torch

from rnn_core.config.presets import FAILURES
from rnn_core.data.sources import load_corpus
from tests.training.diagnosed import HEALTHY, KIND_OF, train_and_judge


def main():
    """Train, judge, cure and train again; the exit code is 1 where a diagnosis was wrong."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[101, 102, 103])
    parser.add_argument("--jobs", type=int, default=max(1, (os.cpu_count() or 1) - 1))
    parser.add_argument("--only", nargs="+", choices=_JUDGES, default=[*_JUDGES])
    given = parser.parse_args()
    load_corpus("verdict")
    context, verdicts = multiprocessing.get_context("spawn"), []
    with ProcessPoolExecutor(given.jobs, context, torch.set_num_threads, (1,)) as pool:
        jobs = {
            f"{name}, seed {seed}": pool.submit(_JUDGES[name], name, seed)
            for name in given.only
            for seed in given.seeds
        }
        for what, job in jobs.items():
            is_right, said = job.result()
            print(f"{'ok   ' if is_right else 'WRONG'}  {what}: {said}", flush=True)
            verdicts.append(is_right)
    print(f"{len(verdicts)} judged, {sum(verdicts)} rightly")
    sys.exit(0 if all(verdicts) else 1)


def _failed_and_cured(name, seed):
    config = FAILURES[name].config.with_settings(seed=seed)
    judged = train_and_judge(config)
    if [found.kind for found in judged.at_the_end] != [KIND_OF[name]]:
        return False, f"named {_kinds(judged)}"
    [found] = judged.at_the_end
    cured = train_and_judge(config.with_settings(**found.cure))
    said = f"named {found.kind}; with {dict(found.cure)} {judged.accuracy:.1%} became {cured.accuracy:.1%}"
    if cured.at_the_end:
        said += f", but then {_kinds(cured)}"
    return not cured.at_the_end and cured.accuracy > judged.accuracy + 0.02, said


def _healthy(name, seed):
    judged = train_and_judge(HEALTHY[name].with_settings(seed=seed))
    return not judged.ever, f"{judged.accuracy:.1%}, named {', '.join(sorted(judged.ever)) or 'nothing'}"


def _kinds(judged):
    return ", ".join(found.kind for found in judged.at_the_end) or "nothing"


_JUDGES = dict.fromkeys(FAILURES, _failed_and_cured) | dict.fromkeys(HEALTHY, _healthy)

if __name__ == "__main__":
    main()
