"""The part of a question's runs that comes with the app: written from a store, read where there is none."""

import json
import shutil
from dataclasses import asdict
from unittest.mock import Mock

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rnn_core.data.sources import bare_config, load_corpus
from rnn_core.errors import ModelFolderError, SweepError
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
from rnn_core.sweeps.publication import publish_curves, publish_networks
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.sweep import Sweep, grid
from rnn_core.tasks.task import task_of
from tests.own import QUICK
from tests.runs.workers import artifacts_in

SIZES, SHORTER = [{"vocab_size": size} for size in (20, 50, 5_000)], [{"max_length": n} for n in (10, 20)]
WORDS = Sweep(name="words", base=QUICK, cases=SIZES, seeds=[3, 4])
LENGTHS = Sweep(name="lengths", base=QUICK.with_settings(vocab_size=50), cases=SHORTER, seeds=[3])
TONGUES = Sweep(
    name="tongues",
    base=bare_config("language-anbn", reviews=100, epochs=1, vocab_size=20, hidden_size=4),
    cases=grid({"cell": ["lstm"], "data": ["language-anbn", "language-delay-k10"]}),
)


def publish(*questions):
    for question in questions or ("words", "lengths", "tongues"):
        publish_curves(Store(), question)
        list(publish_networks(Store(), question))


@pytest.fixture(scope="module")
def trained(own_verdict_cache, tmp_path_factory):
    """The artifacts of a machine on which all were run and published."""
    with artifacts_in(tmp_path_factory.mktemp("trained"), own_verdict_cache) as folder:
        for sweep in (WORDS, LENGTHS, TONGUES):
            list(run_sweep(sweep, Store()))
        publish()
    return folder


@pytest.fixture
def published(trained, own_verdict_cache, monkeypatch, tmp_path):
    """The store of such a machine."""
    monkeypatch.setenv("GATESCOPE_CACHE", str(own_verdict_cache))
    shutil.copytree(trained, tmp_path / "artifacts")
    return Store()


def files():
    return {path: path.read_bytes() for path in results_folder().rglob("*") if path.is_file()}


def networks(like="*"):
    return sorted(path.name for path in published_folder().glob(like) if path.is_dir())


def test_published_curves_are_those_of_the_run(published):
    for sweep in (WORDS, TONGUES):
        results = Results(sweep.name).all()
        assert runs_with_curves(sweep.name) == [result.run for result in results]
        for result in results:
            cell = sweep.base.with_settings(**result.case).model.cell
            curves = read_curves(sweep.name, result.run, cell, sweep.base.task)
            for theirs, own in zip(curves, published.records.all(result.run), strict=True):
                for name in ("kind", "optimizer_step", "scored_by"):
                    assert getattr(theirs, name) == getattr(own, name)
                assert theirs.fields == pytest.approx(own.fields, rel=1e-6)
                for name in ("epoch", "gradient_norm", "learning_rate"):
                    assert (getattr(theirs, name) or 0) == pytest.approx(getattr(own, name) or 0, rel=1e-6)
                if own.inside is not None:
                    drawn, expected = (one.inside["gradients"]["h"] for one in (theirs, own))
                    assert drawn == pytest.approx(expected, rel=1e-3)


def test_a_publication_repeats_to_the_byte(published):
    once = files()
    publish()
    assert files() == once
    shutil.rmtree(published_folder())
    assert publish_curves(published, "words") == 6
    publish()
    assert files() == once


def test_networks_share_words_and_answer_two_questions(published):
    """One that answers two is there once."""
    assert networks("[lw]*") == ["lengths-10", "words-20", "words-50", "words-5000"]
    runs = read_published(published_folder() / "words-50").runs
    assert list(runs) == ["lengths", "words"]
    assert networks_by_run()[runs["lengths"]] == networks_by_run()[runs["words"]]
    assert not list(published_folder().glob(f"*/{VOCABULARY}"))
    assert (published_folder() / "vocabulary-verdict-3.txt").exists()
    for result in Results("words").all()[:3]:
        theirs, own = networks_by_run()[result.run], published.folder(result.run)
        assert Model.load(theirs).vocabulary.words == Model.load(own).vocabulary.words
        assert (theirs / WEIGHTS).stat().st_size < 0.7 * (own / WEIGHTS).stat().st_size


def test_a_publication_measures_nothing_twice(published, monkeypatch):
    shutil.rmtree(published_folder())
    next(publish_networks(published, "words"))
    measure = Mock(wraps=publication._measured)
    monkeypatch.setattr(publication, "_measured", measure)
    steps = list(publish_networks(published, "words"))
    assert [step.name for step in steps] == ["words-20", "words-50", "words-5000"]
    assert measure.call_count == 2


def test_a_network_no_longer_in_the_results_goes(published):
    results = Results("words")
    results.rewrite(results.sweep(), results.all()[:1])
    publish("words")
    listed = [entry.name for entry in list_models() if entry.kind == "experiment"]
    assert listed == ["lengths-10", "tongues-anbn", "tongues-delay-k10", "words-20", "words-50"]
    assert list(read_published(published_folder() / "words-50").runs) == ["lengths"]


def test_published_weights_answer_to_the_stated_change(published):
    for result in (*Results("words").all()[:3], *Results("tongues").all()):
        folder, own = networks_by_run()[result.run], published.folder(result.run)
        said, model, trained = read_published(folder), Model.load(folder, None), Model.load(own, None)
        task, corpus = task_of(model.config), load_corpus(model.config.data)
        texts = task.encode(corpus, corpus.indices("test"), model.vocabulary, model.config.text)
        now, was = (task.probabilities(one.classifier, texts) for one in (model, trained))
        assert model.scores == {name: trained.scores[name] for name in trained.scores if name != "mistakes"}
        assert model.scores["accuracy"] == result.test_accuracy
        accuracy = task.evaluate(model.classifier, texts).fields["accuracy"]
        assert (said.reviews, said.accuracy) == (len(texts), accuracy)
        assert said.largest_change == pytest.approx(np.abs(now - was).max(), abs=1e-6)
        assert 0 < said.largest_change < 0.01


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


def test_only_what_the_store_has_is_published(published):
    path = Results("words").path
    lines = path.read_text().splitlines()
    lines[1] = json.dumps({**json.loads(lines[1]), "test_accuracy": 0.123})
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(SweepError, match="not that of its network"):
        list(publish_networks(published, "words"))
    shutil.rmtree(published.root)
    curves_path("words").unlink()
    with pytest.raises(SweepError, match="None of the runs"):
        publish_curves(published, "words")


@pytest.mark.parametrize("content", [b"", b"PAR1", b"{}", b"\x00" * 1_000])
def test_damaged_curves_are_a_sentence(content):
    curves_path("words").parent.mkdir(parents=True)
    curves_path("words").write_bytes(content)
    with pytest.raises(SweepError, match="can't be read"):
        runs_with_curves("words")


NO_TEXT = b"\xff\xfe"
ODD = {"kind": "odd", "accuracy": 1.5, "epoch": float("nan"), "inside": "[" * 100_000, "optimizer_step": -1}
BYTES = [(column, NO_TEXT) for column in ("kind", "inside", "run")]


@pytest.mark.parametrize(("column", "value"), [*ODD.items(), ("inside", "{}"), *BYTES])
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
    assert asdict(read_published(folder)) == GOOD
    (folder / PUBLISHED).write_text(content)
    with pytest.raises(ModelFolderError, match="can't be read"):
        read_published(folder)


def test_a_probe_of_a_language_is_the_least_probability(published):
    """A task of a next symbol; its networks are called by what sets the cases apart."""
    for name, result in zip(["tongues-anbn", "tongues-delay-k10"], Results("tongues").all(), strict=True):
        trained, said = Model.load(published.folder(result.run), None), read_published(find_model(name))
        assert said.runs == {"tongues": result.run}
        for number, probability in said.probe.items():
            text = load_corpus(trained.config.data).text(int(number))
            found = next_tokens(trained, trace(trained, text))
            came = found.network[np.arange(len(found.came)), found.came]
            assert probability == pytest.approx(came.min(), rel=1e-4)
        with pytest.raises(ModelFolderError, match="next symbol of a language"):
            Model.load(find_model(name))
