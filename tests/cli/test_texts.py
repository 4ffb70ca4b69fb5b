"""`predict`, `trace`, `evaluate`, `probe`: a command says the core's numbers, in words and for machines."""

import csv
import json
from functools import cache
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from rnn_core.config.run import RunConfig
from rnn_core.data.sources import load_corpus
from rnn_core.inspection.attribution import agreement, attribute, occlusion
from rnn_core.inspection.clamps import Clamp, Patch, hold
from rnn_core.inspection.next_tokens import next_tokens
from rnn_core.inspection.tables import table_facts, trace_table
from rnn_core.inspection.trace import trace
from rnn_core.models.model import Model
from rnn_core.paths import pretrained_folder
from rnn_core.text.vocabulary import END
from tests.cli.calls import TEXT, call, done, error_of, said, save_speaker
from tests.export.made import save_small

pytestmark = pytest.mark.usefixtures("here")


def save(name="made", base=None, **settings):
    """An untrained model of reviews."""
    return Model.load(save_small(pretrained_folder() / name, base, **settings))


@pytest.fixture
def of_three():
    """A model of three classes called "three"."""
    return save("three", RunConfig(data="own", classes=("billing", "=x", "other")))


def columns_of(name="a.json"):
    return json.loads(Path(name).read_text(encoding="utf-8"))["columns"]


def table_of(model, text=TEXT, **how):
    read = trace(model, text, **how)
    return trace_table(read, attribute(model, read), occlusion(model, read), model=model, text=text)


@pytest.mark.parametrize(("file", "layer"), [("a.parquet", None), ("a.JSON", 1), ("a.csv", None)])
def test_trace_writes_the_table_of_the_core(file, layer):
    """The columns are those of the layer that is asked for, else of the last one."""
    model, words = save(layers=2), () if layer is None else ("--layer", layer)
    answer, table = said("trace", "made", TEXT, "--out", file, *words), table_of(model, layer=layer)
    assert (answer["layer"], answer["layers"]) == (layer or 2, 2)
    if file == "a.parquet":
        assert table_facts(pq.read_table(file)) == table_facts(table)
        columns = pq.read_table(file).to_pydict()
    else:
        columns = pd.read_csv(file).to_dict("list") if file == "a.csv" else columns_of(file)
    assert list(columns) == answer["columns"]
    without = "hrzn" if file == "a.csv" else ()
    assert answer["columns"] == [name for name in table.column_names if name not in without]
    for name in ("logit", "norm_h", "saliency", "contribution"):
        np.testing.assert_allclose(columns[name], table.column(name).to_pylist(), atol=1e-6)
    predicted = said("predict", "made", TEXT)
    for name in ("model", "label", "probability", "logit"):
        assert answer[name] == predicted[name]
    assert (answer["time_steps"], answer["file"], answer["bytes"]) == (10, file, Path(file).stat().st_size)


def test_a_dash_is_standard_input():
    done("trace", "made", "-", "--out", "a.json", text=TEXT)
    done("trace", "made", TEXT, "--out", "b.json")
    assert Path("a.json").read_bytes() == Path("b.json").read_bytes()
    assert said("predict", "made", "-", text=TEXT) == said("predict", "made", TEXT)


def test_a_file_is_replaced_where_the_text_can_be_read():
    Path("a.json").write_text("old" * 100_000)
    error_of(call("trace made ... --out a.json"), 2)
    assert Path("a.json").read_text() == "old" * 100_000
    done("trace", "made", TEXT, "--out", "a.json")
    assert columns_of()["time_step"] == list(range(10))


def test_trace_says_how_far_attention_agrees():
    assert "attention" not in said("trace", "made", TEXT, "--out", "a.json")
    model = save("attends", readout="attention")
    read = trace(model, TEXT)
    found = agreement(read, attribute(model, read), occlusion(model, read))
    assert said("trace", "attends", TEXT, "--out", "a.json")["attention"] == {
        "words": found.words,
        "rank_correlation": {
            "occlusion": pytest.approx(found.occlusion),
            "connectivity": pytest.approx(found.connectivity),
        },
    }


def test_what_is_held_stands_beside_what_was_read():
    model, held = save(), ("--clamp", "z=0@5:", "--clamp", "r=1#2,4", "--patch", "4=1", "bad film")
    answer = said("trace", "made", TEXT, "--out", "a.parquet", *held)
    plain, table, read = table_of(model), pq.read_table("a.parquet"), trace(model, TEXT)
    assert set(plain.column_names) < set(table.column_names)
    patch = Patch(source=trace(model, "bad film"), token=1, at=4)
    after = hold(model, read, [*map(Clamp.parse, ("z=0@5:", "r=1#2,4"))], [patch]).after
    for letter in "zrh":
        for name, of in ((letter, read), (f"held_{letter}", after)):
            np.testing.assert_allclose(table.column(name).to_pylist(), of.arrays[letter], atol=1e-6)
    kept = table_facts(table)
    assert answer["clamps"] == kept["clamps"] == ["z=0@5:", "r=1#2,4"]
    assert kept["patches"] == [{"tokens": ["bad", "film"], "token": 1, "at": 4}]
    last = pytest.approx(float(after.logits[-1]))
    assert answer["held"]["logit"] == kept["held_logit"] == table.column("held_logit")[-1].as_py() == last
    assert answer["logit"] == pytest.approx(float(read.logits[-1]))


def test_people_get_the_verdict_in_a_sentence(of_three):
    answer = said("predict", "made", TEXT)
    assert answer["probabilities"]["positive"] == pytest.approx(answer["probability"], abs=1e-6)
    sentence = f"{answer['label']}, probability of positive {answer['probability']:.1%}"
    assert done("predict", "made", TEXT).stdout == f"{sentence}\n"
    lines = done("trace", "made", TEXT, "--out", "a.json", "--clamp", "h=0").stdout
    held = json.loads(Path("a.json").read_text())["about"]["held_probability"]
    assert lines.startswith("Wrote a.json: 10 time steps, ")
    assert f", {sentence}; with what is held " in lines
    assert lines.endswith(f"probability of positive {held:.1%}\n")
    answer = said("predict", "three", TEXT)
    shares = answer["probabilities"]
    assert answer["label"] == answer["followed"] == max(shares, key=shares.get)
    assert list(shares) == ["billing", "=x", "other"]
    sentence = f"{answer['label']}, probability {answer['probability']:.1%}\n"
    assert done("predict", "three", TEXT).stdout == sentence


def test_trace_follows_the_class_that_is_named(of_three):
    answer = said("trace", "three", TEXT, "--out", "a.parquet", "--follow", "=x")
    assert answer["followed"] == table_facts(pq.read_table("a.parquet"))["followed"] == "=x"
    assert answer["probability"] == pytest.approx(answer["probabilities"]["=x"], abs=1e-6)
    refused = error_of(call("trace three film --out b.json --follow positive"), 2)
    assert "three knows the classes billing, =x, other, got 'positive'" in refused


def test_predict_reads_a_whole_table(of_three):
    Path("new.csv").write_text(f'id,text\n1,"{TEXT}"\n2,\n')
    answer = said("predict three --file new.csv --out out.csv --text text")
    alone = said("predict", "three", TEXT)
    assert answer["column"] == "text"
    assert {name: count for name, count in answer["classes"].items() if count} == {alone["label"]: 1}
    with Path("out.csv").open(newline="") as file:
        header, first, second = csv.reader(file)
    assert header == ["id", "text", "class", "probability", "words"]
    assert float(first[3]) == pytest.approx(max(alone["probabilities"].values()), abs=1e-4)
    assert second == ["2", "", "", "", ""]


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        "predict large 'good film'",
        "predict large --file ../texts.csv --out classes.csv",
        "trace large 'good film' --out trace.json",
        "evaluate large",
        "probe large",
    ],
)
def test_a_network_that_overflows_is_said_in_a_sentence(small_verdict_cache, monkeypatch, words):
    def enlarge(weights):
        for weight in weights.values():
            weight.copy_(weight.sign() * 3e38)

    monkeypatch.setenv("GATESCOPE_CACHE", str(small_verdict_cache))
    save("large", change=enlarge)
    Path("../texts.csv").write_text(f'text\n"{TEXT}"\nThe film was bad\n', encoding="utf-8")
    error = error_of(call(words), 1)
    assert "overflows" in error
    assert "choose another network" in error
    assert [*Path().iterdir()] == []


@pytest.mark.slow
def test_evaluate_scores_a_language_as_its_traces_do():
    """The second way: the trace of each string beside the truth."""
    trained = {"reviews": 4_000, "epochs": 1, "learning_rate": 0.03}
    model = save_speaker("brackets-pairs3-depth2", trained)
    corpus = load_corpus(model.config.corpus)
    read = cache(lambda string: next_tokens(model, trace(model, string)))
    found = [read(corpus.text(row)) for row in corpus.indices("test").tolist()]
    above = [one.along.bits_above(one.network) for one in found]
    longer = [read(string).right.all() for string in corpus.ref.longer(300)]
    scores = said("evaluate speaker")
    surprise = np.concatenate([one.surprise for one in found])
    assert scores["bits_per_token"] == pytest.approx(surprise.mean(), rel=1e-5)
    assert scores["bits_above_truth"] == pytest.approx(np.concatenate(above).mean(), rel=1e-4)
    assert scores["right_strings"] == pytest.approx(np.mean([one.right.all() for one in found]))
    assert scores["right_longer_strings"] == pytest.approx(np.mean(longer))


@pytest.mark.parametrize("name", ["anbn", "recall"])
def test_a_trace_has_both_probabilities_of_each_symbol(name):
    """The network's and the true one."""
    model = save_speaker(name, cell="lstm")
    string = model.config.corpus.language.draw(Random(0))
    done("trace", "speaker", string, "--out", "a.json")
    read = trace(model, string)
    found, columns = next_tokens(model, read), columns_of()
    for number, symbol in enumerate(found.names):
        assert columns[f"network_{symbol}"] == pytest.approx(found.network[:, number])
        assert columns[f"true_{symbol}"] == found.truth[:, number].tolist()
    assert columns["next"] == [*string, END]
    assert columns["surprise"] == pytest.approx(found.surprise)
    assert columns["is_right"] == found.right.tolist()
    np.testing.assert_array_equal(np.array(columns["c"], np.float32), read.arrays["c"])
    assert not {"logit", "probability", "saliency", "contribution", "turned_to"} & columns.keys()
    beside = json.loads(Path("a.json").read_text(encoding="utf-8"))["about"]
    assert beside["mean_surprise"] == pytest.approx(found.surprise.mean())
    assert beside["mean_true_surprise"] == pytest.approx(found.true_surprise.mean())
    assert "verdict" not in beside


def test_a_trace_says_where_the_rule_breaks():
    """Also of what is held, in a layer."""
    model = save_speaker(cell="lstm", layers=2)
    words = ("--layer", "1", "--clamp", "i=0@2:", "--patch", "1=3", "aaab")
    answer = said("trace", "speaker", "aaba", "--out", "a.json", *words)
    read = trace(model, "aaba", layer=1)
    patch = Patch(source=trace(model, "aaab", layer=1), token=3, at=1)
    after = hold(model, read, [Clamp.parse("i=0@2:")], [patch]).after
    for of, one in ((answer, read), (answer["held"], after)):
        found = next_tokens(model, one)
        assert (of["judged"], of["right"]) == (4, int(found.right[:4].sum()))
        assert (of["breaks"], of["without_truth"]) == (3, 4)
        assert of["first_wrong"] == found.first_wrong
        assert (of["mean_surprise"], of["mean_true_surprise"]) == (pytest.approx(found.surprise.mean()), None)
    assert (answer["layer"], answer["layers"], answer["clamps"]) == (1, 2, ["i=0@2:"])
    columns = columns_of()
    assert columns["held_network_a"] == pytest.approx(next_tokens(model, after).network[:, 0])
    assert "held_true_a" not in columns
    assert columns["is_right"][4] is None
    sentence = "The rule is broken after time step 4: from there on there is no truth."
    assert sentence in done("trace speaker aaba --out a.csv").stdout
    assert pd.read_csv("a.csv")["true_a"].isna().tolist() == [False] * 4 + [True]


def test_symbols_beyond_the_window_are_said_to_be_cut():
    save_speaker()
    answer = said("trace", "speaker", "ab" * 5_000, "--out", "a.json")
    assert (answer["tokens"], answer["tokens_read"], answer["time_steps"]) == (10_000, 180, 181)
    sentence = "It reads at most 180 symbols: the last 9,820 are cut off."
    assert sentence in done("trace", "speaker", "ab" * 5_000, "--out", "a.json").stdout


def test_a_text_that_belongs_elsewhere_is_named():
    """Symbols that a language lacks, a film review, and strings where a network of reviews reads them."""
    save_speaker()
    noted = done("trace speaker aaXbb --out a.json").stderr
    assert "has the symbols a b; this text also has X. speaker reads each as <unk>" in noted
    assert "A film review" not in noted
    noted = done("trace speaker 'What a great film!' --out a.json").stderr
    assert "A film review is read by a network that gives a verdict, such as reader." in noted
    assert done("trace speaker aabb --out a.json").stderr == ""
    for words in ("trace made aabb --out a.json", "predict made aabb"):
        assert "'aabb' is a string of the language aⁿbⁿ. made reads other texts" in done(words).stderr
    refused = error_of(call("predict made ([])[]"), 2)
    assert "a network that learned language-brackets says at each symbol what comes next" in refused
    assert "There is no word in this text" in refused
    assert "is a string of" not in done("predict made good").stderr
