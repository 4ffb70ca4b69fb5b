"""Where a training computes: its precision, who takes it and where it is slower; its random generators, on
GPUs that are made up, for want of real ones.
"""

import pytest
import torch

from rnn_core.config.run import RunConfig
from rnn_core.errors import ConfigError
from rnn_core.nn import kernels
from rnn_core.nn.classifier import Classifier
from rnn_core.training import device
from rnn_core.training.checkpoint import TrainingState, load_checkpoint, save_checkpoint
from rnn_core.training.device import (
    gains_by_bfloat16,
    generator_states,
    has_instructions,
    set_generator_states,
    slower_here,
    speed_of_bfloat16,
    use_precision,
)
from rnn_core.training.estimate import estimate
from rnn_core.training.trainer import Trainer
from tests.training.made import SMALL, interrupted, without_clocks

pytestmark = pytest.mark.slow  # it measures how fast this machine is

CONFIG = RunConfig().with_settings(
    **{**SMALL, "epochs": 2}, word_dropout=0.2, weight_averaging=0.9, bidirectional=True, precision="bfloat16"
)


@pytest.fixture
def fast_bfloat16(monkeypatch):
    """A processor that gains by bfloat16, however small a product is."""
    monkeypatch.setattr(device, "has_instructions", lambda: True)
    monkeypatch.setattr(kernels, "_WORTH_IT", 0)


@pytest.fixture
def slow_bfloat16(monkeypatch):
    """A processor without instructions for it, which the stopwatch finds slower."""
    monkeypatch.setattr(device, "has_instructions", lambda: False)
    monkeypatch.setattr(device, "speed_of_bfloat16", lambda: 0.25)


@pytest.mark.usefixtures("fast_bfloat16")
@pytest.mark.parametrize("cell", ["elman", "gru", "lstm"])
def test_a_training_in_bfloat16_repeats_to_the_bit_and_is_another_than_in_float32(tiny_corpus, cell):
    config = CONFIG.with_settings(cell=cell)
    once, twice = (without_clocks(Trainer(config, tiny_corpus)) for _ in range(2))
    assert once == twice
    in_float32 = without_clocks(Trainer(config.with_settings(precision="float32"), tiny_corpus))
    losses = [[record.loss for record in records] for records in (once, in_float32)]
    assert losses[0] != losses[1]
    assert losses[0] == pytest.approx(losses[1], rel=0.02)


@pytest.mark.usefixtures("fast_bfloat16")
@pytest.mark.parametrize("settings", [{}, {"adversarial": 0.5, "reset": "after"}], ids=["plain", "pushed"])
def test_a_training_in_bfloat16_goes_on_from_its_checkpoint_to_the_same_bits(tiny_corpus, tmp_path, settings):
    config = CONFIG.with_settings(**settings)
    whole = Trainer(config, tiny_corpus)
    expected = without_clocks(whole)
    found, second = interrupted(lambda: Trainer(config, tiny_corpus), 7, tmp_path)
    assert found == expected
    for name, weights in whole.weights().items():
        assert weights.dtype == torch.float32
        assert torch.equal(weights, second.weights()[name])


@pytest.mark.usefixtures("fast_bfloat16")
def test_a_network_is_scored_in_float32_as_it_is_when_it_was_loaded(tiny_corpus):
    trainer = Trainer(CONFIG, tiny_corpus)
    list(trainer)
    ids, lengths = torch.randint(0, len(trainer.vocabulary), (4, 9)), torch.tensor([9, 7, 7, 2])
    loaded = Classifier(CONFIG.model, len(trainer.vocabulary)).eval()
    loaded.load_state_dict(trainer.learner.evaluated.state_dict())
    with torch.inference_mode():
        assert torch.equal(trainer.learner.evaluated.eval()(ids, lengths), loaded(ids, lengths))


@pytest.mark.usefixtures("slow_bfloat16")
def test_a_processor_that_is_slower_in_bfloat16_says_so_and_trains_all_the_same(tiny_corpus):
    assert slower_here("bfloat16") == (
        "Slower here: this processor multiplies 0.25 times as fast in bfloat16 as in float32."
    )
    assert slower_here("float32") == ""
    assert estimate(CONFIG, tiny_corpus).seconds > 0
    trainer = Trainer(CONFIG, tiny_corpus)
    assert len(list(trainer)) > trainer.total_steps


def test_a_stopwatch_has_no_say_on_a_processor_that_has_the_instructions(monkeypatch):
    monkeypatch.setattr(device, "speed_of_bfloat16", lambda: 0.51)  # as it was measured beside a training
    monkeypatch.setattr(device, "has_instructions", lambda: True)
    assert gains_by_bfloat16()
    assert slower_here("bfloat16") == ""


@pytest.mark.parametrize(
    ("by_torch", "by_linux", "has"),
    [
        ({"avx512_bf16": True, "l1d_cache_size": 49152}, None, True),
        ({"bf16": True, "architecture": "aarch64"}, None, True),
        ({"avx512_bf16": False, "avx2": True}, "flags : amx_bf16", False),
        (None, "flags : avx2 amx_bf16 fma", True),
        (None, "flags : avx2", False),
        (None, None, False),
    ],
)
def test_the_instructions_are_what_torch_says_or_else_linux(monkeypatch, tmp_path, by_torch, by_linux, has):
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    if by_torch is not None:
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: by_torch, raising=False)
    monkeypatch.setattr(device, "_capabilities", device._capabilities.__wrapped__)
    monkeypatch.setattr(device, "_CPU_OF_LINUX", tmp_path / "cpuinfo")
    if by_linux is not None:
        (tmp_path / "cpuinfo").write_text(by_linux)
    assert has_instructions() == has


@pytest.mark.usefixtures("fast_bfloat16")
def test_a_gpu_refuses_bfloat16_in_words():
    network = Classifier(CONFIG.model, 30)
    use_precision(network, "float32", torch.device("cuda"))
    with pytest.raises(ConfigError, match=r"float32 on a GPU, got bfloat16\. Choose float32, or the CPU"):
        use_precision(network, "bfloat16", torch.device("cuda"))


@pytest.mark.usefixtures("fast_bfloat16")
def test_an_estimate_measures_the_precision_that_is_asked_for(tiny_corpus, monkeypatch):
    multiplied = []

    class Counting(kernels.BFloat16Factor):
        def product(self, x, **more):
            multiplied.append(len(x))
            return super().product(x, **more)

    monkeypatch.setattr("rnn_core.nn.sequence.BFloat16Factor", Counting)
    estimate(CONFIG.with_settings(precision="float32"), tiny_corpus)
    assert not multiplied
    estimate(CONFIG, tiny_corpus)
    assert multiplied


@pytest.mark.parametrize(("in_float32", "in_bfloat16", "speed"), [(3, 2, 1.5), (1, 4, 0.25)])
def test_the_speed_is_that_of_the_quickest_round_in_each_precision(
    monkeypatch, in_float32, in_bfloat16, speed
):
    now, seconds = [0.0], {kernels.Factor: in_float32, kernels.BFloat16Factor: in_bfloat16}
    monkeypatch.setattr(device.time, "perf_counter", lambda: now[0])
    for factor, each in seconds.items():

        def product(self, x, each=each, **more):
            now[0] += each * (1 if now[0] > 100 else 2)  # a busy moment at first
            return x

        monkeypatch.setattr(factor, "product", product)
    assert speed_of_bfloat16.__wrapped__() == pytest.approx(speed)


def test_measuring_the_speed_leaves_the_threads_as_they_were():
    before = torch.get_num_threads()
    assert speed_of_bfloat16.__wrapped__() > 0
    assert torch.get_num_threads() == before


CPU, GPU = torch.device("cpu"), torch.device("cuda")


@pytest.fixture
def gpus(monkeypatch):
    """Two GPUs, each a generator of the processor."""
    generators = [torch.Generator().manual_seed(seed) for seed in (1, 2)]
    monkeypatch.setattr(torch.cuda, "device_count", lambda: len(generators))
    monkeypatch.setattr(torch.cuda, "get_rng_state_all", lambda: [one.get_state() for one in generators])
    monkeypatch.setattr(
        torch.cuda, "set_rng_state", lambda state, number: generators[number].set_state(state)
    )
    return generators


def drawn(generators):
    return [torch.rand(3, generator=one).tolist() for one in (None, *generators)]


def test_the_generators_of_all_gpus_go_on_from_where_a_checkpoint_kept_them(gpus, tmp_path):
    save_checkpoint(tmp_path, TrainingState(generator_states(GPU), {}))
    expected = drawn(gpus)
    assert drawn(gpus) != expected
    set_generator_states(load_checkpoint(tmp_path).tensors, GPU)
    assert drawn(gpus) == expected


def test_a_gpu_that_is_gone_and_one_that_was_not_there_cost_nothing(gpus):
    kept = generator_states(GPU)
    expected = drawn(gpus)
    gone = gpus.pop()
    set_generator_states(kept, GPU)
    assert drawn(gpus) == expected[:-1]
    gpus.append(gone)
    del kept["cuda.1"]
    set_generator_states(kept, GPU)
    assert drawn(gpus)[:-1] == expected[:-1]


def test_a_training_on_the_processor_asks_no_gpu(monkeypatch):
    def asked():
        raise AssertionError("a GPU was asked")

    monkeypatch.setattr(torch.cuda, "get_rng_state_all", asked)
    states = generator_states(CPU)
    assert list(states) == ["cpu"]
    set_generator_states(states, CPU)
