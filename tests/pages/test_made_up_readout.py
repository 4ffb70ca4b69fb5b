"""A readout outside of the registry: its class and its declaration are all that the app needs to use it."""

import json

import numpy as np
import pytest
import torch

from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.readouts import READOUTS, ReadoutDeclaration
from rnn_core.config.run import RunConfig
from rnn_core.errors import ConfigError
from rnn_core.inspection.attribution import attribute
from rnn_core.inspection.clamps import hold, parse_clamps
from rnn_core.inspection.occlusion import occlusion
from rnn_core.inspection.trace import trace
from rnn_core.inspection.what_if import padding_lab
from rnn_core.models.model import Model
from rnn_core.nn.readouts import Readout
from rnn_core.runs.publish import publish
from rnn_core.runs.store import Store
from rnn_core.runs.worker import run_in_foreground
from tests.inspection import test_layer_heads, test_occlusion, test_trace
from tests.inspection.made import make_model
from tests.pages.elements import as_written
from tests.pages.everywhere import TEXT, call_all, open_all


class First(Readout):
    """The first state."""

    def pool(self, hs, packed):
        return hs[: len(packed.last)]

    def go_on(self, before, h, t):
        return before if t else (h,)


class Fading(Readout):
    """A sum of the states in which each unit forgets at a rate of its own, which is learned."""

    def __init__(self, width, hidden_size):
        super().__init__(width, hidden_size)
        self.rate = torch.nn.Parameter(torch.linspace(-1, 1, width))

    mixes_units = True  # its weights are as many as both directions have units

    def pool(self, hs, packed):
        ages = (packed.lengths[packed.rows] - 1 - packed.times).unsqueeze(1)  # (N, 1)
        return packed.sum(hs * self.rate.sigmoid() ** ages)

    def go_on(self, before, h, t):
        return (before[0] * self.rate.sigmoid() + h if t else h,)


@pytest.fixture(params=[First, Fading], ids=["first", "fading"], autouse=True)
def readout(request):
    """The name of a readout that is registered for one test."""
    name = request.param.__name__.lower()
    words = {"reads": f"the {name} state", "choice": f"the {name} one", "of_states": name}
    READOUTS.register(name, ReadoutDeclaration(made_by=request.param, **words))
    yield name
    READOUTS.remove(name)


@pytest.fixture
def trained(readout, with_own_corpus):
    """A network with two layers, called "made-up": a run that was trained for a moment and published."""
    sizes = {"layers": 2, "hidden_size": 5, "embedding_size": 3, "max_length": 12, "vocab_size": 50}
    lessons = {"reviews": 60, "epochs": 2, "batch_size": 16}
    config = RunConfig(data="verdict").with_settings(readout=readout, **sizes, **lessons)
    store = Store()
    run = store.create(config, foreground=True)
    list(run_in_foreground(store, run.id, print))
    return publish(store, run.id, "made-up", "It knows fifty words.")


def test_an_unknown_one_is_refused_wherever_a_name_is_looked_up(readout):
    known = f"Readout must be one of last, mean, max, attention, {readout}, got"
    with pytest.raises(ConfigError, match=known):
        ModelConfig(readout="middle")
    with pytest.raises(ConfigError, match="There is no readout called 'middle'"):
        READOUTS["middle"]
    assert f"the {readout} one" in ModelConfig.settings()["readout"].help


@pytest.mark.parametrize(
    "settings", [{}, {"bidirectional": True}, {"layers": 2}, {"skip_padding": False}], ids=str
)
def test_each_verdict_contribution_and_gradient_is_that_of_reading_with_it(readout, settings):
    model = make_model(seed=3, readout=readout, max_length=14, **settings)
    test_trace.check_prefixes(model)
    read = trace(model, TEXT)
    np.testing.assert_allclose(occlusion(model, read), test_occlusion.by_hand(model, read), atol=1e-6)
    found = attribute(model, read)
    assert found.attention is None
    passed_on = np.flatnonzero(found.direct.any(axis=1)).tolist()
    assert passed_on == ([0] if readout == "first" else list(range(len(read.logits))))
    assert hold(model, read, parse_clamps("z=0")).after.logits.shape == read.logits.shape
    assert len(padding_lab(model, TEXT)) == 8


def test_it_learns_and_comes_back_from_disk_with_its_weights_and_a_card(readout, trained):
    assert f"--readout {readout}" in (trained / "README.md").read_text(encoding="utf-8")
    model = Model.load(trained)
    weights = [name for name in model.classifier.state_dict() if name.startswith(readout)]
    assert weights == (["fading.rate"] if readout == "fading" else [])
    if weights:
        assert not torch.equal(model.classifier.readout.rate, torch.linspace(-1, 1, 5))


def test_the_heads_of_lower_layers_read_as_it_does_unless_it_has_weights(readout, tiny_corpus):
    model = make_model(seed=3, readout=readout, layers=2, hidden_size=5)
    heads = test_layer_heads.fitted(model, tiny_corpus)
    assert heads.readout == ("mean" if readout == "fading" else "first")


def test_every_page_and_panel_opens_with_it(open_app, readout, trained, with_own_corpus, make_model):
    make_model("other")
    _, read = open_all(open_app, "made-up", "readout", readout)
    assert f"the {readout} state" in as_written(read)


def test_every_command_takes_it(readout, trained, with_own_corpus, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call_all("made-up")
    assert json.loads((tmp_path / "a.json").read_text())["about"]["config"]["model"]["readout"] == readout
