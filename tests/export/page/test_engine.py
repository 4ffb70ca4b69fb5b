"""The page reads and computes what Python does with the same stored weights: in Chromium, in one page load.

What is asked are the modules as the builder puts them into one script.
"""

import itertools
import json
from random import Random
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from rnn_core.export import html
from rnn_core.export.bundle import bundle
from rnn_core.export.html import network_data
from rnn_core.export.stored import STORAGES, store
from rnn_core.export.unicode_ranges import ranges_for
from rnn_core.inspection.clamps import Clamp, holdable, parse_clamps, read_clamped
from rnn_core.inspection.trace import moves_of, norms, trace, turns_of
from rnn_core.models.model import Model
from rnn_core.tasks.classes import log_odds_of, probabilities_of_classes
from tests.export.page.conftest import PROJECT
from tests.export.page.networks import FACTORS, cover, go_together, make_network, text_for

TOLERANCE = 1e-4
EDGES = {
    "minlstm": ["f=0", "i=0", "f=0 i=0", "f=1 i=1", "f=0@3 i=1@3"],
    "slstm": ["f=0", "f=1", "o=0", "o=1 f=0@2:5", "d=0", "d=0@4:6", "m=0"],
    "rglru": ["r=0", "r=1", "a=0", "a=1", "a=1@2:5 i=1"],
    "gru": ["z=0", "z=1", "r=0", "z=0@3:6#1,3-4 n=1"],
    "lstm": ["f=1 i=0", "o=0", "c=3@4"],
}
"""What is held at the ends of the gates, by cell; the text is as long as each of them asks."""


@pytest.fixture(scope="module")
def cases():
    return cover(FACTORS)


@pytest.fixture(autouse=True)
def no_examples(monkeypatch):
    """Nothing here needs them, and those of a language are searched for."""
    monkeypatch.setattr(html, "_examples", lambda model: [])


def stored(model, storage):
    """The model with its weights as the page reads them, and what the page is given."""
    classifier, tensors = store(model.classifier, STORAGES[storage])
    rounded = Model(name="made", config=model.config, vocabulary=model.vocabulary, classifier=classifier)
    data = network_data(rounded, SimpleNamespace(name=storage, sentence="", tensors=tensors))
    return rounded, {**data, "unicode": ranges_for(model.config.tokens)}


def drawn_clamps(before, draw):
    """A few clamps of a trace: any quantity, at any value it can have, some time, in some units."""
    T, H = before.arrays["h"].shape
    clamps = []
    for _ in range(draw.randint(1, 3)):
        symbol = draw.choice(holdable(before.declared))
        low, high = symbol.bounds or (-2.0, 2.0)
        first = draw.randrange(T)
        clamps.append(
            Clamp(
                letter=symbol.letter,
                value=draw.choice([low, min(high, 2.0), draw.uniform(low, min(high, 2.0))]),
                first=first,
                last=draw.choice([None, first, draw.randrange(first, T)]),
                units=draw.choice([None, tuple(sorted(draw.sample(range(H), draw.randint(1, H))))]),
            )
        )
    return clamps


def asked_of(model, before, clamps=()):
    """What the page is asked, to compute what this trace of a model says."""
    names = ("letter", "value", "first", "last", "units")
    holds = [{name: getattr(clamp, name) for name in names} for clamp in clamps]
    return {"text": text_for(model), "layer": before.layer, "holds": holds}


def readings_of(model, draw, edges=()):
    """(what is asked, the trace that says it): each layer, then with something held."""
    layers = range(1, model.config.model.layers + 1)
    plain = [trace(model, text_for(model), 0, layer) for layer in layers]
    readings = [(asked_of(model, before), before) for before in plain]
    before = draw.choice(plain)
    for clamps in (drawn_clamps(before, draw), *map(parse_clamps, edges)):
        readings.append((asked_of(model, before, clamps), read_clamped(model, before, clamps)))
    return readings


@pytest.fixture(scope="module")
def page(module_page):
    """A page with the functions of network_of.js and all modules that these need, in one script."""
    source = (PROJECT / "tests/export/page/network_of.js").read_text("utf-8")
    source = source.replace("../../../rnn_core/export/page/", "./")
    entry = f"{source}\nglobalThis.tested = {{ computed, said }}"
    module_page.add_script_tag(content=bundle("entry.js", {"entry.js": entry}))
    return module_page


@pytest.fixture(scope="module")
def compute(page):
    def compute(networks):
        """What the page computes: of each (data, readings) a list."""
        asked = [(data, [asked for asked, _ in readings]) for data, readings in networks]
        each = "JSON.parse(asked).map(([data, readings]) => tested.computed(data, readings))"
        return json.loads(page.evaluate(f"(asked) => JSON.stringify({each})", json.dumps(asked)))

    return compute


def assert_alike(found, said, what):
    """Logits and every quantity, to TOLERANCE of themselves, and of 1 where they are smaller."""
    assert found["ids"] == [*said.review.ids], what
    assert found["arrays"].keys() == said.arrays.keys(), what
    pairs = {letter: (found["arrays"][letter], values) for letter, values in said.arrays.items()}
    pairs |= {"answers": (found["answers"], said.answers), "last": (found["last"], said.answers[-1])}
    for name, (ours, theirs) in pairs.items():
        theirs = theirs.ravel().astype(np.float64)
        off = np.abs(np.array(ours, np.float64) - theirs) / np.maximum(1, np.abs(theirs))
        assert np.isfinite(off).all(), (name, what)
        assert off.max() <= TOLERANCE, (name, off.max(), what)


def test_the_page_computes_what_python_does(compute, cases):
    assert len(cases) <= 64
    draw, networks = Random(1), []
    for seed, case in enumerate(cases):
        model, data = stored(make_network(case, seed), case["storage"])
        networks.append((data, readings_of(model, draw)))
    found = compute(networks)
    assert len(found) == len(cases)
    for case, (_, readings), ours in zip(cases, networks, found, strict=True):
        for (asked, said), one in zip(readings, ours, strict=True):
            assert_alike(one, said, (case, asked["layer"], asked["holds"]))


def test_each_pair_of_settings_that_go_together_is_in_a_case(cases):
    there = {frozenset(pair) for case in cases for pair in itertools.combinations(case.items(), 2)}
    for first, second in itertools.combinations(FACTORS, 2):
        for pair in itertools.product(
            ((first, value) for value in FACTORS[first]), ((second, value) for value in FACTORS[second])
        ):
            assert frozenset(pair) in there or not go_together(*pair)
    assert all(go_together(*pair) for case in cases for pair in itertools.combinations(case.items(), 2))


PLAIN = {
    "asked": "one logit", "readout": "last", "input": "embedding", "bigrams": 0, "counted_bigrams": 0,
    "bidirectional": False, "layers": 1, "text": "words", "storage": "float32",
}  # fmt: skip


def test_gates_that_are_held_at_their_ends_are_held_so_on_the_page(compute):
    networks = []
    for cell, edges in EDGES.items():
        model, data = stored(make_network({**PLAIN, "cell": cell}), "float32")
        networks.append((data, readings_of(model, Random(2), edges)))
    for cell, (_, readings), ours in zip(EDGES, networks, compute(networks), strict=True):
        for (asked, said), one in zip(readings, ours, strict=True):
            assert_alike(one, said, (cell, asked["holds"]))


@pytest.mark.parametrize("cell", ["minlstm", "slstm", "rglru"])
def test_words_far_out_do_not_make_a_share_of_nothing(compute, cell):
    model = make_network({**PLAIN, "cell": cell})
    with torch.no_grad():
        model.classifier.cell.W.mul_(40)  # gates that 32 bits can't tell from 0
    model, data = stored(model, "float32")
    readings = readings_of(model, Random(3))[:1]
    gates = readings[0][1].arrays["r" if cell == "rglru" else "f"]
    assert gates.min() < 1e-30
    (ours,) = compute([(data, readings)])
    assert_alike(ours[0], readings[0][1], cell)


@pytest.mark.parametrize("K", [1, 3])
def test_what_answers_say_is_what_python_makes_of_them(page, K):
    T, H = 60, 4
    draw = np.random.default_rng(K)
    answers = draw.normal(size=(T, K)).cumsum(axis=0).astype(np.float32)
    answers[:3, 0] = 0.0, 200.0, -200.0
    states = draw.normal(size=(T, H)).astype(np.float32) * 1e10
    asked = {"answers": answers.ravel().tolist(), "T": T, "followed": 0, "states": states.ravel().tolist()}
    found = page.evaluate(
        """({ answers, T, followed, states }) =>
          tested.said(Float32Array.from(answers), T, followed, Float32Array.from(states))""",
        asked,
    )
    near = {"rtol": 1e-5, "atol": 1e-5}
    np.testing.assert_allclose(found["probabilities"], probabilities_of_classes(answers).ravel(), **near)
    np.testing.assert_allclose(found["logOdds"], log_odds_of(answers, 0), **near)
    np.testing.assert_allclose(found["moves"], moves_of(answers, 0), **near)
    np.testing.assert_allclose(found["norms"], norms(states), **near)
    turns = turns_of(answers)
    assert len(turns) > 2
    assert [(turn["time"], turn["to"]) for turn in found["turns"]] == [*turns.items()]
