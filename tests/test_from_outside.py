"""Whatever is read from outside is a value that can be kept and drawn, or is refused in words of our own."""

import copy
import json
import math
import random
import tempfile
from dataclasses import asdict
from functools import partial
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from pages.components.shared.settings import DECLARED, parse
from rnn_core.baselines import scores as baseline_scores
from rnn_core.cli.sweep import _numbers
from rnn_core.config.corpora import corpus_named
from rnn_core.config.identity import CLASSES
from rnn_core.config.run import RunConfig
from rnn_core.data.sources import recommended_config
from rnn_core.errors import BaselineError, ConfigError, RunError
from rnn_core.figures.colours import LIGHT
from rnn_core.figures.curves import drawn_measures, learning_curve
from rnn_core.figures.inside import reach, reach_over_training, saturation, state_norms, weight_norms
from rnn_core.figures.scores import confusion_matrix
from rnn_core.files import FormatError, from_json, to_json
from rnn_core.runs.transfer import _read_about
from rnn_core.sweeps.results import Result
from rnn_core.sweeps.sweep import Sweep, parse_case, parse_factor
from rnn_core.symbols import CELLS
from rnn_core.tasks.class_scores import read_scores
from rnn_core.text.vocabulary import Vocabulary, VocabularyError
from rnn_core.training.diagnosis import diagnose
from rnn_core.training.history import history, numbers
from rnn_core.training.records import read_records, read_training
from tests.own import ended

pytestmark = pytest.mark.slow

WHOLE = [0, 1, -1, 7, 10**30, -(10**30), 2**63, 10**400]
DECIMAL = [0.5, -0.0, 1e308, -1e308, 5e-324, *map(float, ("nan", "inf", "-inf"))]
TEXTS = ["", "x", "NaN", "\ud800", "é" * 3, "x" * 3_000, "../../x", "<script>", "\x00", "-Infinity", "1e400"]
LEAVES = [None, True, False, *WHOLE, *DECIMAL, *TEXTS]
TAILS = [b"", b"[" * 2_000, b'{"a":' * 2_000, b"\xff", b"NaN", b'"', b"\\", b","]
SEEDS = st.integers(0, 2**64 - 1).map(random.Random)


def junk(rng, depth=3):
    """A value of JSON, of any kind."""
    kind = rng.randrange(5) if depth else 0
    if kind == 1:
        return [junk(rng, depth - 1) for _ in range(rng.randrange(4))]
    if kind == 2:
        return {rng.choice(TEXTS): junk(rng, depth - 1) for _ in range(rng.randrange(4))}
    if kind == 3:
        return rng.uniform(-10.0, 10.0) * 10.0 ** rng.randint(-20, 20)
    if kind == 4:
        return rng.randint(-(2**31), 2**31)
    return rng.choice(LEAVES)


JUNK = SEEDS.map(junk)


def cases(number):
    """The settings of a property test: the same cases every time, so that none fails by chance."""
    return settings(
        max_examples=number,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],  # shrinking takes minutes
    )


def spoilt_json(value):
    """The JSON of a value in which some parts are gone, of another kind, or where the text is damaged."""
    return SEEDS.map(lambda rng: damaged(rng, value))


def damaged(rng, value):
    changed = copy.deepcopy(value)
    for _ in range(rng.randrange(5)):
        changed = spoil(rng, changed)
    content = json.dumps(changed).encode()
    if rng.randrange(5):
        return content
    place = rng.randint(0, len(content))
    return content[:place] + rng.choice(TAILS) + content[rng.randint(place, len(content)) :]


def spoil(rng, value):
    """The value with one change, somewhere in it."""
    places = list(value) if isinstance(value, dict) else []
    if isinstance(value, list):
        places = list(range(len(value)))
    if not places or not rng.randrange(10):
        return junk(rng)
    place = rng.choice(places)
    what = rng.randrange(6)
    if what == 0:
        del value[place]
    elif what == 1 and isinstance(value, dict):
        value[rng.choice(TEXTS)] = junk(rng)
    elif what == 1:
        value.append(copy.deepcopy(value[place]))
    else:
        value[place] = spoil(rng, value[place])
    return value


AT = {"kind": "training", "optimizer_step": 1, "epoch": 0.25, "seconds": 1.0, "seconds_left": 3.0}
STEP = AT | {"loss": 0.7, "accuracy": 0.5, "gradient_norm": 0.1, "learning_rate": 0.01}
STEP |= {"tokens_per_second": 9.0, "inside": None}
LOOK = {
    "distance": [0, 1, 3],
    "gradients": {"h": [0.5, 0.25, 0.0]},
    "norms": {"h": [1.0, 1.0, 2.0]},
    "gates": {"r": [0.0, 0.5], "z": [0.0, 0.0]},
    "weights": {"cell.U": 1.0, "head.weight": 2.0},
    "still": 0.0,
    "padding": 0.0,
}
LATER = STEP | {"optimizer_step": 2}
RECORDS = [STEP, LATER, LATER | {"kind": "validation", "inside": LOOK}]
SCORES = {
    "accuracy": 0.75,
    "loss": 0.5,
    "reviews": 8,
    "confusion": [[3, 1], [1, 3]],
    "mistakes": [{"index": 7, "probability": 0.9, "positive": False}],
}
ABOUT = {"name": "a", "note": "", "state": "finished", "message": "Finished"}
ABOUT |= {"validation_accuracy": 0.5, "total_steps": 8}
RESULT = ended({"cell": "gru"}, sentences_right=0.6, pairs_right=0.3).to_dict()
SWEEP = Sweep(name="try", base=RunConfig(), cases=[{"cell": "gru"}, {"cell": "lstm"}], seeds=[0, 1]).to_dict()
OF_SEED = {"seed": 0, "settings": {"C": 0.1}, "features": 3, "seconds": 1.0}
SCORED = OF_SEED | {"validation_accuracy": 0.9, "test_accuracy": 0.9}
BITS = {"seed": 0, "vocab_size": 9, "strings": 3, "seconds": 1.0}
BITS |= {"validation_bits": [3.0, 2.5], "test_bits": [3.1, 2.6]}
BASELINES = {"baselines": [{"name": "a", "title": "A", "seeds": [SCORED]}]}
BASELINES |= {"ngrams": {"seeds": [BITS], "reviews": {"training": 5}}}


@pytest.fixture(autouse=True, scope="module")
def small_numbers():
    """The smallest numbers count here, too; a training tested before in this process flushed them."""
    torch.set_flush_denormal(False)


def read_or_refused(read, *refusals):
    """Return what this reads; None where it is refused in words that fit a page."""
    try:
        return read()
    except refusals as error:
        said = str(error)
    assert 0 < len(said) < 1_000
    return None


def read_file(read, content):
    """Return what this reads from a file; Hypothesis allows no folder of a test's own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "any.json")
        path.write_bytes(content)
        return read(path)


def of_configuration(content):
    return RunConfig.from_json(content.decode("utf-8", "replace"))


def of_baselines(content):
    file = corpus_named("imdb").baselines_file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    baselines = baseline_scores.read_baselines("imdb") or []
    assert all(0 <= baseline.test_accuracy <= 1 for baseline in baselines)
    assert all(count >= 0 for count in baseline_scores.reviews_of_baselines("imdb").values())
    if ngrams := baseline_scores.read_ngram_baseline("imdb"):
        assert len(ngrams.bits("test")) == ngrams.context + 1 >= 1


def of_scores(content):
    scores = read_scores(content)
    if scores:
        confusion_matrix(scores["confusion"], CLASSES, LIGHT)
    return scores


def of_sweep(content):
    return Sweep.from_dict(from_json(content, dict))


def as_json(value):
    return to_json(value.to_dict()).encode()


OUTSIDE = {
    "a configuration": (RunConfig().to_dict(), of_configuration, as_json, 600),
    "a history": (RECORDS, read_records, lambda records: to_json([one.to_dict() for one in records]), 672),
    "scores": (SCORES, of_scores, to_json, 400),
    "a run": (ABOUT, partial(read_file, _read_about), lambda about: to_json(asdict(about)).encode(), 240),
    "a result": (RESULT, lambda content: from_json(content, Result), as_json, 400),
    "a sweep": (SWEEP, of_sweep, as_json, 240),
    "baselines": (BASELINES, of_baselines, None, 240),
}
LONG = json.dumps([STEP | {"kind": "train" + "[" * 1_000}]).encode()
NESTED = json.dumps({"model": {"cell": []}}).encode()
REFUSALS = (ConfigError, FormatError, RunError, BaselineError)


@pytest.mark.parametrize("what", OUTSIDE)
def test_what_is_read_is_a_value_or_is_refused(what):
    """A value comes back from what is written of it."""
    value, read, written, number = OUTSIDE[what]

    @cases(number)
    @given(spoilt_json(value))
    @example(LONG)
    @example(NESTED)
    def comes_back(content):
        found = read_or_refused(lambda: read(content), *REFUSALS)
        if found:
            assert read(written(found)) == found

    comes_back()


AMOUNT = st.one_of(st.none(), st.sampled_from([0.0, 5e-324, 1e-30, 0.69, 3.4e38]), st.floats(0, 1e6))
SHARE = st.floats(0, 1)


@st.composite
def trainings(draw):
    """Histories that the schema lets in, with numbers from one end of what it allows to the other."""
    cell = draw(st.sampled_from(["elman", "gru", "lstm"]))
    states, shares = CELLS[cell].states, [share.letter for share in CELLS[cell].shares]
    places = sorted(draw(st.sets(st.integers(0, 5_000), min_size=1, max_size=4)))
    norms = st.lists(AMOUNT, min_size=len(places), max_size=len(places))
    looks = st.fixed_dictionaries(
        {
            "distance": st.just(places),
            "gradients": st.fixed_dictionaries(dict.fromkeys(states, norms)),
            "norms": st.fixed_dictionaries(dict.fromkeys(states, norms)),
            "gates": st.fixed_dictionaries(
                dict.fromkeys(shares, st.lists(SHARE | st.none(), min_size=2, max_size=2))
            ),
            "weights": st.fixed_dictionaries(dict.fromkeys(["cell.U", "embedding.weight", "cell.b"], AMOUNT)),
        },
        optional={"still": SHARE, "padding": SHARE},
    )
    records = []
    for step in range(draw(st.integers(0, 30))):
        validates = draw(st.booleans())
        record = {"kind": "validation" if validates else "training", "accuracy": draw(SHARE)}
        record |= {"optimizer_step": step, "epoch": step / 8, "seconds": float(step)}
        record |= {name: draw(AMOUNT) for name in ("loss", "gradient_norm", "learning_rate")}
        records.append(record | {"inside": draw(looks) if validates and draw(st.booleans()) else None})
    return cell, records


@cases(48)
@given(trainings())
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_every_history_that_is_let_in_can_be_drawn(training):
    cell, values = training
    records = read_training(json.dumps(values), cell)
    run = history("made", records)
    figures = [learning_curve([run, run], measure, LIGHT) for measure in drawn_measures("classification")]
    if run.inside:
        figures += [reach([run], LIGHT), state_norms([run], LIGHT), reach_over_training(run, LIGHT)]
        figures += [saturation(run, cell, LIGHT), weight_norms(run, cell, LIGHT)]
    for figure in figures:
        json.loads(figure.to_json(), parse_constant=pytest.fail)
    if len(records):
        numbers(run)
    config = recommended_config("verdict").with_settings(cell=cell)
    to_json([asdict(found) for found in diagnose(config, run)])


@cases(320)
@given(st.lists(st.text(max_size=5), max_size=5), st.binary(max_size=4), st.booleans())
def test_a_vocabulary_is_one_or_is_refused(words, tail, whole):
    content = "\n".join(["<pad>", "<start>", "<unk>", *words]) + ("\n" if whole else tail.decode("latin-1"))
    vocabulary = read_or_refused(lambda: Vocabulary.from_text(content), VocabularyError)
    if vocabulary is not None:
        assert vocabulary.to_text() == content
        assert vocabulary.encode(vocabulary.words) == list(range(len(vocabulary)))


WORDS = st.one_of(
    st.text(max_size=12),
    st.integers().map(str),
    st.floats().map(str),
    JUNK.map(str),
    st.sampled_from(["true", "nan", "1e400", "1_0", "٣", "9" * 5_000, "elman", "imdb", "-0.0", "inf", "1,2"]),
)


@cases(320)
@given(st.sampled_from(["data", *DECLARED]), WORDS)
def test_a_setting_in_the_address_is_one_or_is_refused(name, words):
    value = read_or_refused(lambda: parse(name, words), ConfigError)
    assert value is None or parse(name, str(value)) == value
    assert not isinstance(value, float) or math.isfinite(value)


@cases(240)
@given(
    st.sampled_from([*DECLARED, "seed", ""]), st.lists(WORDS, max_size=3), st.sampled_from(["=", "", "=="])
)
def test_words_of_a_command_are_settings_or_refused(name, values, equals):
    words = name + equals + ",".join(values)
    for read in (parse_factor, _numbers, lambda words: RunConfig().with_settings(**parse_case(words))):
        read_or_refused(partial(read, words), ConfigError)
