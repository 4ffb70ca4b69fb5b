"""The part of a question's runs that comes with the app: written from a store, read where there is none."""

import json
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from rnn_core.data.encoding import encode_reviews
from rnn_core.data.sources import bare_config, load_corpus
from rnn_core.errors import ModelFolderError, SweepError
from rnn_core.figures.colours import LIGHT
from rnn_core.figures.curves import drawn_measures, learning_curve
from rnn_core.inspection.next_tokens import next_tokens
from rnn_core.inspection.trace import trace
from rnn_core.models.catalogue import PUBLISHED, find_model, list_models, networks_by_run, read_published
from rnn_core.models.folder import VOCABULARY, WEIGHTS
from rnn_core.models.model import Model
from rnn_core.paths import published_folder, results_folder
from rnn_core.runs.store import Store
from rnn_core.sweeps import publication
from rnn_core.sweeps.curves import curves_path, read_curves, runs_with_curves
from rnn_core.sweeps.engine import run_sweep
from rnn_core.sweeps.publication import compare, publish_curves, publish_networks
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.sweep import Sweep, grid
from rnn_core.tasks.classification import TextClassification
from rnn_core.training.history import history
from tests.own import QUICK

score = TextClassification().evaluate

SIZES, SHORTER = [{"vocab_size": size} for size in (20, 50, 5_000)], [{"max_length": n} for n in (10, 20)]
WORDS = Sweep(name="words", base=QUICK, cases=SIZES, seeds=[3, 4])
LENGTHS = Sweep(name="lengths", base=QUICK.with_settings(vocab_size=50), cases=SHORTER, seeds=[3])


def publish(*questions):
    for question in questions:
        publish_curves(Store(), question)
        list(publish_networks(Store(), question))


@pytest.fixture(scope="module")
def trained(verdict_cache, tmp_path_factory):
    """The artifacts of a machine on which both were run, and of one on which both were published, too."""
    folder, published = tmp_path_factory.mktemp("trained"), tmp_path_factory.mktemp("published") / "artifacts"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GATESCOPE_CACHE", str(verdict_cache))
        environment.setenv("GATESCOPE_ARTIFACTS", str(folder))
        for sweep in (WORDS, LENGTHS):
            list(run_sweep(sweep, Store()))
        shutil.copytree(folder, published)
        environment.setenv("GATESCOPE_ARTIFACTS", str(published))
        publish("words", "lengths")
    return folder, published


@pytest.fixture
def store(trained, with_corpus, tmp_path):
    """The store of the machine on which nothing was published yet."""
    shutil.copytree(trained[0], tmp_path / "artifacts")
    return Store()


@pytest.fixture
def published(trained, with_corpus, tmp_path):
    """The store of the machine on which both were published."""
    shutil.copytree(trained[1], tmp_path / "artifacts")
    return Store()


def files():
    return {path: path.read_bytes() for path in results_folder().rglob("*") if path.is_file()}


def networks(like="*"):
    return sorted(path.name for path in published_folder().glob(like) if path.is_dir())


def test_published_curves_draw_what_the_run_draws(published):
    assert runs_with_curves("words") == [result.run for result in Results("words").all()]
    for run in runs_with_curves("words"):
        own = history("one", published.records.all(run))
        theirs = history("one", read_curves("words", run, "gru"))
        for measure in drawn_measures("classification"):
            drawn, expected = (learning_curve([one], measure, LIGHT).data for one in (theirs, own))
            for curve, like in zip(drawn, expected, strict=True):
                np.testing.assert_allclose(curve.x, like.x, rtol=1e-6)
                np.testing.assert_allclose(curve.y, like.y, rtol=1e-6)
        for (_, seen), (_, expected) in zip(theirs.inside, own.inside, strict=True):
            assert seen["gradients"]["h"] == pytest.approx(expected["gradients"]["h"], rel=1e-3)


def test_a_publication_repeats_to_the_byte(published):
    once = files()
    publish("words", "lengths")
    assert files() == once
    shutil.rmtree(published_folder())
    assert publish_curves(published, "words") == 6
    publish("words", "lengths")
    assert files() == once


def test_networks_share_words_and_answer_two_questions(published):
    """One that answers two is there once."""
    assert networks() == ["lengths-10", "words-20", "words-50", "words-5000"]
    runs = read_published(published_folder() / "words-50").runs
    assert list(runs) == ["lengths", "words"]
    assert networks_by_run()[runs["lengths"]] == networks_by_run()[runs["words"]]
    assert not list(published_folder().glob(f"*/{VOCABULARY}"))
    [shared] = published_folder().glob("vocabulary-*.txt")
    assert shared.name == "vocabulary-verdict-3.txt"
    for result in Results("words").all()[:3]:
        theirs, own = networks_by_run()[result.run], published.folder(result.run)
        assert Model.load(theirs).vocabulary.words == Model.load(own).vocabulary.words


def test_a_publication_measures_nothing_twice(store, monkeypatch):
    next(publish_networks(store, "words"))
    measured = []
    monkeypatch.setattr(publication, "compare", lambda *given: measured.append(given) or compare(*given))
    assert [step.name for step in publish_networks(store, "words")] == ["words-20", "words-50", "words-5000"]
    assert len(measured) == 2


def test_a_network_no_longer_in_the_results_goes(published):
    results = Results("words")
    results.rewrite(results.sweep(), results.all()[:1])
    publish("words")
    listed = [entry.name for entry in list_models() if entry.kind == "experiment"]
    assert listed == ["lengths-10", "words-20", "words-50"]
    assert list(read_published(published_folder() / "words-50").runs) == ["lengths"]


def test_published_weights_answer_to_the_stated_change(published):
    corpus = load_corpus("verdict")
    for result in Results("words").all()[:3]:
        folder = find_model(networks_by_run()[result.run].name)
        model, said = Model.load(folder), read_published(folder)
        assert model.scores["accuracy"] == result.test_accuracy
        reviews = encode_reviews(corpus, corpus.indices("test"), model.vocabulary, model.config.text)
        scores = score(model.classifier, reviews, torch.device("cpu"))
        assert (scores.accuracy, len(reviews)) == (said.accuracy, said.reviews)
        trained = score(Model.load(published.folder(result.run)).classifier, reviews, torch.device("cpu"))
        change = np.abs(1 / (1 + np.exp(-scores.logits)) - 1 / (1 + np.exp(-trained.logits))).max()
        assert change == pytest.approx(said.largest_change, abs=1e-6)
        assert 0 < said.largest_change < 0.01
        half, whole = (path / WEIGHTS for path in (folder, published.folder(result.run)))
        assert half.stat().st_size < 0.7 * whole.stat().st_size


def test_what_was_published_of_another_store_stays(published):
    gone, *others = [result.run for result in Results("words").all()]
    once = files()
    published.delete(gone)
    publish("words")
    assert files() == once
    shutil.rmtree(published_folder())
    curves_path("words").unlink()
    publish("words")
    assert runs_with_curves("words") == others
    assert networks("words-*") == ["words-50", "words-5000"]


def test_only_what_the_store_has_is_published(store):
    path = Results("words").path
    lines = path.read_text().splitlines()
    lines[1] = json.dumps({**json.loads(lines[1]), "test_accuracy": 0.123})
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(SweepError, match="not that of its network"):
        list(publish_networks(store, "words"))
    shutil.rmtree(store.root)
    with pytest.raises(SweepError, match="None of the runs"):
        publish_curves(store, "words")


@pytest.mark.parametrize("content", [b"", b"PAR1", b"{}", b"\x00" * 1_000])
def test_damaged_curves_are_a_sentence(content):
    curves_path("words").parent.mkdir(parents=True)
    curves_path("words").write_bytes(content)
    with pytest.raises(SweepError, match="can't be read"):
        runs_with_curves("words")


NO_TEXT = b"\xff\xfe"
ODD = {"kind": "odd", "accuracy": 1.5, "epoch": float("nan"), "inside": "[" * 100_000, "optimizer_step": -1}


@pytest.mark.parametrize(
    ("column", "value"),
    [*ODD.items(), ("inside", "{}"), ("kind", NO_TEXT), ("inside", NO_TEXT), ("run", NO_TEXT)],
)
def test_curves_that_are_of_no_run_are_refused(published, column, value):
    rows, run = pq.read_table(curves_path("words")), Results("words").all()[0].run
    place, field = rows.column_names.index(column), rows.schema.field(column)
    if value == NO_TEXT:
        buffers = pa.array([value] * len(rows), type=pa.binary()).buffers()
        values = pa.Array.from_buffers(pa.string(), len(rows), buffers)
    else:
        values = pa.array([value, *rows[column].to_pylist()[1:]], field.type)
    pq.write_table(rows.set_column(place, field, values), curves_path("words"))
    with pytest.raises(SweepError, match="can't be read"):
        read_curves("words", run, "gru")
    if column == "run":
        with pytest.raises(SweepError, match="can't be read"):
            runs_with_curves("words")


def test_looks_into_another_cell_are_refused(published):
    with pytest.raises(SweepError, match="must be those of lstm"):
        read_curves("words", Results("words").all()[0].run, "lstm")


GOOD = {"runs": {"a": "b"}, "reviews": 3, "accuracy": 0.5, "largest_change": 0.1, "probe": {"7": 0.5}}
WRONG = [{"runs": {}}, {"runs": {"a": 3}}, {"accuracy": 2.0}, {"largest_change": None}, {"probe": {"x": 0.5}}]
WRONG += [{"reviews": 0}, {"reviews": 10**40}]
NO_NETWORK = ["", "[]", "{}", "[" * 100_000, '{"runs": 3}', "null"]


@pytest.mark.parametrize("content", [*(json.dumps(GOOD | wrong) for wrong in WRONG), *NO_NETWORK], ids=str)
def test_a_damaged_publication_is_refused(content):
    folder = published_folder() / "words-20"
    folder.mkdir(parents=True)
    (folder / PUBLISHED).write_text(json.dumps(GOOD))
    assert read_published(folder).to_dict() == GOOD
    (folder / PUBLISHED).write_text(content)
    with pytest.raises(ModelFolderError, match="can't be read"):
        read_published(folder)


def test_networks_of_languages_keep_all_their_scores(monkeypatch, tmp_path):
    """And with the least probability of a next symbol; they are called by what tells their cases apart."""
    monkeypatch.setenv("GATESCOPE_CACHE", str(tmp_path / "cache"))
    base = bare_config("language-anbn", reviews=100, epochs=1, vocab_size=20, hidden_size=4)
    cases = grid({"cell": ["lstm"], "data": ["language-anbn", "language-delay-k10"]})
    tongues, store = Sweep(name="tongues", base=base, cases=cases), Store()
    list(run_sweep(tongues, store))
    names = ["tongues-anbn", "tongues-delay-k10"]
    assert [step.name for step in publish_networks(store, "tongues")] == names
    once = files()
    publish("tongues")
    assert files() == {**once, curves_path("tongues"): curves_path("tongues").read_bytes()}
    for name, result in zip(names, Results("tongues").all(), strict=True):
        places = find_model(name), store.folder(result.run)
        model, trained = (Model.load(place, tongues.base.task) for place in places)
        assert model.scores == trained.scores
        curves = read_curves("tongues", result.run, "lstm", tongues.base.task)
        for theirs, own in zip(curves, store.records.all(result.run), strict=True):
            assert theirs.scored_by == own.scored_by == "bits_per_token"
            assert theirs.fields == pytest.approx(own.fields, rel=1e-6)
        published, corpus = read_published(model.folder), load_corpus(model.config.data)
        assert (published.reviews, published.runs) == (1_000, {"tongues": result.run})
        for number, probability in published.probe.items():
            found = next_tokens(trained, trace(trained, corpus.text(int(number))))
            came = found.network[np.arange(len(found.came)), found.came]
            assert probability == pytest.approx(came.min(), rel=1e-4)
        assert 0 < published.largest_change < 0.01
        assert abs(published.accuracy - result.test_accuracy) < 0.01
    with pytest.raises(ModelFolderError, match="next symbol of a language"):
        Model.load(find_model(names[0]))
