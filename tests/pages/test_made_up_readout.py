"""Readouts outside of the registry: a class and a declaration are all that it takes to read with one.

`test_made_up.py` opens every page, panel and command with both; here are their numbers.
"""

from functools import partial

import numpy as np
import pytest
import torch

from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.readouts import READOUTS, ReadoutDeclaration
from rnn_core.errors import ConfigError
from rnn_core.inspection.attribution import attribute, occlusion
from rnn_core.inspection.clamps import hold, parse_clamps
from rnn_core.inspection.layer_heads import fit_heads
from rnn_core.inspection.trace import trace
from rnn_core.inspection.what_if import padding_lab
from rnn_core.models.model import Model
from rnn_core.nn.readouts import Readout
from rnn_core.progress import finish
from rnn_core.runs.publish import publish
from rnn_core.runs.store import Store
from rnn_core.tasks.classes import log_odds
from rnn_core.text.vocabulary import UNK_ID
from tests.inspection.made import make_model
from tests.pages.everywhere import TEXT, MadeUp, registered
from tests.runs.workers import trained


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


def made_up(name, made_by):
    words = {"reads": f"the {name} state", "choice": f"the {name} one", "of_states": name}
    declared = ReadoutDeclaration(made_by=made_by, **words)
    return MadeUp(
        setting="readout",
        name=name,
        registered=partial(registered, READOUTS, name, declared),
        said={"read": f"the {name} state"},
        more={"layers": 2},
    )


MEMBERS = {"a readout": made_up("first", First), "a readout with weights": made_up("fading", Fading)}


@pytest.fixture(params=MEMBERS.values(), ids=MEMBERS, autouse=True)
def member(request):
    """A readout that is registered for one test."""
    with request.param.registered():
        yield request.param


def test_it_is_one_of_the_choices(member):
    known = f"Readout must be one of last, mean, max, attention, {member.name}, got"
    with pytest.raises(ConfigError, match=known):
        ModelConfig(readout="middle")
    assert f"the {member.name} one" in ModelConfig.settings()["readout"].help


@pytest.mark.parametrize(
    "settings", [{}, {"bidirectional": True}, {"layers": 2}, {"skip_padding": False}], ids=str
)
def test_each_instrument_reads_with_it(member, settings):
    """Verdicts, contributions and gradients are those of reading with it, by a second way."""
    model = make_model(seed=3, readout=member.name, max_length=14, **settings)
    read = trace(model, TEXT)
    ids = read.review.ids

    def logit(ids):
        return log_odds(model.classifier(torch.tensor([ids]), torch.tensor([len(ids)])), 1).item()

    np.testing.assert_allclose(read.logits, [logit(ids[:t]) for t in range(1, len(ids) + 1)], atol=1e-5)
    without = [logit([*ids[:t], UNK_ID, *ids[t + 1 :]]) for t in range(len(ids))]
    changes = np.where(np.array(ids) > UNK_ID, logit(ids) - np.array(without), 0)
    np.testing.assert_allclose(occlusion(model, read), changes, atol=1e-6)
    found = attribute(model, read)
    assert found.attention is None
    passed_on = np.flatnonzero(found.direct.any(axis=1)).tolist()
    assert passed_on == ([0] if member.name == "first" else list(range(len(read.logits))))
    assert hold(model, read, parse_clamps("z=0")).after.logits.shape == read.logits.shape
    assert len(padding_lab(model, TEXT, 1, 1)) == 8


def test_it_learns_and_is_published_with_its_weights(member, small_verdict_cache, monkeypatch):
    monkeypatch.setenv("GATESCOPE_CACHE", str(small_verdict_cache))
    store = Store()
    published = publish(store, trained(store, member.config).id, "made-up", "It knows fifty words.")
    assert f"--readout {member.name}" in (published / "README.md").read_text(encoding="utf-8")
    model = Model.load(published)
    weights = [name for name in model.classifier.state_dict() if name.startswith(member.name)]
    assert weights == (["fading.rate"] if member.name == "fading" else [])
    if weights:
        assert not torch.equal(model.classifier.readout.rate, torch.linspace(-1, 1, 2))


def test_heads_of_lower_layers_read_as_it_does(member, tiny_corpus):
    """Unless it has weights."""
    model = make_model(seed=3, readout=member.name, layers=2, hidden_size=5)
    heads = finish(fit_heads(model, tiny_corpus))
    assert heads.readout == ("mean" if member.name == "fading" else "first")
