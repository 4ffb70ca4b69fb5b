"""Where a training computes: its precision, where that is slower, its threads, chosen by timing, its random
generators, on GPUs that are made up, for want of real ones.
"""

import itertools

import pytest
import torch

from rnn_core.config.run import RunConfig
from rnn_core.errors import ConfigError
from rnn_core.nn import kernels
from rnn_core.nn.classifier import Classifier
from rnn_core.training import device
from rnn_core.training.checkpoint import TrainingState, load_checkpoint, save_checkpoint
from rnn_core.training.device import Threads
from rnn_core.training.records import Record, ThreadEvent
from rnn_core.training.trainer import Trainer
from tests.refusals import refusals
from tests.training.made import SMALL, have_same_weights, interrupted, without_clocks

CONFIG = RunConfig().with_settings(
    **{**SMALL, "epochs": 2}, word_dropout=0.2, weight_averaging=0.9, bidirectional=True, precision="bfloat16"
)
CPU, GPU = torch.device("cpu"), torch.device("cuda")


@pytest.fixture
def fast_bfloat16(monkeypatch):
    """A processor that gains by bfloat16, however small a product is."""
    monkeypatch.setattr(device, "has_instructions", lambda: True)
    monkeypatch.setattr(kernels, "_WORTH_IT", 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings", [{"cell": "elman"}, {"cell": "lstm"}, {"adversarial": 0.5, "reset": "after"}], ids=str
)
def test_bfloat16_repeats_also_from_a_checkpoint(tiny_corpus, fast_bfloat16, tmp_path, settings):
    """Repeats to the bit, is close to float32, and is scored in float32 as when loaded."""
    config = CONFIG.with_settings(**settings)
    whole = Trainer(config, tiny_corpus)
    expected = without_clocks(whole)
    found, second = interrupted(lambda: Trainer(config, tiny_corpus), 7, tmp_path)
    assert found == expected
    assert have_same_weights(whole, second)
    assert {weights.dtype for weights in whole.weights().values()} == {torch.float32}
    in_float32 = without_clocks(Trainer(config.with_settings(precision="float32"), tiny_corpus))
    losses = [[record.loss for record in records] for records in (expected, in_float32)]
    assert losses[0] != losses[1]
    assert losses[0] == pytest.approx(losses[1], rel=0.02)

    ids, lengths = torch.randint(0, len(whole.vocabulary), (4, 9)), torch.tensor([9, 7, 7, 2])
    loaded = Classifier(config.model, len(whole.vocabulary)).eval()
    loaded.load_state_dict(whole.learner.evaluated.state_dict())
    with torch.inference_mode():
        assert torch.equal(whole.learner.evaluated.eval()(ids, lengths), loaded(ids, lengths))


@pytest.mark.parametrize(("has", "speed"), [(True, 0.51), (False, 0.99), (False, 1.0)])
def test_a_stopwatch_decides_only_without_instructions(monkeypatch, has, speed):
    """0.51 was measured beside a training."""
    gains = has or speed == 1
    monkeypatch.setattr(device, "has_instructions", lambda: has)
    monkeypatch.setattr(device, "speed_of_bfloat16", lambda: speed)
    assert device.gains_by_bfloat16() is gains
    said = f"Slower here: this processor multiplies {speed} times as fast in bfloat16 as in float32."
    assert (device.slower_here("bfloat16"), device.slower_here("float32")) == ("" if gains else said, "")


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
def test_instructions_are_asked_of_torch_or_else_linux(monkeypatch, tmp_path, by_torch, by_linux, has):
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    if by_torch is not None:
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: by_torch, raising=False)
    monkeypatch.setattr(device, "_capabilities", device._capabilities.__wrapped__)
    monkeypatch.setattr(device, "_CPU_OF_LINUX", tmp_path / "cpuinfo")
    if by_linux is not None:
        (tmp_path / "cpuinfo").write_text(by_linux)
    assert device.has_instructions() == has


@pytest.mark.parametrize(("in_float32", "in_bfloat16", "speed"), [(3, 2, 1.5), (1, 4, 0.25)])
def test_the_speed_is_that_of_the_quickest_rounds(monkeypatch, in_float32, in_bfloat16, speed):
    now, before = [0.0], torch.get_num_threads()
    monkeypatch.setattr(device.time, "perf_counter", lambda: now[0])
    for factor, each in {kernels.Factor: in_float32, kernels.BFloat16Factor: in_bfloat16}.items():

        def product(self, x, each=each, **more):
            now[0] += each * (1 if now[0] > 100 else 2)  # a busy moment at first
            return x

        monkeypatch.setattr(factor, "product", product)
    assert device.speed_of_bfloat16.__wrapped__() == pytest.approx(speed)
    assert torch.get_num_threads() == before


def multiply_in_bfloat16_on_a_gpu():
    for precision in ("float32", "bfloat16"):
        device.use_precision(Classifier(CONFIG.model, 30), precision, GPU)


def choose_a_gpu_that_is_not_there(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert device.choose_device("auto") == device.choose_device("cpu") == CPU
    device.choose_device("cuda")


test_what_a_gpu_can_not_is_refused = refusals(
    ConfigError,
    {
        "bfloat16": (
            multiply_in_bfloat16_on_a_gpu,
            "float32 on a GPU, got bfloat16. Choose float32, or the CPU",
        ),
        "it is not there": (choose_a_gpu_that_is_not_there, "no CUDA GPU"),
    },
)


@pytest.fixture
def gpus(monkeypatch):
    """Two GPUs, each a generator of the processor."""
    generators = [torch.Generator().manual_seed(seed) for seed in (1, 2)]
    monkeypatch.setattr(torch.cuda, "device_count", lambda: len(generators))
    monkeypatch.setattr(torch.cuda, "get_rng_state_all", lambda: [one.get_state() for one in generators])
    monkeypatch.setattr(torch.cuda, "set_rng_state", lambda state, at: generators[at].set_state(state))
    return generators


def drawn(generators):
    return [torch.rand(3, generator=one).tolist() for one in (None, *generators)]


def test_generators_of_gpus_go_on_from_a_checkpoint(gpus, tmp_path):
    save_checkpoint(tmp_path, TrainingState(device.generator_states(GPU), {}))
    expected = drawn(gpus)
    assert drawn(gpus) != expected
    device.set_generators(load_checkpoint(tmp_path).tensors, GPU)
    assert drawn(gpus) == expected


def test_a_gpu_that_is_gone_or_new_costs_nothing(gpus):
    kept = device.generator_states(GPU)
    expected = drawn(gpus)
    gone = gpus.pop()
    device.set_generators(kept, GPU)
    assert drawn(gpus) == expected[:-1]
    gpus.append(gone)
    del kept["cuda.1"]
    device.set_generators(kept, GPU)
    assert drawn(gpus)[:-1] == expected[:-1]


def test_a_training_on_the_processor_asks_no_gpu(monkeypatch):
    monkeypatch.delattr(torch.cuda, "get_rng_state_all")
    monkeypatch.delattr(torch.cuda, "device_count")
    states = device.generator_states(CPU)
    assert list(states) == ["cpu"]
    device.set_generators(states, CPU)


class Machine:
    """A clock that goes on by so many seconds each time it is read, by the number of threads."""

    def __init__(self, one, two):
        self.now, self.takes = 0.0, {1: one, 2: two}

    def perf_counter(self):
        self.now += self.takes[torch.get_num_threads()]
        return self.now


@pytest.fixture
def machine(monkeypatch):
    """A clock of two threads that are not slower, and torch with as many."""
    machine = Machine(1.0, 0.7)
    monkeypatch.setattr(device, "time", machine)
    torch.set_num_threads(2)
    yield machine
    torch.set_num_threads(1)


def chosen(machine, steps, per_epoch=1_000, change=lambda step: None, **more):
    """The changes of a training of so many steps on this machine."""
    numbers, events = Threads(**{"keep": False, **more}), {}
    for step in range(1, steps + 1):
        change(step)
        if event := numbers.choose(step, (step - 1) / per_epoch, lambda: None):
            events[step] = event
        numbers.note(machine.takes[numbers.number], 10)
    return events


@pytest.mark.parametrize(("one", "two", "number"), [(1, 0.7, 2), (1, 1.1, 2), (1, 1.3, 1), (1, 50, 1)])
def test_several_threads_stay_unless_clearly_slower(machine, one, two, number):
    machine.takes = {1: one, 2: two}
    assert chosen(machine, 30, keep=True) == {}  # an exact number is never timed
    events = chosen(machine, 3)
    assert events == ({} if number == 2 else {1: ThreadEvent(0.0, 2, 1)})
    assert torch.get_num_threads() == number


@pytest.mark.parametrize(("now", "is_timed"), [({1: 4.0, 2: 40.0}, True), ({1: 0.1, 2: 1.0}, False)])
def test_steps_twice_as_slow_are_timed_again(machine, now, is_timed):
    def get_busy(step):
        if step == 20:
            machine.takes = now

    events = chosen(machine, 40, change=get_busy)
    assert len(events) == is_timed
    for step, event in events.items():
        assert 20 < step <= 26
        assert event == ThreadEvent((step - 1) / 1_000, 2, 1)


def test_an_epoch_begins_with_the_faster_number(machine):
    machine.takes = {1: 1.0, 2: 9.0}

    def get_quiet(step):
        if step == 150:
            machine.takes = {1: 1.0, 2: 0.7}

    events = chosen(machine, 300, per_epoch=200, change=get_quiet)
    assert events == {1: ThreadEvent(0.0, 2, 1), 201: ThreadEvent(1.0, 1, 2)}


def test_one_round_that_is_slow_decides_nothing(machine):
    calls = itertools.count()
    usual = machine.perf_counter

    def perf_counter():
        """The end of the first rehearsal with two threads comes late, as beside a moment of other work."""
        machine.now += 50.0 * (next(calls) == 3)
        return usual()

    machine.perf_counter = perf_counter
    assert chosen(machine, 3) == {}


def test_changes_are_repeated_and_none_is_timed_before(machine):
    machine.takes = {1: 1.0, 2: 50.0}
    numbers = Threads(keep=False)
    numbers.repeat({2: 1, 4: 2}, until=6)
    seen = [numbers.choose(step, step / 10, lambda: None) for step in range(1, 8)]
    assert [event and event.threads for event in seen] == [None, 1, None, 2, None, None, 1]


TIMED = RunConfig().with_settings(**{**SMALL, "epochs": 1}, word_dropout=0.2, adversarial=0.1)


@pytest.mark.slow
def test_timing_alone_changes_no_bit(tiny_corpus, machine):
    timed, exact = (Trainer(TIMED.with_settings(exact=exact), tiny_corpus) for exact in (False, True))
    assert without_clocks(timed) == without_clocks(exact)
    assert have_same_weights(timed, exact)


@pytest.mark.slow
def test_a_change_is_recorded_and_kept_by_a_checkpoint(tiny_corpus, machine, monkeypatch, tmp_path):
    monkeypatch.setattr(Threads, "_faster", lambda numbers, rehearse: 1)
    records, second = interrupted(lambda: Trainer(TIMED, tiny_corpus), 4, tmp_path)
    [event] = [record.thread_event for record in records if record.thread_event]
    assert event == ThreadEvent(0.0, 2, 1)
    assert Record(**records[0].to_dict() | {"thread_event": event}) == records[0]
    assert (second.threads.number, torch.get_num_threads()) == (1, 2)
