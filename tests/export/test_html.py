"""The page of a network: which ones are refused, what the page is given, and what its file is."""

import base64
import hashlib
import html
import json
import re
from dataclasses import replace
from types import SimpleNamespace

import pytest

from rnn_core.config.tokens import TokenRules
from rnn_core.errors import ExportError, ModelFolderError
from rnn_core.export import stored as storages
from rnn_core.export.bundle import bundle
from rnn_core.export.html import HTML, PAGE_FORMAT, cells_of, check, network_data, page_of
from rnn_core.export.inside import plain, said_on_card
from rnn_core.export.page_file import colour_sheet, html_json, page_file
from rnn_core.export.written import MODEL_FORMATS
from rnn_core.figures.colours import DARK, LIGHT, WRITES, ink
from rnn_core.models.folder import CARD
from rnn_core.models.model import Model
from rnn_core.paths import pretrained_folder, project_folder
from rnn_core.progress import finish
from rnn_core.symbols import CELLS
from rnn_core.tasks.classification import TextClassification
from rnn_core.text.vocabulary import END, Vocabulary, line_of
from tests.export.page.sample import stored
from tests.inspection.made import WORDS, make_model
from tests.refusals import refusals

HOSTILE = "</script><img src=x onerror=alert(1)>'\"&<!--"
HOSTILE_WORD = f"{HOSTILE}\u2028\u2029"
SHIPPED = pretrained_folder()
STORED = SimpleNamespace(name="float16", tensors={}, sentence="Its weights are stored.")
DOCS = project_folder() / "docs"


def given(**settings):
    """Returns the data of the page of a small network."""
    return network_data(make_model(seed=0, **settings), STORED)


def inside(content, tag, attributes=""):
    """The texts between the tags of each such element."""
    found = re.findall(rf"(?s)<{tag}{attributes}>(.*?)</{tag}>", content.decode("utf-8"))
    return [*map(html.unescape, found)] if tag == "title" else found


def networks(content):
    """The JSON that a page has of each network, decoded."""
    return [*map(json.loads, inside(content, "script", ' type="application/json" id="network-\\d"'))]


test_a_page_is_refused = refusals(
    ExportError,
    {
        "a number that JSON does not have": (lambda: html_json({"weight": float("nan")}), "must be finite"),
        "a script that ends early": (lambda: page_file("a", [], "// </script>"), "not contain </script"),
    },
)


def test_what_comes_of_a_network_ends_no_element():
    words = Vocabulary.from_counts({HOSTILE_WORD: 5, "film": 4}, 10)
    model = make_model(seed=0, vocabulary=words, name=HOSTILE, classes=3)
    model = replace(model, config=replace(model.config, classes=("a", HOSTILE, "c")))
    content = page_of([model], [STORED])
    [data] = networks(content)
    assert (data["name"], data["classes"]) == (HOSTILE, ["a", HOSTILE, "c"])
    assert data["vocabulary"].split("\n")[3] == line_of(HOSTILE_WORD)
    assert inside(content, "title") == [f"{HOSTILE}: watch it read"]
    assert b"<img" not in content
    [script] = inside(content, "script")
    assert "alert" not in script
    assert "\u2028" not in html_json(data)


def test_a_lone_surrogate_can_be_written():
    assert json.loads(html_json({"name": "\ud800"})) == {"name": "\ud800"}
    assert b"<title>?</title>" in page_file("\ud800", [], "")


def test_the_policy_names_script_and_sheets():
    content = page_of([make_model(seed=0)], [STORED])
    [policy] = re.findall(r'<meta http-equiv="Content-Security-Policy" content="(.*?)"', content.decode())
    [script], [sheet] = inside(content, "script"), inside(content, "style")

    def digest(text):
        return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    assert html.unescape(policy).split("; ") == [
        "default-src 'none'",
        f"script-src 'sha256-{digest(script)}'",
        f"style-src 'sha256-{digest(sheet)}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    named = r"<[^<>]*\b(?:src|href)\s*=|url\(|@import|https?://(?!www\.w3\.org/)"
    assert not re.findall(named, content.decode())  # another place


def test_only_what_the_networks_need_is_in_the_script():
    script = page_of([make_model(seed=0, cell="lstm", readout="mean")], [STORED]).decode()
    named = re.findall(r"(?m)^// ((?:cells|readouts|answers)/[\w-]+\.js)$", script)
    assert named == ["cells/lstm.js", "readouts/mean.js", "answers/verdict.js"]


def test_a_task_says_how_its_answers_are_shown(monkeypatch):
    model, made_up = make_model(seed=0), {"answers/odds.js": "export const answer = {}"}
    monkeypatch.setattr(TextClassification, "page_answer", "")
    with pytest.raises(ExportError, match="'made' was trained for text classification"):
        check([model])
    monkeypatch.setattr(TextClassification, "page_answer", "odds")
    with pytest.raises(ExportError, match=r"no odds\.js in the folder answers"):
        check([model])
    monkeypatch.setattr("rnn_core.export.html.cells_of", lambda models: cells_of(models) | made_up)
    script = page_of([model], [STORED]).decode()
    assert "// answers/odds.js" in script
    assert "// answers/verdict.js" not in script
    assert network_data(model, STORED)["answer"] == "odds"


def test_two_networks_stand_in_one_page(monkeypatch):
    monkeypatch.setattr(storages, "TEXTS", 20)
    models = [make_model(seed=0, name="one"), make_model(seed=1, name="two", cell="elman")]
    made = finish(HTML.export(models))
    assert [data["name"] for data in networks(made.files[""])] == ["one", "two"]
    assert inside(made.files[""], "title") == ["one and two: watch them read"]
    assert [sentence.split(" ")[0] for sentence in made.said] == ["one:", "one:", "two:", "two:"]
    assert "the 5 most frequent words of the reviews it learned from" in made.said[0]
    assert "It holds none of these reviews." in made.said[2]
    assert "stored in" in made.said[3]


def test_a_network_is_named_in_a_few_words():
    assert given(cell="lstm", hidden_size=1)["noun"] == "an LSTM with 1 unit"
    noun = "a GRU with 5 units in each direction in each of 2 layers"
    assert given(layers=2, bidirectional=True)["noun"] == noun


def test_a_page_is_given_what_reading_takes():
    data = json.loads(html_json(given(cell="slstm", bidirectional=True)))
    assert data["format"] == PAGE_FORMAT
    assert (data["model"]["kind"], data["model"]["bidirectional"]) == ("slstm", True)
    assert data["vocabulary"] == WORDS.to_text()
    assert data["nouns"] == {"text": "review", "texts": "reviews", "described": "film review"}
    symbols = {symbol["letter"]: symbol for symbol in data["symbols"]}
    assert (symbols["d"]["bounds"], symbols["i"]["bounds"]) == ([0, None], None)
    assert [letter for letter, symbol in symbols.items() if not symbol["isHoldable"]] == ["p", "q", "v"]
    for known in CELLS["slstm"].symbols:
        kinds = [symbols[known.letter][kind] for kind in ("isGate", "isShare")]
        assert kinds == [known.is_gate, known.is_share]


@pytest.mark.parametrize("name", ["reader", "tiny-anbn"])
def test_a_shipped_network_is_described_by_its_folder(name):
    model = Model.load(SHIPPED / name, None)
    corpus, scores = model.config.corpus, model.scores
    data = network_data(model, STORED)
    (what, value), *further = data["about"]["lines"]
    field, factor = ("accuracy", 100) if "accuracy" in what else ("bits_per_token", 1)
    assert what.startswith("Test ")
    assert float(re.match(r"[\d.]+", value)[0]) == pytest.approx(scores[field] * factor, abs=0.006)
    assert f"{scores['reviews']:,} test " in value
    assert further
    assert data["about"]["warnings"] == said_on_card(model.folder)
    parts = {"config": model.config, "vocabulary": model.vocabulary, "classifier": model.classifier}
    *_, where = network_data(Model(**parts, scores=scores), STORED)["about"]["warnings"]
    assert where.startswith(f"Its test {corpus.nouns.texts} are ")  # without a card
    if corpus.language is None:
        offered = [["", corpus.first_sentence], *([one.title, one.text] for one in corpus.examples)]
        assert data["examples"] == offered
    else:
        [[_, right], [_, wrong]] = data["examples"]
        assert END in corpus.language.after(right).allowed
        assert END not in corpus.language.after(wrong).allowed


def test_without_a_card_is_said_what_holds_of_any():
    about = given(excerpts=0.5, composed=40_000)["about"]
    assert about["lines"] == []
    [warning] = about["warnings"]
    assert "or one that is no review at all" in warning
    assert about["learned_from"] == "reviews of IMDB, excerpts and composed sentences"


def test_texts_of_the_users_own_stay_out_of_a_page():
    data = given(classes=3)
    assert data["examples"] == [["", "the film was good bad"]]
    assert "If these are private, so is this file." in data["about"]["inside"]
    words = Vocabulary.from_counts({"a": 5, "␣": 4, "b": 3}, 10)
    model = make_model(seed=0, vocabulary=words, classes=3)
    model = replace(model, config=replace(model.config, tokens=TokenRules(unit="characters")))
    assert network_data(model, STORED)["examples"] == [["", "a b"]]


def test_colours_are_those_of_the_figures():
    light, dark, _ = colour_sheet().split("@media")
    for sheet, theme in ((light, LIGHT), (dark, DARK)):
        assert f"--background: {theme.background};" in sheet
        assert f"--writes: {WRITES};" in sheet
        assert f"--writes-ink: {ink(WRITES, theme)};" in sheet


def test_the_document_lists_every_format():
    document = (DOCS / "export.md").read_text("utf-8")
    assert re.findall(r"^\| `(\w+)` \|", document, re.MULTILINE) == list(MODEL_FORMATS)


@pytest.mark.parametrize(("name", "place"), [("gru", 0), ("reader", 1)])
def test_a_page_is_as_large_as_the_documents_say(name, place):
    document, decisions = ((DOCS / file).read_text("utf-8") for file in ("export.md", "decisions/exports.md"))
    [sizes] = re.findall(r"^\| size \|(.*)$", document, re.MULTILINE)
    megabytes = float(re.findall(r"\d+\.\d+(?= MB)", sizes)[place])
    model = Model.load(SHIPPED / name)
    size = len(page_of([model], [stored(model)]))
    assert size == pytest.approx(1e6 * megabytes, rel=0.05) == pytest.approx(HTML.size([model]), rel=0.1)
    [most] = re.findall(r"without\s+weights is under (\d\.\d+) MB", decisions)
    assert len(page_file("", [], bundle("main.js"))) < 1e6 * float(most)


TITLE = "## What it is not good at\n\n"
CARDS = {
    "both sections, the limits first, and no other": (
        "# a\n\nIntro.\n\n## Where these scores hold\n\nOn\nthese.\n\nAnd those.\n\n"
        f"## Why this recipe\n\nWhy.\n\n{TITLE}*Irony*.\n",
        ["Irony.", "On these.", "And those."],
    ),
    "no table, no code": (f"{TITLE}| a |\n|---|\n| 1 |\n\n    python\n\n```\nx\n```\n\nIrony.\n", ["Irony."]),
    "none of these sections": ("# a\n", []),
    "markup is text": (f"{TITLE}<b onclick=x>No</b> \\*a\\* [a](http://b)\n", ["<b onclick=x>No</b> *a* a"]),
    "no UTF-8": (f"{TITLE}\udcff irony\n", ["\N{REPLACEMENT CHARACTER} irony"]),
}


@pytest.mark.parametrize(("text", "said"), CARDS.values(), ids=CARDS)
def test_the_limits_are_read_off_a_card(tmp_path, text, said):
    assert said_on_card(tmp_path) == []  # without one
    (tmp_path / CARD).write_bytes(text.encode("utf-8", "surrogateescape"))
    assert said_on_card(tmp_path) == said


def test_a_card_that_is_too_long_is_refused(tmp_path):
    (tmp_path / CARD).write_text("x" * 200_001)
    with pytest.raises(ModelFolderError, match=r"README\.md: it must have at most 200,000 bytes"):
        said_on_card(tmp_path)


def test_commands_on_a_card_give_way_to_what_they_ask():
    asked = '`python -m rnn_core predict gru "Not a good film."` is 53 %'
    assert plain(asked) == '"Not a good film." is 53 %'
    assert plain("right on 88 % (`python -m rnn_core evaluate gru --without-copies`).") == "right on 88 %."
    for card in SHIPPED.glob(f"*/{CARD}"):
        said = said_on_card(card.parent)
        assert len(said) >= 2, card
        assert not any("python -m" in paragraph or "`" in paragraph for paragraph in said), card
