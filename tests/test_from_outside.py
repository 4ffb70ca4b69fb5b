"""Whatever is read from outside is a value that can be kept and drawn, or is refused in words of our own."""

import json
import math
from dataclasses import asdict
from functools import partial
from pathlib import Path

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from pages.components.shared.address import DamagedTextError, pack, unpack
from pages.components.shared.settings import DECLARED, parse
from rnn_core.baselines import scores as baseline_scores
from rnn_core.baselines.scores import read_baselines
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
from rnn_core.runs.transfer import About, _read_about
from rnn_core.sweeps.results import Result
from rnn_core.sweeps.sweep import Sweep, parse_case, parse_factor
from rnn_core.symbols import CELLS
from rnn_core.tasks.class_scores import read_scores
from rnn_core.text.vocabulary import Vocabulary, VocabularyError
from rnn_core.training.diagnosis import diagnose
from rnn_core.training.history import history, numbers
from rnn_core.training.records import read_records, read_training
from tests.own import ended
from tests.spoilt import JUNK, cases, spoilt_json

pytestmark = pytest.mark.slow

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
RECORDS = [
    STEP,
    STEP | {"optimizer_step": 2},
    STEP | {"kind": "validation", "optimizer_step": 2, "inside": LOOK},
]
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
BASELINES = {"baselines": [{"name": "a", "title": "A", "seeds": [SCORED]}]}


@pytest.fixture(autouse=True, scope="module")
def small_numbers():
    """The smallest numbers count here, too; a training tested before in this process flushed them."""
    torch.set_flush_denormal(False)


def read_or_refused(read, *refusals):
    """What this reads; None where it is refused in words that a page can show, however long what came was."""
    try:
        return read()
    except refusals as error:
        said = str(error)
    assert 0 < len(said) < 1_000
    return None


@cases(0.15)
@given(spoilt_json(RunConfig().to_dict()))
@example(json.dumps({"model": {"cell": []}}).encode())
def test_a_configuration_is_one_or_is_refused(content):
    config = read_or_refused(lambda: RunConfig.from_json(content.decode("utf-8", "replace")), ConfigError)
    assert config is None or RunConfig.from_json(config.to_json()) == config


@cases(0.168)
@given(spoilt_json(RECORDS))
@example(json.dumps([STEP | {"kind": "train" + "[" * 1_000}]).encode())
def test_a_history_is_one_or_is_refused(content):
    records = read_or_refused(lambda: read_records(content), FormatError)
    assert records is None or read_records(to_json([record.to_dict() for record in records])) == records


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


@cases(0.012)
@given(trainings())
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_every_history_that_is_let_in_can_be_drawn_and_judged(training):
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


@cases(0.1)
@given(spoilt_json(SCORES))
def test_scores_are_some_or_are_refused(content):
    scores = read_or_refused(lambda: read_scores(content), FormatError)
    if scores:
        assert read_scores(to_json(scores)) == scores
        confusion_matrix(scores["confusion"], CLASSES, LIGHT)


@cases(0.06)
@given(content=spoilt_json(ABOUT))
def test_what_a_run_says_of_itself_can_be_kept_or_is_refused(content, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "run.json"
    path.write_bytes(content)
    about = read_or_refused(lambda: _read_about(path), RunError)
    assert about is None or from_json(to_json(asdict(about)), About) == about


@cases(0.08)
@given(st.lists(st.text(max_size=5), max_size=5), st.binary(max_size=4), st.booleans())
def test_a_vocabulary_is_one_or_is_refused(words, tail, whole):
    content = "\n".join(["<pad>", "<start>", "<unk>", *words]) + ("\n" if whole else tail.decode("latin-1"))
    vocabulary = read_or_refused(lambda: Vocabulary.from_text(content), VocabularyError)
    if vocabulary is not None:
        assert vocabulary.to_text() == content
        assert vocabulary.encode(vocabulary.words) == list(range(len(vocabulary)))


@cases(0.1)
@given(spoilt_json(RESULT))
def test_a_result_is_one_or_is_refused(content):
    result = read_or_refused(lambda: from_json(content, Result), FormatError)
    assert result is None or Result.from_dict(json.loads(to_json(result.to_dict()))) == result


@cases(0.06)
@given(spoilt_json(SWEEP))
def test_a_sweep_is_one_or_is_refused(content):
    sweep = read_or_refused(lambda: Sweep.from_dict(from_json(content, dict)), ConfigError, FormatError)
    assert sweep is None or Sweep.from_dict(json.loads(to_json(sweep.to_dict()))) == sweep


@cases(0.06)
@given(spoilt_json(BASELINES))
def test_baselines_are_some_or_are_refused(content):
    corpus_named("imdb").baselines_file.parent.mkdir(parents=True, exist_ok=True)
    corpus_named("imdb").baselines_file.write_bytes(content)
    baselines = read_or_refused(lambda: read_baselines("imdb"), BaselineError) or []
    assert all(0 <= baseline.test_accuracy <= 1 for baseline in baselines)
    assert all(count >= 0 for count in baseline_scores.reviews_of_baselines("imdb").values())


WORDS = st.one_of(
    st.text(max_size=12),
    st.integers().map(str),
    st.floats().map(str),
    JUNK.map(str),
    st.sampled_from(["true", "nan", "1e400", "1_0", "٣", "9" * 5_000, "elman", "imdb", "-0.0", "inf", "1,2"]),
)


@cases(0.08)
@given(st.sampled_from(["data", *DECLARED]), WORDS)
def test_a_setting_in_the_address_is_one_or_is_refused(name, words):
    value = read_or_refused(lambda: parse(name, words), ConfigError)
    assert value is None or parse(name, str(value)) == value
    assert not isinstance(value, float) or math.isfinite(value)


@cases(0.06)
@given(
    st.sampled_from([*DECLARED, "seed", ""]), st.lists(WORDS, max_size=3), st.sampled_from(["=", "", "=="])
)
def test_words_of_the_command_line_are_settings_or_are_refused(name, values, equals):
    words = name + equals + ",".join(values)
    for read in (parse_factor, _numbers, lambda words: RunConfig().with_settings(**parse_case(words))):
        read_or_refused(partial(read, words), ConfigError)


@cases(0.07)
@given(st.text(max_size=60), st.integers(0, 40), st.text(max_size=4))
def test_a_text_in_the_address_comes_back_or_is_refused(text, place, added):
    packed = pack(text)
    assert unpack(packed, 60) == text.encode("utf-8", "replace").decode()
    read_or_refused(lambda: unpack(packed[:place] + added + packed[place + 1 :], 60), DamagedTextError)


def test_all_cases_together_are_the_budget():
    source = Path(__file__).read_text(encoding="utf-8")
    shares = [float(part.partition(")")[0]) for part in source.split("\n@cases(")[1:]]
    assert math.isclose(sum(shares), 1)
