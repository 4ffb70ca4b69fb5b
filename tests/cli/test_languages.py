"""The commands with a network that says what comes next in strings of a made-up language."""

import json
import math
from collections import Counter
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import torch
from click.testing import CliRunner

import rnn_core as gs
from rnn_core.cli import main
from rnn_core.config.run import RunConfig
from rnn_core.config.setting import flag
from rnn_core.config.tasks import TASKS
from rnn_core.data.sources import load_corpus, recommended_config
from rnn_core.inspection.clamps import Clamp, Patch, hold
from rnn_core.inspection.next_tokens import next_tokens
from rnn_core.inspection.tables import about
from rnn_core.inspection.trace import trace
from rnn_core.languages.catalogue import LANGUAGES
from rnn_core.models.folder import save_model
from rnn_core.models.model import Model
from rnn_core.nn.classifier import Classifier
from rnn_core.paths import pretrained_folder
from rnn_core.runs.store import Store
from rnn_core.runs.worker import run_in_foreground
from rnn_core.tasks.task import task_of
from rnn_core.text.vocabulary import END, Vocabulary
from rnn_core.training.trainer import Trainer


@pytest.fixture
def make_speaker(tmp_path, monkeypatch):
    """A function that puts a network of a language, untrained if nothing is said, among the pretrained
    models, "speaker"."""
    monkeypatch.chdir(tmp_path)

    def make(language="anbn", trained=None, **settings):
        config = recommended_config(f"language-{language}").with_settings(
            hidden_size=5, embedding_size=3, threads=1, **settings, **(trained or {})
        )
        task = task_of(config)
        words = Vocabulary([*task.specials, *config.corpus.symbols])
        torch.manual_seed(0)
        network = task.network(config, len(words), Classifier)
        if trained:
            trainer = Trainer(config, load_corpus(config.data))
            for _ in trainer:
                pass
            network = trainer.classifier
        save_model(pretrained_folder() / "speaker", config, words, network.state_dict())
        return Model.load(pretrained_folder() / "speaker", None)

    return make


def call(*words, text=None):
    return CliRunner().invoke(main, words, input=text)


def truth_by_counting(strings, prefix):
    """The probability of each next symbol, by all training strings that begin like this."""
    begin = [(string[len(prefix)], p) for string, p in strings if string[: len(prefix)] == prefix]
    shares = Counter()
    for symbol, p in begin:
        shares[symbol] += p / sum(p for _, p in begin)
    return shares


def answers(model, string):
    """The probability of each next symbol by its name, before each symbol of a string and after all."""
    traced = trace(model, string)
    given = traced.probabilities_of_classes.astype(np.float64)
    return [dict(zip(traced.classes, of_step, strict=True)) for of_step in given]


def is_right(model, string):
    """Whether each most probable symbol is one that the rule allows, and the bracket that closes wins."""
    language = model.config.corpus.language
    for t, p in enumerate(answers(model, string)):
        moment = language.after(string[:t])
        other = language.rivals.get(moment.decided)
        if max(p, key=p.get) not in moment.allowed or (other is not None and p[moment.decided] <= p[other]):
            return False
    return True


@pytest.mark.parametrize("name", ["anbn-n3", "brackets-pairs3-depth2", "parity-bits3"])
def test_evaluate_scores_as_a_second_computation_by_all_strings_and_the_traces_of_the_test_strings(
    make_speaker, name
):
    model = make_speaker(name, trained={"reviews": 4_000, "epochs": 1, "learning_rate": 0.03})
    corpus, language = load_corpus(f"language-{name}"), model.config.corpus.language
    strings = [((*string, END), p) for string, p in language.strings()]
    tests = Counter(corpus.text(row) for row in corpus.indices("test").tolist())
    bits, above, right = [], [], 0
    for string, times in tests.items():
        tokens = (*string, END)
        for t, p in enumerate(answers(model, string)):
            truth = truth_by_counting(strings, tokens[:t])
            bits += [-math.log2(p[tokens[t]])] * times
            above += [sum(q * math.log2(q / p[symbol]) for symbol, q in truth.items())] * times
        right += times * is_right(model, string)
    scores = json.loads(call("evaluate", "speaker", "--json").stdout)
    assert scores["bits_per_token"] == pytest.approx(np.mean(bits), rel=1e-5)
    assert scores["bits_above_truth"] == pytest.approx(np.mean(above), rel=1e-4)
    assert scores["right_strings"] == pytest.approx(right / tests.total())
    longer = [is_right(model, string) for string in corpus.ref.longer(300)]
    assert scores["right_longer_strings"] == pytest.approx(np.mean(longer))


@pytest.mark.parametrize(
    ("option", "why"),
    [
        (("--class-weights", "balanced"), "Class weights must be 'off'"),
        (("--readout", "mean"), "Readout must be 'last'"),
        (("--truncation", "pre"), "Truncation side must be 'post'"),
        (("--label-smoothing", "0.1"), "Label smoothing must be 0.0"),
        (("--label-odds",), "Begin with label odds must be False"),
        (("--counted-bigrams", "50"), "Counted bigrams must be 0"),
        (("--teachers", "gru"), "Teachers must be ''"),
        (("--bidirectional",), "Both directions must be False"),
        (("--no-start-token",), "Start token must be True"),
        (("--no-skip-padding",), "Skip padding must be True"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_setting_that_means_nothing_for_a_language_is_refused_with_the_reason(option, why):
    refused = call("train", "--data", "language-anbn", *option)
    assert refused.exit_code == 2
    said = " ".join(refused.output.split())
    name = option[0].removeprefix("--no-").removeprefix("--").replace("-", "_")
    held = TASKS["next-symbol"].fixed[name]
    assert f"{why} for predicting the next symbol of a language, since {held.why}, got" in said


def test_a_run_travels_as_a_zip_with_its_scores_and_its_network(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = Store()
    config = recommended_config("language-anbn-n3").with_settings(
        reviews=100, epochs=1, hidden_size=5, embedding_size=3, threads=1, evaluations_per_epoch=1
    )
    run = store.create(config, foreground=True)
    for _ in run_in_foreground(store, run.id, lambda sentence: None):
        pass
    assert call("runs", "export", run.id, "--out", "run.zip").exit_code == 0
    new = json.loads(call("runs", "import", "run.zip", "--json").stdout)["run"]
    old, again = store.runs.get(run.id), store.runs.get(new)
    assert (again.config, again.scores) == (old.config, old.scores)
    assert again.scores["right_longer_strings"] is not None
    tables = []
    for number in (run.id, new):
        assert call("trace", number, "aabb", "--out", "a.json").exit_code == 0
        tables.append(json.loads(Path("a.json").read_text(encoding="utf-8"))["columns"])
    assert tables[0] == tables[1]


@pytest.mark.parametrize("command", [("train",), ("data", "prepare"), ("evaluate", "speaker")])
def test_a_length_beyond_the_bounds_of_an_option_is_refused_with_them(make_speaker, command):
    make_speaker()
    refused = call(*command, "--data", "language-anbn-n5000")
    assert refused.exit_code == 2
    most = LANGUAGES["anbn"].settings()["n"].high
    assert f"Longest n must be between 1 and {most:,.0f}, got 5,000." in " ".join(refused.output.split())


@pytest.mark.parametrize("name", ["anbn", "recall"])
def test_a_trace_has_the_networks_and_the_true_probability_of_each_symbol(make_speaker, name):
    model = make_speaker(name, cell="lstm")
    string = model.config.corpus.language.draw(Random(0))
    for file in ("a.csv", "a.json", "a.parquet"):
        assert call("trace", "speaker", string, "--out", file).exit_code == 0
    read = trace(model, string)
    found = next_tokens(model, read)
    table, rows = pq.read_table("a.parquet"), pd.read_csv("a.csv", keep_default_na=False)
    columns = json.loads(Path("a.json").read_text(encoding="utf-8"))["columns"]
    assert table.column_names == list(columns)
    for number, symbol in enumerate(found.names):
        of_network, of_truth = f"network_{symbol}", f"true_{symbol}"
        for one in (rows, columns, table.to_pydict()):
            assert list(one[of_network]) == pytest.approx(found.network[:, number])
            assert list(one[of_truth]) == found.truth[:, number].tolist()
    assert columns["next"] == [*string, END]
    assert columns["surprise"] == pytest.approx(found.surprise)
    assert columns["is_right"] == found.right.tolist()
    np.testing.assert_array_equal(np.array(columns["c"], np.float32), read.arrays["c"])
    assert not {"logit", "probability", "saliency", "contribution", "turned_to"} & columns.keys()
    beside = about(table)
    assert beside["mean_surprise"] == pytest.approx(found.surprise.mean())
    assert beside["mean_true_surprise"] == pytest.approx(found.true_surprise.mean())
    assert "verdict" not in beside


def test_a_trace_answers_with_what_is_right_and_where_the_rule_is_broken_and_with_what_is_held(make_speaker):
    model = make_speaker(cell="lstm", layers=2)
    words = ("--layer", "1", "--clamp", "i=0@2:", "--patch", "1=3", "aaab")
    answer = json.loads(call("trace", "speaker", "aaba", "--out", "a.json", *words, "--json").stdout)
    read = trace(model, "aaba", layer=1)
    patch = Patch(source=trace(model, "aaab", layer=1), token=3, at=1)
    after = hold(model, read, [Clamp.parse("i=0@2:")], [patch]).after
    for of, one in ((answer, read), (answer["held"], after)):
        found = next_tokens(model, one)
        assert (of["judged"], of["right"]) == (4, int(found.right[:4].sum()))
        assert (of["breaks"], of["without_truth"]) == (3, 4)
        assert of["first_wrong"] == found.first_wrong
        assert of["mean_surprise"] == pytest.approx(found.surprise.mean())
        assert of["mean_true_surprise"] is None
    assert (answer["layer"], answer["layers"], answer["clamps"]) == (1, 2, ["i=0@2:"])
    columns = json.loads(Path("a.json").read_text(encoding="utf-8"))["columns"]
    assert columns["held_network_a"] == pytest.approx(next_tokens(model, after).network[:, 0])
    assert "held_true_a" not in columns
    assert columns["is_right"][4] is None
    said = call("trace", "speaker", "aaba", "--out", "a.csv").stdout
    assert "The rule is broken after time step 4: from there on there is no truth." in said
    assert pd.read_csv("a.csv")["true_a"].isna().tolist() == [False] * 4 + [True]


@pytest.mark.parametrize(("text", "typed"), [("", None), ("  ", None), ("-", ""), ("-", " \n ")])
def test_an_empty_string_is_refused_in_words_and_leaves_no_file(make_speaker, text, typed):
    make_speaker()
    refused = call("trace", "speaker", text, "--out", "a.json", text=typed)
    assert refused.exit_code == 2
    assert "There is no character in this text that can be seen." in refused.output
    assert not Path("a.json").exists()


def test_of_ten_thousand_symbols_the_first_are_read_and_the_rest_is_said_to_be_cut(make_speaker):
    make_speaker()
    done = call("trace", "speaker", "ab" * 5_000, "--out", "a.json", "--json")
    answer = json.loads(done.stdout)
    assert (answer["tokens"], answer["tokens_read"], answer["time_steps"]) == (10_000, 180, 181)
    said = call("trace", "speaker", "ab" * 5_000, "--out", "a.json").stdout
    assert "It reads at most 180 symbols: the last 9,820 are cut off." in said


def test_symbols_that_a_language_lacks_are_named_and_a_film_review_is_said_to_belong_elsewhere(make_speaker):
    make_speaker()
    some = call("trace", "speaker", "aaXbb", "--out", "a.json")
    assert some.exit_code == 0
    assert "has the symbols a b; this text also has X. speaker reads each as <unk>" in some.stderr
    assert "A film review" not in some.stderr
    review = call("trace", "speaker", "What a great film!", "--out", "a.json", "--json")
    assert json.loads(review.stdout)["breaks"] == 0
    assert "A film review is read by a network that gives a verdict, such as reader." in review.stderr
    assert call("trace", "speaker", "aabb", "--out", "a.json").stderr == ""


def test_a_string_of_a_language_is_named_where_a_network_of_reviews_reads_it(make_speaker):
    save_model(
        pretrained_folder() / "reviews",
        config := RunConfig().with_settings(hidden_size=5, embedding_size=3),
        words := Vocabulary.from_counts({"film": 2, "good": 1}, 10),
        Classifier(config.model, len(words), 2).state_dict(),
    )
    for arguments in (("trace", "reviews", "aabb", "--out", "a.json"), ("predict", "reviews", "aabb")):
        done = call(*arguments)
        assert done.exit_code == 0
        assert "'aabb' is a string of the language aⁿbⁿ. reviews reads other texts" in done.stderr
    refused = call("predict", "reviews", "([])[]")
    assert refused.exit_code == 2
    assert "a network that learned language-brackets says at each symbol what comes next" in refused.stderr
    assert "There is no word in this text" in refused.stderr
    assert "is a string of" not in call("predict", "reviews", "good").stderr


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("predict", "speaker", "aabb"), "This needs one that was trained for text classification."),
        (("probe", "speaker"), "This needs one that was trained for text classification."),
        (("evaluate", "speaker", "--sentences"), "for networks that give a verdict on a text"),
        (
            ("trace", "speaker", "aabb", "--out", "a.json", "--follow", "a"),
            "speaker says what comes next: it has no class to follow.",
        ),
        (("trace", "speaker", "aabb", "--out", "a.json", "--layer", "2"), "speaker has one layer, got 2."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_asks_for_a_verdict_is_refused_in_words(make_speaker, words, why):
    make_speaker()
    refused = call(*words)
    assert refused.exit_code in (1, 2)
    assert why in " ".join(refused.output.split())


VAIN = {"vocab_size": 20, "padding": "post", "head": "two-logit", "reset": "after", "teachers_share": 0.5}


def test_settings_that_change_nothing_are_named():
    """Whether the language, the task, the cell or another setting leaves them without effect."""
    tiny = {"cell": "lstm", "reviews": 60, "epochs": 1, "hidden_size": 4, "threads": 1}
    options = [word for name, value in {**tiny, **VAIN}.items() for word in flag(name, value).split()]
    said = call("train", "--data", "language-anbn-n3", *options).stderr
    with pytest.warns(UserWarning, match="has no effect") as warned:
        gs.train("language-anbn-n3", progress=False, **tiny, **VAIN)
    vocabulary = "has no effect: The vocabulary is all 2 symbols of the language aⁿbⁿ, n = 3."
    assert f"--vocab-size {vocabulary}" in said
    assert f"vocab_size {vocabulary}" in str(warned[0].message)
    assert said.count("has no effect") == len(warned) == len(VAIN)
