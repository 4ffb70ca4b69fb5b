"""`trace` and `predict`: one whole file, or a sentence on why not, as for a network that overflows."""

import csv
import json
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
import torch
from click.testing import CliRunner

from rnn_core.cli import main
from rnn_core.config.run import RunConfig
from rnn_core.inspection.tables import about
from rnn_core.models.folder import save_model
from rnn_core.nn.classifier import Classifier
from rnn_core.paths import pretrained_folder
from rnn_core.text.vocabulary import Vocabulary

WORDS = Vocabulary.from_counts({"the": 5, "film": 4, "was": 3, "good": 2, "bad": 1}, 10)
TEXT = "The film was good, but the zither was bad"


def save(name, base=None, size=None, **settings):
    """A small untrained model, each weight of this size if it is given."""
    config = (base or RunConfig()).with_settings(hidden_size=5, embedding_size=3, **settings)
    weights = Classifier(config.model, len(WORDS), len(config.classes)).state_dict()
    if size is not None:
        weights = {name: weight.sign() * size for name, weight in weights.items()}
    save_model(pretrained_folder() / name, config, WORDS, weights)


@pytest.fixture(autouse=True)
def model(tmp_path, monkeypatch):
    """A small untrained model called "made", and a folder of its own to write into."""
    torch.manual_seed(3)
    save("made")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def call(*words, text=None):
    return CliRunner().invoke(main, ["trace", *words], input=text)


def read_json(name="a.json"):
    return json.loads(Path(name).read_text(encoding="utf-8"))


def written():
    return [path.name for path in Path.cwd().iterdir()]


def test_each_file_holds_the_same_trace():
    assert call("made", TEXT, "--out", "a.parquet").exit_code == 0
    assert call("made", TEXT, "--out", "a.json").exit_code == 0
    answer = json.loads(call("made", TEXT, "--out", "a.csv", "--json").stdout)
    assert sorted(written()) == ["a.csv", "a.json", "a.parquet"]
    table = pq.read_table("a.parquet")
    read = read_json()
    assert read["about"] == about(table)
    assert read["about"]["text"] == TEXT
    assert list(read["columns"]) == table.column_names
    assert read["columns"]["word"] == table.column("word").to_pylist()
    assert read["columns"]["z"][3] == pytest.approx(table.column("z")[3].as_py(), abs=1e-7)
    rows = pd.read_csv("a.csv", keep_default_na=False)
    assert rows["word"].tolist() == [word or "" for word in read["columns"]["word"]]
    assert rows["logit"].tolist() == read["columns"]["logit"]
    assert list(rows) == answer["columns"] == [name for name in table.column_names if name not in "hrzn"]


def test_the_answer_says_how_far_attention_agrees_where_there_is_attention():
    assert "attention" not in json.loads(call("made", TEXT, "--out", "a.json", "--json").stdout)
    save("attends", readout="attention")
    said = json.loads(call("attends", TEXT, "--out", "b.json", "--json").stdout)["attention"]
    columns = read_json("b.json")["columns"]
    at = [t for t, number in enumerate(columns["token_id"]) if number > 2]
    assert said["words"] == len(at) == 7
    weights = [columns["attention_weight"][t] for t in at]
    for name, sizes in (
        ("occlusion", [abs(columns["contribution"][t]) for t in at]),
        ("connectivity", [columns["connectivity_h"][t] for t in at]),
    ):
        ranks = pd.DataFrame({"weights": weights, "sizes": sizes}).corr(method="spearman")
        assert said["rank_correlation"][name] == pytest.approx(ranks.loc["weights", "sizes"])


def test_a_layer_is_chosen_by_its_number_and_the_top_one_is_written_without():
    save("stack", layers=2)
    columns, verdicts = {}, {}
    for name, words in (("top", []), ("1", ["--layer", "1"]), ("2", ["--layer", "2"])):
        assert call("stack", TEXT, "--out", f"{name}.json", *words).exit_code == 0
        read = read_json(f"{name}.json")
        assert read["about"]["layers"] == 2
        assert read["about"]["layer"] == (1 if name == "1" else 2)
        columns[name], verdicts[name] = read["columns"], read["columns"]["logit"]
    assert columns["top"] == columns["2"]
    assert columns["1"]["z"] != columns["2"]["z"]
    assert verdicts["1"] == pytest.approx(verdicts["2"], abs=1e-6)


@pytest.mark.parametrize("ending", [".parquet", ".json", ".JSON"])
def test_the_answer_for_machines_sums_the_file_up(ending):
    done = call("made", TEXT, "--out", f"a{ending}", "--json")
    assert done.exit_code == 0, done.stderr
    answer = json.loads(done.stdout)
    predicted = json.loads(CliRunner().invoke(main, ["predict", "made", TEXT, "--json"]).stdout)
    for name in ("model", "label", "probability", "logit"):
        assert answer[name] == predicted[name]
    assert answer["time_steps"] == 10
    assert answer["file"] == f"a{ending}"
    assert answer["bytes"] == Path(f"a{ending}").stat().st_size
    assert answer["columns"][:3] == ["time_step", "token", "word"]


def test_the_answer_for_people_is_a_sentence():
    answer = call("made", TEXT, "--out", "a.json").stdout
    assert answer.startswith("Wrote a.json: 10 time steps, ")
    assert "probability of positive" in answer


def test_standard_input_is_read_for_a_dash():
    assert call("made", "-", "--out", "a.json", text=TEXT).exit_code == 0
    assert call("made", TEXT, "--out", "b.json").exit_code == 0
    assert Path("a.json").read_bytes() == Path("b.json").read_bytes()


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["made", "", "--out", "a.json"], 2, "no word in this text"),
        (["made", "... 🎬", "--out", "a.parquet"], 2, "no word in this text"),
        (["made", "-", "--out", "a.json"], 2, "Standard input is no UTF-8 text"),
        (["made", "good \udcff film", "--out", "a.json"], 2, "TEXT is no UTF-8 text"),
        (["nothing", TEXT, "--out", "a.json"], 1, "There is no model called 'nothing'"),
        (["../made", TEXT, "--out", "a.json"], 1, "There is no model called '../made'"),
        (["made", TEXT, "--out", "a.txt"], 2, "must end in .parquet, .json or .csv, got 'a.txt'"),
        (["made", TEXT, "--out", "json"], 2, "must end in .parquet, .json or .csv, got 'json'"),
        (["made", TEXT, "--out", "no/such/a.json"], 1, "no/such/a.json: No such file"),
        (["made", TEXT], 2, "Missing option '--out'"),
        (["made", TEXT, "--out", "a.json", "--layer", "2"], 2, "made has one layer, got 2."),
        (["made", TEXT, "--out", "a.json", "--layer", "0"], 2, "made has one layer, got 0."),
        (["made", TEXT, "--out", "a.json", "--clamp", "z"], 2, "must be written as LETTER=VALUE"),
        (["made", TEXT, "--out", "a.json", "--clamp", "f=1"], 2, "A GRU has no quantity called 'f'"),
        (["made", TEXT, "--out", "a.json", "--clamp", "z=2"], 2, "must be held between 0 and 1, got 2"),
        (["made", TEXT, "--out", "a.json", "--clamp", "z=0@10"], 2, "There are 10 time steps"),
        (["made", TEXT, "--out", "a.json", "--clamp", "z=0#5"], 2, "There are 5 units"),
        (["made", TEXT, "--out", "a.json", "--patch", "5", "bad"], 2, "two time steps, such as 5=3"),
        (["made", TEXT, "--out", "a.json", "--patch", "5=2", "bad"], 2, "time steps in the other text"),
        (["made", TEXT, "--out", "a.json", "--patch", "5=0", "..."], 2, "no word in this text"),
        (["made", TEXT, "--out", "a.json", "--patch", "5=0", "\udcff"], 2, "--patch is no UTF-8 text"),
    ],
)
def test_what_can_not_be_done_is_said_in_a_sentence_and_leaves_no_file(words, code, sentence):
    answer = call(*words, text=b"good \xff\xfe")
    assert answer.exit_code == code
    assert sentence in answer.stderr
    assert "Traceback" not in answer.output
    assert written() == []


def test_a_file_that_is_there_is_replaced_where_the_text_can_be_read():
    Path("a.json").write_text("old" * 100_000)
    assert call("made", "...", "--out", "a.json").exit_code == 2
    assert Path("a.json").read_text() == "old" * 100_000
    assert call("made", TEXT, "--out", "a.json").exit_code == 0
    assert read_json()["about"]["model"] == "made"


@pytest.fixture
def of_three():
    """A small untrained model of three classes called "three"."""
    save("three", RunConfig(data="own", classes=("billing", "=x", "other")))


def predicted(*words):
    return CliRunner().invoke(main, ["predict", *words])


def test_of_many_classes_predict_says_the_class_and_its_probability(of_three):
    answer = json.loads(predicted("three", TEXT, "--json").stdout)
    probabilities = answer["probabilities"]
    assert list(probabilities) == ["billing", "=x", "other"]
    assert sum(probabilities.values()) == pytest.approx(1, abs=1e-5)
    assert answer["label"] == answer["followed"] == max(probabilities, key=probabilities.get)
    assert answer["probability"] == pytest.approx(max(probabilities.values()), abs=1e-6)
    said = f"{answer['label']}, probability {answer['probability']:.1%}\n"
    assert predicted("three", TEXT).stdout == said


def test_of_two_classes_predict_says_the_probability_of_the_second_one():
    answer = json.loads(predicted("made", TEXT, "--json").stdout)
    assert answer["probabilities"]["positive"] == pytest.approx(answer["probability"], abs=1e-6)
    said = f"{answer['label']}, probability of positive {answer['probability']:.1%}\n"
    assert predicted("made", TEXT).stdout == said


def test_trace_follows_the_class_that_is_named_and_names_all_where_it_is_none_of_them(of_three):
    refused = call("three", TEXT, "--out", "a.parquet", "--follow", "positive")
    assert refused.exit_code == 2
    assert "three knows the classes billing, =x, other, got 'positive'" in refused.stderr
    assert written() == []
    answer = json.loads(call("three", TEXT, "--out", "a.parquet", "--follow", "=x", "--json").stdout)
    assert answer["followed"] == about(pq.read_table("a.parquet"))["followed"] == "=x"
    assert answer["probability"] == pytest.approx(answer["probabilities"]["=x"], abs=1e-6)


def test_predict_reads_a_whole_table(of_three, tmp_path):
    (tmp_path / "new.csv").write_text(f'id,text\n1,"{TEXT}"\n2,\n')
    files = ("--file", str(tmp_path / "new.csv"), "--out", str(tmp_path / "out.csv"))
    done = predicted("three", *files, "--text", "text", "--json")
    assert done.exit_code == 0, done.stderr
    answer = json.loads(done.stdout)
    alone = json.loads(predicted("three", TEXT, "--json").stdout)
    assert answer["column"] == "text"
    assert {name: count for name, count in answer["classes"].items() if count} == {alone["label"]: 1}
    with (tmp_path / "out.csv").open(newline="") as file:
        header, first, second = csv.reader(file)
    assert header == ["id", "text", "class", "probability", "words"]
    assert float(first[3]) == pytest.approx(max(alone["probabilities"].values()), abs=1e-4)
    assert second == ["2", "", "", "", ""]


def test_what_is_held_stands_in_the_file_beside_what_was_read():
    assert call("made", TEXT, "--out", "plain.parquet").exit_code == 0
    held = ("--clamp", "z=0@5:", "--clamp", "r=1#2,4", "--patch", "4=1", "bad film")
    done = call("made", TEXT, "--out", "a.parquet", *held, "--json")
    answer = json.loads(done.stdout)
    plain, table = pq.read_table("plain.parquet"), pq.read_table("a.parquet")
    assert table.select(plain.column_names).to_pydict() == plain.to_pydict()
    z, h = (table.column(f"held_{letter}").to_pylist() for letter in "zh")
    assert z[5:] == [[0.0] * 5] * 5
    assert [row[2] for row in table.column("held_r").to_pylist()] == [1.0] * 10
    assert h[4:] == [h[4]] * 6
    kept = about(table)
    assert answer["clamps"] == kept["clamps"] == ["z=0@5:", "r=1#2,4"]
    assert kept["patches"] == [{"tokens": ["bad", "film"], "token": 1, "at": 4}]
    assert answer["held"]["logit"] == pytest.approx(kept["held_logit"])
    assert table.column("held_logit")[-1].as_py() == pytest.approx(kept["held_logit"])
    assert answer["logit"] != answer["held"]["logit"]


def test_the_answer_for_people_says_the_verdict_with_what_is_held():
    answer = call("made", TEXT, "--out", "a.json", "--clamp", "h=0").stdout
    held = read_json()["about"]["held_probability"]
    assert answer.count("probability of positive") == 2
    assert answer.endswith(f"probability of positive {held:.1%}\n")


@pytest.mark.usefixtures("with_corpus")
@pytest.mark.parametrize(
    "words",
    [
        ["predict", "large", TEXT],
        ["predict", "large", "--file", "../texts.csv", "--out", "classes.csv"],
        ["trace", "large", TEXT, "--out", "trace.json"],
        ["evaluate", "large"],
        ["probe", "large"],
    ],
    ids=["predict", "predict a table", "trace", "evaluate", "probe"],
)
def test_a_command_ends_with_a_sentence_where_the_network_overflows(words):
    save("large", RunConfig(data="verdict"), size=3e38)
    Path("../texts.csv").write_text(f'text\n"{TEXT}"\nThe film was bad\n', encoding="utf-8")
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 1
    assert "overflows" in done.stderr
    assert "choose another network" in done.stderr
    assert written() == []
