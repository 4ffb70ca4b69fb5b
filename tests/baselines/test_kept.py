"""The file of the baselines, as it is read, written, shipped and spoken of, and the command that makes it."""

import json
import re
import subprocess
import sys
from dataclasses import asdict, replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from rnn_core.baselines import counting, measurement, scores
from rnn_core.baselines.measurement import METHODS, SEEDS
from rnn_core.baselines.scores import Baseline, BaselineScore, read_baselines, write_baselines
from rnn_core.cli import main
from rnn_core.config.corpora import corpus_named, shipped_names
from rnn_core.data.probes.pairs import REPORTED, SETS, STRICT, THIRD, pairs, phenomena_of
from rnn_core.errors import BaselineError
from rnn_core.models.probing import ProbeShares, RightShares, texts_without_opinion
from tests.refusals import refusals

QUESTIONS = Path(__file__).parents[2] / "docs" / "questions.md"
SCORES = {"settings": {"alpha": 1.0, "C": 0.1}, "features": 1_000, "seconds": 2.5}
OF_SEEDS = (
    BaselineScore(seed=0, validation_accuracy=0.9, test_accuracy=0.8, **SCORES),
    BaselineScore(seed=1, validation_accuracy=0.92, test_accuracy=0.82, **SCORES),
)
BASELINES = (Baseline(name="nb-svm", title="NB-SVM on bigrams", seeds=OF_SEEDS),)


def shares(right):
    one = RightShares(pairs=4, sentences_right=right, pairs_right=right / 2)
    return ProbeShares(all=one, phenomena={"plain": one}, same_words=one, undecided=right)


def test_baselines_are_read_as_they_were_written():
    """Probes too; all is the mean over the seeds."""
    assert read_baselines("imdb") == ()
    [plain] = BASELINES
    asked = tuple(
        replace(score, probes={"development": shares(0.25 + score.seed / 2)}) for score in plain.seeds
    )
    written = write_baselines("imdb", {"what": "Baselines."}, [replace(plain, seeds=asked)])
    assert json.loads(corpus_named("imdb").baselines_file.read_text()) == json.loads(json.dumps(written))
    [read] = read_baselines("imdb")
    assert read.seeds == asked
    assert (read.test_accuracy, read.validation_accuracy) == pytest.approx((0.81, 0.91))
    assert read.probes("development") == shares(0.5)
    assert read.probes("reported") is None


def test_files_of_before_are_read():
    """Files from before there were probes, or when baselines were called bars, until there is another."""
    content = write_baselines("verdict", {"reviews": {"training": 8}}, BASELINES)
    for score in content["baselines"][0]["seeds"]:
        del score["probes"]
    kept = corpus_named("verdict").baselines_file
    kept.with_name("bars-verdict.json").write_text(json.dumps({**content, "bars": content["baselines"]}))
    kept.unlink()
    assert read_baselines("verdict") == BASELINES
    assert scores.reviews_of_baselines("verdict") == {"training": 8}
    write_baselines("verdict", {}, [replace(BASELINES[0], title="Another")])
    assert read_baselines("verdict")[0].title == "Another"


def of_seed(**values):
    """The JSON of a file with other values of its second score."""
    first, second = map(asdict, OF_SEEDS)
    return json.dumps({"baselines": [{"name": "a", "title": "A", "seeds": [first, second | values]}]})


def read_damaged(content):
    """Reads a file with this content, which says where it is and what to do."""

    def read():
        path = corpus_named("verdict").baselines_file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        read_baselines("verdict")

    return read


def write_into_a_file():
    folder = corpus_named("imdb").baselines_file.parent
    folder.parent.mkdir(parents=True)
    folder.write_text("in the way")
    write_baselines("imdb", {}, BASELINES)


DAMAGED = {
    "cut off": (of_seed()[:99], "can't be read"),
    "a list": ("[]", "can't be read"),
    "deep within": ('{"baselines": ' + "[" * 100_000, "baselines[0]: it must be an object"),
    "nothing": ("{}", "it must have baselines"),
    "no title": ('{"baselines": [{"name": "a"}]}', "it must have title"),
    "percent": (of_seed(test_accuracy=91.2), "test_accuracy: it must be a number <= 1.0, got 91.2"),
    "no number": (of_seed(test_accuracy=float("nan")), "it must be a number, got null"),
    "no seed": ('{"baselines": [{"name": "a", "title": "A", "seeds": []}]}', "length >= 1, got []"),
}
WHERE = ("baselines-verdict.json in artifacts/results", "python -m rnn_core baselines --data verdict")
test_a_damaged_file_says_what_to_do = refusals(
    BaselineError,
    {
        **{name: (read_damaged(content), (said, *WHERE)) for name, (content, said) in DAMAGED.items()},
        "no folder": (write_into_a_file, "could not be written"),
    },
)


@pytest.mark.parametrize("data", [name for name in shipped_names() if corpus_named(name).is_published])
def test_baselines_come_with_the_project(data, monkeypatch):
    monkeypatch.delenv("GATESCOPE_ARTIFACTS")
    majority, bag_of_words, nb_svm = read_baselines(data)
    assert majority.test_accuracy == 0.5 < bag_of_words.test_accuracy < nb_svm.test_accuracy
    for one in (majority, bag_of_words, nb_svm):
        assert [score.seed for score in one.seeds] == list(SEEDS)


def test_no_bag_of_words_tells_the_same_words_apart(monkeypatch):
    monkeypatch.delenv("GATESCOPE_ARTIFACTS")
    for name in SETS:
        majority, bag_of_words, nb_svm = [one.probes(name) for one in read_baselines("imdb")]
        assert majority.same_words.pairs_right == bag_of_words.same_words.pairs_right == 0
        assert majority.undecided is None
        assert nb_svm.undecided is None
        assert (bag_of_words.undecided is None) == (not texts_without_opinion(name))
        assert set(bag_of_words.phenomena) == set(phenomena_of(name))
        assert bag_of_words.all.pairs == len(pairs(name))
        assert 0 < bag_of_words.same_words.pairs < bag_of_words.all.pairs


def test_the_questions_say_what_the_file_has(monkeypatch):
    monkeypatch.delenv("GATESCOPE_ARTIFACTS")
    nb_svm = read_baselines("imdb")[-1]
    said = " ".join(QUESTIONS.read_text(encoding="utf-8").split())
    of = {REPORTED: "reported half right", STRICT: "its strict part", THIRD: "the third set"}
    for name, words in of.items():
        share = f"{nb_svm.probes(name).all.pairs_right:.0%}".replace("%", " %")
        assert re.search(f"{share} of (the )?{words}", said), name


@pytest.fixture
def baselines(tiny_corpus, monkeypatch):
    """Runs the command on a tiny corpus."""
    command = import_module("rnn_core.cli.baselines")
    monkeypatch.setattr(command, "prepare", lambda data: iter(()))
    monkeypatch.setattr(measurement, "load_corpus", lambda data: tiny_corpus)
    return lambda *words: CliRunner().invoke(main, ["baselines", *words])


def test_the_command_says_how_it_goes_to_machines(baselines):
    done = baselines("--data", "verdict", "--json")
    assert done.exit_code == 0, done.stderr
    said = json.loads(done.stdout)
    assert said == json.loads(corpus_named("verdict").baselines_file.read_text())
    assert not any(seed["probes"] for one in said["baselines"] for seed in one["seeds"])
    assert "Bag of words, seed 1: 100.00% of the test reviews, scored once" in done.stderr
    assert "NB-SVM on bigrams, seed 0, alpha 0.3, C 0.01: " in done.stderr


def test_the_command_says_what_is_right_of_each_set(baselines):
    """The probes are asked on IMDB."""
    said = baselines().stdout
    assert "Bag of words: 100.00%" in said
    for name in SETS:
        assert said.count(f"probes, {name}: sentences right") == len(METHODS)
    assert "probes, development: sentences right 50.0%, pairs right 0.0%" in said


def test_composed_sentences_may_be_counted_too(baselines, monkeypatch):
    """They outnumber the reviews and say the opposite here, and what is found is not kept."""
    opposite = ("good", "bad") * 500, np.tile([0, 1], 500).astype(np.int8)
    monkeypatch.setattr(measurement, "composed_sentences", lambda count, seed, epoch: opposite)
    done = baselines("--composed", "1000", "--json")
    assert done.exit_code == 0, done.stderr
    scores = [score for method in json.loads(done.stdout)[1:] for score in method["seeds"]]
    assert max(score["test_accuracy"] for score in scores) < 1  # of the reviews alone all are right
    assert all({*score["probes"]} == {*SETS} for score in scores)
    assert not corpus_named("imdb").baselines_file.exists()


def test_the_command_was_called_bars():
    answer = CliRunner().invoke(main, ["bars", "--data", "verdict"])
    assert answer.exit_code == 2
    assert "bars is called baselines now: python -m rnn_core baselines" in answer.stderr


def test_without_scikit_learn_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(BaselineError):
        counting.need_scikit_learn()
    answer = CliRunner().invoke(main, ["baselines", "--data", "verdict"])
    assert answer.exit_code == 1
    assert "python -m pip install -r requirements-baselines.txt" in answer.stderr


def test_scikit_learn_is_imported_only_to_count():
    code = "import sys, rnn_core.cli; sys.exit(bool({'sklearn', 'scipy'} & sys.modules.keys()))"
    subprocess.run([sys.executable, "-c", code], check=True)
