"""The estimate of how long a training will take, from steps that are measured."""

import pytest
import torch

from rnn_core.config.run import RunConfig
from rnn_core.nn import kernels
from rnn_core.nn.classifier import count_parameters
from rnn_core.training import device
from rnn_core.training import estimate as estimates
from rnn_core.training.estimate import estimate
from tests.training.made import SMALL, small_trainer

pytestmark = pytest.mark.slow  # it measures how fast this machine is

CONFIG = RunConfig().with_settings(**SMALL)


MORE = {"snippets": 100, "composed": 70, "excerpts": 0.5, "batch_size": 16, "threads": 3}


@pytest.mark.parametrize("more", [{}, MORE], ids=["plain", "with parts and sentences"])
def test_parameters_steps_and_seconds_are_estimated(tiny_corpus, monkeypatch, more):
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    before, trainer = torch.get_num_threads(), small_trainer(tiny_corpus, **more)
    guess = estimate(trainer.config, tiny_corpus)
    assert guess.optimizer_steps == trainer.total_steps
    assert guess.parameters == count_parameters(trainer.config.model, len(trainer.vocabulary))
    assert guess.seconds > 0
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("windows", ["first", "all", "carried"])
def test_steps_of_windows_are_counted(tiny_corpus, monkeypatch, windows):
    """Optimizer steps, and each token that is learned from or scored."""
    settings = {"windows": windows, "max_length": 5, "truncation": "post", "evaluations_per_epoch": 2}
    trainer = small_trainer(tiny_corpus, task="next-token", **settings)
    one = estimates._Seconds
    monkeypatch.setattr(estimates, "_measure", lambda *_: (one(12 * 8, 12 * 8), one(48 * 8, 48 * 8), 0.0))
    steps = list(trainer)
    guess = estimate(trainer.config, tiny_corpus)
    assert guess.optimizer_steps == trainer.total_steps == trainer.optimizer_step
    texts = (trainer.training, trainer.validation, trainer.test)
    learned, validated, tested = (int((some.lengths() - 1).sum()) for some in texts)
    assert guess.seconds == pytest.approx(3 * learned + 6 * validated + tested)
    assert steps[-1].seconds_left == pytest.approx(trainer.clock.scoring_seconds, rel=0.5)
    whole = tiny_corpus.lengths()[60:] + 1
    assert tested == (whole.clip(max=5) if windows == "first" else whole).sum()


@pytest.fixture
def seconds_of(tiny_corpus, monkeypatch):
    """Seconds, where a token takes 1 to learn from and 0.25 to read, and a look 48 a time step."""
    one, threads = estimates._Seconds, []

    def measured(config, vocab_size, rows):
        threads.append(torch.get_num_threads())
        return one(12 * rows, 3 * rows), one(48 * rows, 12 * rows), 48.0 * 48

    monkeypatch.setattr(estimates, "_measure", measured)
    monkeypatch.setattr("os.cpu_count", lambda: 8)

    def seconds(share=1.0, **settings):
        monkeypatch.setattr(estimates, "share_of_a_core", lambda: share)
        config = CONFIG.with_settings(**{"evaluations_per_epoch": 1, "threads": 3, **settings})
        found = estimate(config, tiny_corpus).seconds
        assert threads.pop() == 3
        return found

    return seconds


def test_an_estimate_counts_all_that_is_read(tiny_corpus, seconds_of):
    """Training, evaluations, looks inside and the scoring of test texts, more where a core is shared."""
    settings = {"epochs": 2, "skip_padding": False, "max_length": 10, "batch_size": 9}
    trainer = small_trainer(tiny_corpus, **settings)
    assert (len(trainer.training), len(trainer.validation), len(trainer.test)) == (54, 6, 20)
    for asked, evaluations in ((1, 2), (50, 2 * 6)):  # no more than one after each step
        learned, read, looks = 2 * 54 * 10, evaluations * 6 * 10 + 20 * 10, evaluations * 10 * 48
        found = seconds_of(evaluations_per_epoch=asked, **settings)
        assert found == pytest.approx(learned + read / 4 + looks)
    assert seconds_of(share=0.25, **settings) == pytest.approx(4 * seconds_of(**settings))


def test_each_teacher_adds_a_forward_pass(seconds_of):
    """Its pass takes a quarter of the time to learn; evaluations stay."""
    settings = {"epochs": 2, "skip_padding": False, "max_length": 10, "batch_size": 9}
    alone, of_one, of_three = (seconds_of(teachers=names, **settings) for names in ("", "a", "a+b+c"))
    assert of_one - alone == pytest.approx(2 * 54 * 10 / 4)
    assert of_three - alone == pytest.approx(3 * (of_one - alone))


def test_an_estimate_measures_the_precision_asked_for(tiny_corpus, monkeypatch):
    multiplied = []

    class Counting(kernels.BFloat16Factor):
        def product(self, x, **more):
            multiplied.append(len(x))
            return super().product(x, **more)

    monkeypatch.setattr(device, "has_instructions", lambda: True)
    monkeypatch.setattr("rnn_core.nn.sequence.BFloat16Factor", Counting)
    for precision in ("float32", "bfloat16"):
        estimate(CONFIG.with_settings(precision=precision), tiny_corpus)
        assert bool(multiplied) == (precision == "bfloat16")
