"""The random generators that a checkpoint keeps: on GPUs that are made up, for want of real ones."""

import pytest
import torch

from rnn_core.training.checkpoint import TrainingState, load_checkpoint, save_checkpoint
from rnn_core.training.device import generator_states, set_generator_states

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
