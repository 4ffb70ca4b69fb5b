"""The page of a network: which ones are refused, what the page is given, and what its file is."""

import base64
import dataclasses
import hashlib
import html
import json
import re
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
import torch

from rnn_core.config.readouts import READOUTS
from rnn_core.config.run import RunConfig
from rnn_core.config.tasks import NEXT_TOKEN
from rnn_core.config.tokens import TokenRules
from rnn_core.errors import ExportError
from rnn_core.export import html as page_format
from rnn_core.export.bundle import bundle
from rnn_core.export.html import HTML, check, network_data, page_of
from rnn_core.export.page_file import as_json, colour_sheet, page_file
from rnn_core.figures.colours import DARK, LIGHT, WRITES, ink
from rnn_core.models.model import Model
from rnn_core.nn.classifier import Classifier
from rnn_core.paths import pretrained_folder
from rnn_core.progress import Progress, finish
from rnn_core.symbols import CELLS
from rnn_core.text.vocabulary import END, Vocabulary
from tests.cell_files.sources import write
from tests.export.page.sample import stored
from tests.inspection.made import WORDS, make_model
from tests.own_cells.files import LEAKY

HOSTILE = "</script><img src=x onerror=alert(1)>'\"&<!--"
HOSTILE_WORD = f"{HOSTILE}\u2028\u2029"
SHIPPED = pretrained_folder()
STORED = SimpleNamespace(name="float16", tensors={}, sentence="Its weights are stored.")


class Elements(HTMLParser):
    """The elements of a page, each with its attributes and its text."""

    def __init__(self, content):
        super().__init__()
        self.found, self.inside = [], []
        self.feed(content.decode("utf-8"))

    def handle_starttag(self, tag, attrs):
        self.inside = []
        self.found.append((tag, dict(attrs), self.inside))

    def handle_endtag(self, tag):
        self.inside = []

    def handle_data(self, data):
        self.inside.append(data)

    def of(self, wanted):
        return [(attrs, "".join(text)) for tag, attrs, text in self.found if tag == wanted]


def networks(content):
    """The JSON that a page has of each network, decoded."""
    scripts = Elements(content).of("script")
    return [json.loads(text) for attrs, text in scripts if attrs.get("type") == "application/json"]


def hostile():
    words = Vocabulary.from_counts({HOSTILE_WORD: 5, "film": 4}, 10)
    model = make_model(seed=0, vocabulary=words, name=HOSTILE, classes=3)
    classes = ("a", HOSTILE, "c")
    return dataclasses.replace(model, config=dataclasses.replace(model.config, classes=classes))


def test_a_cell_of_ones_own_is_refused_with_its_name_and_what_to_do():
    write("leaky", LEAKY)
    model = make_model(seed=0)
    own = dataclasses.replace(model, config=model.config.with_settings(cell="leaky"))
    with pytest.raises(ExportError, match=r"'made' has a cell of your own, .* Export it as a zip\.$"):
        check([model, own])


def test_a_registered_cell_that_the_page_has_no_module_for_is_refused():
    model = make_model(seed=0)
    own = dataclasses.replace(CELLS["gru"], kind="mine", name="Mine")
    CELLS.register("mine", own)
    try:
        config = model.config.with_settings(cell="mine")
        with pytest.raises(
            ExportError, match=r"'made' has the cell mine, .* no mine\.js .* Export it as a zip"
        ):
            check([dataclasses.replace(model, config=config)])
    finally:
        CELLS.remove("mine")


def test_a_readout_that_the_page_has_no_module_for_is_refused():
    READOUTS.register("first", READOUTS["last"])
    try:
        with pytest.raises(ExportError, match=r"'made' has the readout first, which the page can't compute"):
            check([make_model(seed=0), make_model(seed=0, readout="first")])
    finally:
        READOUTS.remove("first")


def test_a_language_that_the_page_has_no_module_for_is_refused(tmp_path, monkeypatch):
    for folder, name in (("cells", "lstm"), ("readouts", "last")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{name}.js").touch()
    monkeypatch.setattr(page_format, "PAGE", tmp_path)
    with pytest.raises(ExportError, match=r"'tiny-anbn' has the language anbn, .* no anbn\.js in the folder"):
        check([Model.load(SHIPPED / "tiny-anbn", None)])


def test_a_task_that_the_page_does_not_show_is_refused():
    config = RunConfig.plain("verdict").with_settings(truncation="post")
    config = dataclasses.replace(config, task=NEXT_TOKEN)
    model = dataclasses.replace(make_model(seed=0), config=config)
    with pytest.raises(ExportError, match="'made' was trained for predicting the next token"):
        check([model])


def test_every_pretrained_network_can_be_had_as_a_page(pretrained):
    check([pretrained])


def test_a_third_network_is_refused():
    with pytest.raises(ExportError, match="at most 2 networks, got 3"):
        HTML.refuse([make_model(seed=0)] * 3)


def test_a_weight_that_is_no_number_is_refused():
    model = make_model(seed=0)
    with torch.no_grad():
        model.classifier.head.weight[0, 0] = torch.nan
    with pytest.raises(ExportError, match=r"some of head\.weight"):
        finish(HTML.export([model]))


def test_a_number_that_json_does_not_have_is_refused():
    with pytest.raises(ExportError, match="must be finite"):
        as_json({"weight": float("nan")})


def test_progress_is_said_while_a_page_is_made_and_what_is_inside_at_its_end():
    steps = HTML.export([make_model(seed=0)])
    seen = []
    while True:
        try:
            seen.append(next(steps))
        except StopIteration as ended:
            exported = ended.value
            break
    assert all(isinstance(one, Progress) for one in seen)
    assert seen[-1].doing == "Writing the page"
    assert [*exported.files] == [""]
    assert any("It holds none of these reviews." in sentence for sentence in exported.said)
    assert any("stored in" in sentence for sentence in exported.said)


def test_the_same_network_makes_the_same_bytes():
    assert page_of([make_model(seed=1)], [STORED]) == page_of([make_model(seed=1)], [STORED])


def test_names_classes_and_words_come_out_of_the_file_as_they_went_in_and_end_no_element():
    content = page_of([hostile()], [STORED])
    [data] = networks(content)
    assert data["name"] == HOSTILE
    assert data["classes"] == ["a", HOSTILE, "c"]
    assert data["vocabulary"].split("\n")[3] == HOSTILE_WORD
    elements = Elements(content)
    assert not elements.of("img")
    assert [text for _, text in elements.of("title")] == [f"{HOSTILE}: watch it read"]
    [document] = re.findall(r"(?s)<script>.*</script>", content.decode())
    assert "alert" not in document
    assert "\u2028" not in as_json(data)


def test_a_lone_surrogate_can_be_written():
    assert json.loads(as_json({"name": "\ud800"})) == {"name": "\ud800"}
    assert b"<title>?</title>" in page_file("\ud800", [], "")


def test_the_policy_names_the_script_and_the_sheets_by_their_hashes_and_allows_nothing_else():
    content = page_of([make_model(seed=0)], [STORED])
    elements = Elements(content)
    [policy] = [attrs["content"] for attrs, _ in elements.of("meta") if "http-equiv" in attrs]
    [script] = [text for attrs, text in elements.of("script") if not attrs]
    [[_, sheet]] = elements.of("style")

    def digest(text):
        return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    assert policy.split("; ") == [
        "default-src 'none'",
        f"script-src 'sha256-{digest(script)}'",
        f"style-src 'sha256-{digest(sheet)}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def test_the_page_names_no_other_place():
    content = page_of([make_model(seed=0)], [STORED]).decode()
    assert not re.findall(r"<[^<>]*\b(?:src|href)\s*=|url\(|@import|https?://(?!www\.w3\.org/)", content)


def test_a_script_that_would_end_its_element_is_refused():
    with pytest.raises(ExportError, match="must not contain </script"):
        page_file("a", [], 'const a = "</script>"')


def test_only_what_the_networks_need_is_in_the_script():
    script = page_of([make_model(seed=0, cell="lstm", readout="mean")], [STORED]).decode()
    assert re.findall(r"(?m)^// ((?:cells|readouts|languages(?!/along))/[\w-]+\.js)$", script) == [
        "cells/lstm.js",
        "readouts/mean.js",
    ]


def test_of_two_networks_it_is_said_of_which_each_sentence_is():
    one, two = make_model(seed=0, name="one"), make_model(seed=1, name="two", cell="elman")
    said = finish(HTML.export([one, two])).said
    assert [sentence.split(" ")[0] for sentence in said] == ["one:", "one:", "two:", "two:"]


def test_two_networks_stand_in_one_page():
    one, two = make_model(seed=0, name="one"), make_model(seed=1, name="two", cell="elman")
    content = page_of([one, two], [STORED, STORED])
    assert [data["name"] for data in networks(content)] == ["one", "two"]
    assert [text for _, text in Elements(content).of("title")] == ["one and two: watch them read"]


@pytest.mark.parametrize(
    ("settings", "noun"),
    [
        ({}, "a GRU with 5 units"),
        ({"cell": "lstm", "hidden_size": 1}, "an LSTM with 1 unit"),
        ({"layers": 2, "bidirectional": True}, "a GRU with 5 units in each direction in each of 2 layers"),
    ],
)
def test_a_network_is_named_in_a_few_words(settings, noun):
    assert network_data(make_model(seed=0, **settings), STORED)["noun"] == noun


def test_a_page_is_given_what_reading_takes():
    model = make_model(seed=0, cell="slstm", bidirectional=True)
    data = json.loads(as_json(network_data(model, STORED)))
    assert data["format"] == page_format.PAGE_FORMAT
    assert data["model"]["kind"] == "slstm"
    assert data["model"]["bidirectional"] is True
    assert data["vocabulary"] == WORDS.to_text()
    assert data["nouns"] == {"text": "review", "texts": "reviews", "described": "film review"}
    symbols = {symbol["letter"]: symbol for symbol in data["symbols"]}
    assert symbols["d"]["bounds"] == [0, None]
    assert symbols["i"]["bounds"] is None
    assert [letter for letter, symbol in symbols.items() if not symbol["isHoldable"]] == ["p", "q", "v"]
    assert data["states"] == ["h", "c", "d", "m"]


def test_the_scores_are_those_of_the_test(pretrained):
    data = network_data(pretrained, STORED)
    (what, value), *further = data["about"]["lines"]
    scores = pretrained.scores
    assert what.startswith("Test ")
    number = float(re.match(r"[\d.]+", value)[0])
    field = "accuracy" if "accuracy" in what else "bits_per_token"
    assert number == pytest.approx(scores[field] * (100 if field == "accuracy" else 1), abs=0.006)
    assert f"{scores['reviews']:,} test " in value
    assert further
    assert data["about"]["warnings"]


def test_a_network_without_scores_has_none_and_without_a_card_what_holds_of_any():
    about = network_data(make_model(seed=0), STORED)["about"]
    assert about["lines"] == []
    [warning] = about["warnings"]
    assert "or one that is no review at all" in warning


def test_where_scores_hold_is_said_without_a_card(pretrained):
    scored = Model(
        config=pretrained.config,
        vocabulary=pretrained.vocabulary,
        classifier=pretrained.classifier,
        scores=pretrained.scores,
    )
    *_, where = network_data(scored, STORED)["about"]["warnings"]
    assert where.startswith(f"Its test {pretrained.config.corpus.nouns.texts} are ")


def test_a_page_begins_with_texts_of_ours(pretrained):
    data, corpus = network_data(pretrained, STORED), pretrained.config.corpus
    if corpus.language is None:
        offered = [["", corpus.first_sentence], *([one.title, one.text] for one in corpus.examples)]
        assert data["examples"] == offered
        return
    [[_, right], [_, wrong]] = data["examples"]
    assert END in corpus.language.after(right).allowed
    assert END not in corpus.language.after(wrong).allowed


def test_texts_of_the_users_own_stay_out_of_a_page_which_begins_with_words_of_the_vocabulary():
    data = network_data(make_model(seed=0, classes=3), STORED)
    assert data["examples"] == [["", "the film was good bad"]]
    assert "If these are private, so is this file." in data["about"]["inside"]


def test_of_characters_a_space_is_written_as_one():
    words = Vocabulary.from_counts({"a": 5, "␣": 4, "b": 3}, 10)
    model = make_model(seed=0, vocabulary=words, classes=3)
    config = dataclasses.replace(model.config, tokens=TokenRules(unit="characters"))
    assert network_data(dataclasses.replace(model, config=config), STORED)["examples"] == [["", "a b"]]


def test_a_page_says_all_that_a_network_learned_from():
    about = network_data(make_model(seed=0, excerpts=0.5, composed=40_000), STORED)["about"]
    assert about["learned_from"] == "reviews of IMDB, excerpts and composed sentences"


def test_what_is_inside_counts_the_words():
    inside = network_data(make_model(seed=0), STORED)["about"]["inside"]
    assert "the 5 most frequent words of the reviews it learned from" in inside


def test_colours_are_those_of_the_figures_in_light_and_dark():
    light, dark, _ = colour_sheet().split("@media")
    for sheet, theme in ((light, LIGHT), (dark, DARK)):
        assert f"--background: {theme.background};" in sheet
        assert f"--writes: {WRITES};" in sheet
        assert f"--writes-ink: {ink(WRITES, theme)};" in sheet


def test_a_page_without_its_places_is_refused(monkeypatch, tmp_path):
    (tmp_path / "index.html").write_text("{{title}}{{title}}{{policy}}{{styles}}{{networks}}{{script}}")
    monkeypatch.setattr("rnn_core.export.page_file.PAGE", tmp_path)
    with pytest.raises(ExportError, match="must name each of title, policy, styles, networks, script once"):
        page_file("a", [], bundle("a.js", {"a.js": ""}))


def test_fifty_classes_and_a_hundred_thousand_words_make_a_page_about_as_large_as_it_was_said():
    words = Vocabulary.from_counts({f"w{number}": 1 for number in range(100_000)}, 100_003)
    small = make_model(seed=0, classes=50, hidden_size=20)
    network = Classifier(small.config.model, len(words), 50).eval()
    model = dataclasses.replace(small, vocabulary=words, classifier=network)
    content = page_of([model], [stored(model)])
    [data] = networks(content)
    assert len(data["classes"]) == 50
    assert data["vocabulary"].count("\n") == 100_003
    assert len(content) == pytest.approx(HTML.size([model]), rel=0.1)


@pytest.mark.parametrize(("name", "most"), [("gru", 1_500_000), ("reader", 2_500_000), ("best", 8_000_000)])
def test_pages_are_small_enough_to_be_handed_on(name, most):
    model = Model.load(SHIPPED / name)
    assert len(page_of([model], [stored(model)])) < most


def test_a_title_is_text():
    assert html.escape(HOSTILE) in page_file(HOSTILE, [], "").decode()


@pytest.fixture(scope="module", params=["reader", "tiny-anbn", "tiny-reber", "two-layers"])
def pretrained(request):
    return Model.load(SHIPPED / request.param, None)
