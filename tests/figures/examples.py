"""An example of what each figure draws, with names that try to become markup; what is read of a figure."""

import importlib
import pkgutil
from inspect import signature
from types import SimpleNamespace

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from rnn_core import figures
from rnn_core.config.training_settings import TrainingConfig
from rnn_core.data.probes.pairs import PHENOMENA, Pair
from rnn_core.data.statistics import Coverage, TellingWord, cut_cost
from rnn_core.figures.colours import LIGHT
from rnn_core.figures.looks import look_at
from rnn_core.figures.understanding import ShareRow
from rnn_core.figures.vanishing import VERDICT, ReachCurve
from rnn_core.inspection.keeping_track import Tracked, Tracking, Unit
from rnn_core.inspection.next_tokens import NextTokens
from rnn_core.inspection.one_step import one_step
from rnn_core.inspection.trace import trace
from rnn_core.inspection.verdicts import OneClass, Turn, Verdicts
from rnn_core.languages.along import string_truth
from rnn_core.languages.catalogue import language_named
from rnn_core.models.probing import ProbeScores
from rnn_core.symbols import CELLS, state
from rnn_core.training.history import history
from rnn_core.training.schedule import Outlook
from tests.equations.typed import ALL
from tests.inspection.made import COUNT, PARITY, make_model, of_two, strings_with

NASTY = "<b>%{y}</b> & $x$"
T, H = 6, 4
LABELS = ["<start>", "a", "dull", "film", NASTY, "end"]
P = np.array([0.5, 0.9, 0.2, 0.1, 0.3, 0.8], np.float32)
RISING = np.geomspace(1e-5, 1, T)


def texts(figure):
    """All that is written on it, in its order."""
    return [note.text for note in figure.layout.annotations]


def named(figure, name):
    """The one curve, area or heat map of this name."""
    [found] = [drawn for drawn in figure.data if drawn.name == name]
    return found


def contrast(one, other):
    """The ratio of two colours, #rrggbb, as WCAG 2 has it."""

    def luminance(colour):
        channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


def between(low, high, *shape):
    return np.random.default_rng(len(shape)).uniform(low, high, shape).astype(np.float32)


STATES = between(-1, 1, 5_000, 2)


def records(count=40, **changed):
    """Records of a training, after every tenth of which comes one of validation."""
    training = [
        {
            "kind": "training",
            "optimizer_step": step,
            "epoch": step / 10,
            "seconds": step * 0.5,
            "loss": 1 / step,
            "accuracy": 1 - 1 / (step + 1),
            "gradient_norm": 2.0,
            "learning_rate": 1e-3,
        }
        | changed
        for step in range(1, count + 1)
    ]
    validation = {"kind": "validation", "gradient_norm": None, "learning_rate": None}
    return [*training, *(row | validation for row in training[9::10])]


def looked_into(cell="gru", name=NASTY, gradients=(0.1, 2e-3, 3e-9), looks=3, **more):
    """A training in which so many looks were taken, each at other numbers."""

    def seen(look):
        letters, n = CELLS[cell].carriers, len(gradients)
        return {
            "distance": [*range(n)],
            "gradients": {letter: [value / look for value in gradients] for letter in letters},
            "norms": {letter: [look + place for place in range(n)] for letter in letters},
            "gates": {known.letter: [look / 10, 0.5 / look] for known in CELLS[cell].shares},
            "weights": {"embedding.weight": 1.0 * look, "cell.W": 2.0, "cell.U": 3 / look, "cell.b": 1.0},
        } | more

    record = {"kind": "validation", "seconds": 1.0, "loss": 0.5, "accuracy": 0.5}
    return history(
        name,
        [
            {**record, "optimizer_step": look, "epoch": look / 4, "inside": seen(look)}
            for look in range(1, looks + 1)
        ],
    )


def tracking(name="count"):
    """A network over 40 strings, every second of which chooses: unit 3 counts, unit 1 keeps the parity."""
    strings = strings_with(**{name: COUNT, "parity": PARITY, "one": np.full(480, 7.0)})
    values = between(-1, 1, 480, 6)
    values[:, 3], values[:, 1] = 2 - 0.5 * COUNT, PARITY == "1"
    scores = {
        name: np.array([0, 0.1, 0.2, 1.0, 0.05, -0.25]),
        "parity": np.array([0.5, 1, 0.5, 0.4, 0.6, 0.5]),
    }
    tracked = {
        of: Tracked(
            name=of, kind=strings.kinds[of], order=np.argsort(-of_units), scores=of_units, by_last=last,
            untrained=0.0,
        )
        for (of, of_units), last in zip(scores.items(), (0.25, 0.5), strict=True)
    }  # fmt: skip
    units = tuple(Unit(1, "h", number) for number in range(6))
    return Tracking(strings=strings, units=units, values=values, tracked={**tracked, "one": None})


def of_language(name, string):
    """A language, and the tokens and the truth of one of its strings."""
    language = language_named(name)
    return {"language": language, "labels": ["<start>", *string], "truth": string_truth(language, string)}


def along_a_string(name="anbn", hidden="b to come", string="aabb", **given):
    """A unit along a string of a language."""
    language, labels, truth = of_language(name, string).values()
    return {
        "labels": labels, "unit": Unit(1, "c", 2), "held": None, "name": hidden, "cursor": 2,
        "truth": [of.get(hidden) for of in truth.hidden],
        "values": np.linspace(-1, 1, len(labels), dtype=np.float32), "kind": language.tracked[hidden],
        "declared": CELLS["lstm"], **given,
    }  # fmt: skip


def next_of(string="aabb", names=("a", "b", "<end>")):
    """The next symbols along a string of anbn, by a network that is wrong at some time steps."""
    truth = of_language("anbn", string)["truth"]
    p = between(0.1, 1, len(string) + 1, len(names))
    came = np.array([*map(("a", "b").index, string), 2])
    return NextTokens(names=names, log2=np.log2(p / p.sum(axis=1, keepdims=True)), came=came, along=truth)


def arrays_of(cell="gru", steps=12, units=6):
    """Arrays (T, H) of all that a cell computes, each within its bounds."""
    low_high = {known.letter: known.bounds or (-4, 3) for known in CELLS[cell].symbols}
    return {
        letter: between(low, min(high, 3), steps, units) * (1 - place / 50)
        for place, (letter, (low, high)) in enumerate(low_high.items())
    }


def read(cell="gru", steps=12, units=6, **given):
    """Arguments of the picture of a review."""
    return {
        "cell": cell, "labels": [f"w{step}" for step in range(steps)], "shown": "h",
        "arrays": arrays_of(cell, steps, units), "verdicts": of_two(between(0, 1, steps)), **given,
    }  # fmt: skip


def many_classes(names=("billing", NASTY, "opening hours"), ends=(0.1, 0.7, 0.15), steps=30):
    """Verdicts on three of more classes, which turn three times."""
    curves = [np.linspace(0.2, end, steps).astype(np.float32) for end in ends]
    followed, *others = map(OneClass, names, curves)
    turns = (Turn(9, names[1], 0.4), Turn(10, "another", 0.3), Turn(20, names[1], 0.5))
    return Verdicts(followed=followed, against=None, others=tuple(others), turns=turns)


def probed(*right):
    """Scores with so many right of the four pairs of the first phenomena; all else counts as positive."""
    pairs = [Pair(key, f"good {key} {n}", f"bad {key} {n}") for key in PHENOMENA for n in range(4)]
    probabilities = np.full((len(pairs), 2), 0.9)
    for place, count in enumerate(right):
        probabilities[4 * place : 4 * place + count, 1] = 0.1
    return ProbeScores(pairs=pairs, probabilities=probabilities)


def a_step(variant="gru", time=1, unit=2):
    """One time step of a small network."""
    settings = CELLS[variant].run_settings if variant in CELLS else {"cell": ALL[variant]}
    model = make_model(seed=5, hidden_size=H, initialisation="uniform", **settings)
    return one_step(model, trace(model, "The film was good, then it was bad"), time, unit)


def lengths(room=3, **more):
    return {
        "kept": np.array([1, 2, 0]), "cut": np.array([0, 1, 4]), "width": 3, "rooms": np.arange(10),
        "costs": cut_cost(np.array([1, 4, 5]), np.arange(10)), "room": room, "cost": (0.5, 0.25), **more,
    }  # fmt: skip


def covered(known=1_000):
    line = np.linspace(0, 1, known + 1)
    return Coverage(line, line * 0.9, line**2, line**2 * 0.5)


def reach_curve(norms, *, letter="h", look=None, network="made", several=False, quarters=None):
    norm = np.asarray(norms, np.float64)
    return ReachCurve(
        network=network, look=look or look_at(0), state=state(letter), is_one_of_several=several,
        distance=np.arange(len(norm)), norm=norm, quarters=quarters,
    )  # fmt: skip


def lengths_and_cells(**given):
    """Runs of two cells at two lengths, with two seeds each."""
    rows = [
        {"max_length": length, "cell": cell, "seed": seed, "run": f"{cell}-{length}-{seed}"}
        | {"test_accuracy": 0.5 + length / 1000 + seed / 100}
        for length in (400, 25)
        for cell in ("gru", "elman")
        for seed in (0, 1)
    ]
    return pd.DataFrame(rows).assign(**given)


CASES = ("plain", f"+ {NASTY}", "+ nothing yet")
CASE_TABLE = pd.DataFrame(
    {"case": case, "seed": seed, "test_accuracy": 0.8 + place / 20 + seed / 100, "run": f"{place}-{seed}"}
    for place, case in ((1, CASES[1]), (0, CASES[0]))
    for seed in (0, 1)
)
ROWS = [
    ShareRow("All, 350 pairs", [0.5, 0.326, 1.0], ["half", "a third", "all"], is_apart=True),
    ShareRow(NASTY, [0.0, None, 0.996], ["none", "not asked", "nearly all"]),
]


def attributed(h=RISING, **more):
    """The gradients of T time steps, with this connectivity of h."""
    found = {"saliency": between(0, 1, T), "input_times_gradient": between(-1, 1, T)}
    nothing = {"direct_connectivity": None, "attention": None}
    return SimpleNamespace(**{"connectivity": {"h": np.array(h)}, **found, **nothing, **more})


def plane(points=STATES, logits=STATES[:, 0], readout=(0.8, 0.1)):
    """States on two components."""
    return SimpleNamespace(points=points, logits=logits, readout=readout, shares=np.array([0.7, 0.2, 0.1]))


TRAINING = TrainingConfig(schedule="one-cycle", learning_rate=0.01, epochs=4)
UNBOUNDED = np.array([[4.0, 0], [5, 0], [6, 1]])
NOW = Outlook(TRAINING, 400, 100)
GIVEN = {
    "automaton_figure": lambda: {"walk": language_named("reber").walk("BTBPTVVETE"), "time": 6},
    "played_states": lambda: {
        "declared": CELLS["lstm"], "unit": 1, "time": 0,
        "states": {"h": np.array([[0.1, 0.9], [0.2, 0.8], [0.3, 0.7]]), "c": UNBOUNDED}
    },
    "time_constants": lambda: {"values": np.array([3.0, np.inf, 0.5, 40.0])},
    "form_bars": lambda: {
        "milliseconds": {"naive": 210.0, "fused": 180.0, "sequence": 90.0, "torch": 81.0, "floor": 60.0},
        "torch_name": "nn.GRU",
    },
    "learning_curve": lambda: {
        "histories": [history(name, records()) for name in (NASTY, "b")], "measure": "loss"
    },
    "rates_ahead": lambda: {"now": NOW, "then": NOW.with_rate(0.05, held=True), "epochs": 4},
    "effect": lambda: {
        "table": lengths_and_cells(), "factor": "max_length", "measure": "test_accuracy", "by": ["cell"],
        "names": {"max_length": "Maximum length", "cell": NASTY, "test_accuracy": "Test accuracy"},
        "lines": {NASTY: 0.88},
    },
    "named_cases": lambda: {
        "table": CASE_TABLE.copy(), "measure": "test_accuracy", "cases": CASES, "title": "Test accuracy",
        "lines": {NASTY: 0.88},
    },
    "reach": lambda: {"runs": [looked_into(), looked_into("lstm")]},
    "state_norms": lambda: {"runs": [looked_into(), looked_into("lstm")]},
    "reach_over_training": lambda: {"run": looked_into()},
    "saturation": lambda: {"run": looked_into(), "cell": "gru"},
    "weight_norms": lambda: {"run": looked_into(), "cell": "gru"},
    "unit_against_truth": lambda: {
        "found": tracking(NASTY), "name": NASTY, "unit": 3, "declared": CELLS["gru"]
    },
    "unit_along": along_a_string,
    "truth_along": lambda: of_language("reber", "BTBPVVETE"),
    "next_tokens": lambda: {"labels": ["<start>", *"aabb"], "found": next_of(), "cursor": 1},
    "two_surprises": lambda: {
        "labels": LABELS, "surprises": {"network": 2 * P, "counts": np.append(P[1:], np.nan)}, "block": 4,
        "cursor": 1,
    },
    "state_map": lambda: {
        "plane": plane(), "followed": NASTY, "by_class": None,
        "path": np.arange(2.0 * T).reshape(T, 2), "labels": LABELS, "cursor": 4,
    },
    "attribution": lambda: {
        "cell": "lstm", "labels": LABELS, "contributions": np.array([0, 0, -2.0, -0.5, 1.0, 0]),
        "found": attributed(), "cursor": 2,
    },
    "verdict_by_layer": lambda: {
        "labels": LABELS, "followed": NASTY, "probabilities": np.array([P, P[::-1], P / 2]), "cursor": 2,
    },
    "two_readings": lambda: {
        "labels": LABELS, "names": ("one", NASTY), "followed": NASTY, "norms": (np.ones(T), 2 * np.ones(T)),
        "probabilities": (P, np.array([np.nan, 0.5, 0.4, 0.3, 0.2, 0.1])), "apart": None, "cursor": 1,
    },
    "padded_states": lambda: {
        "names": ("skipped", "in front", "behind"), "pads": [slice(3, 3), slice(0, 3), slice(3, 6)],
        "states": [between(-1, 1, steps, H) for steps in (3, T, T)],
    },
    "reading": lambda: read(steps=T, labels=LABELS),
    "batch_chart": lambda: {"ids": np.array([[1, 7, 2], [0, 1, 8], [0, 0, 1]]), "width": 5},
    "coverage_curve": lambda: {"coverage": covered(), "size": 503},
    "telling_chart": lambda: {
        "against": [TellingWord("<b>bad</b>", -2.0, -9.0, 1, 99, 99.0)],
        "towards": [TellingWord(NASTY, 1.0, 8.0, 50, 20, 2.5)],
        "sides": (f"{NASTY} reviews", "positive reviews"), "made_up": 200, "rows": 15,
    },
    "length_chart": lengths,
    "confusion_matrix": lambda: {"counts": [[90, 10], [4, 1_996]], "classes": (NASTY, "positive")},
    "step_drawing": lambda: {"step": a_step(), "word": NASTY},
    "understanding": lambda: {"scores": {NASTY: probed(3, 1), "other": probed(4)}, "chosen": "negation"},
    "share_fields": lambda: {"rows": ROWS, "models": ["Bag of words", "gru", NASTY], "beside": 1},
    "vanishing": lambda: {"curves": [reach_curve([1, 1e-9, 2e-17, 0, 3e-29], network=NASTY)], "of": VERDICT},
    "verdict_curve": lambda: {"labels": ["w"] * 30, "verdicts": many_classes()},
}  # fmt: skip


def every_figure():
    """Functions of the package that draw, but for the module for notebooks, which calls the others."""
    names = [module.name for module in pkgutil.iter_modules(figures.__path__) if module.name != "draw"]
    for module in (importlib.import_module(f"rnn_core.figures.{name}") for name in names):
        for name, value in vars(module).items():
            is_own = getattr(value, "__module__", "") == module.__name__ and name[0] != "_"
            if is_own and callable(value) and signature(value).return_annotation is go.Figure:
                yield name, value


FIGURES = dict(every_figure())


def draw(figure, theme=LIGHT, **changed):
    """Draws the example of a figure; `changed` are arguments that are others."""
    return FIGURES[figure](**{**GIVEN[figure](), **changed}, theme=theme)
