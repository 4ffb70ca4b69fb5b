"""Every page, panel and command with one network: what a cell or a readout that is made up goes through."""

from click.testing import CliRunner

from rnn_core.cli import main

TEXT = "The film is dull, but the dog is great"
PANELS = (
    *("At this token", "Another word", "Hold a gate", "Another window", "Padding", "Two models"),
    *("What does it understand?", "The plane of states", "Units", "Export"),
)


def ask(app, panel):
    """Another question of the same page, by a click: in view, or in the menu."""
    in_view = app.get_by_key("read_panel")
    is_in_view = panel in in_view.options or panel == "Another word"  # which says what a token is called
    (in_view.set_value(panel) if is_in_view else app.get_by_key("more_panels").click(panel)).run()
    assert app.get_by_key("read_panel").value == panel


def open_all(open_app, name, setting, value, variant=None):
    """Opens every page and panel with the network of this name; `setting` is what makes it unlike others."""
    for page in ("home", "data", "experiments"):
        open_app(page, review_text=TEXT)
    train = open_app("train", {setting: value, "data": "verdict"})
    assert train.get_by_key(f"setting_{setting}").value == value
    cells = open_app("cells", {"model": name, **({"variant": variant} if variant else {})}, review_text=TEXT)
    read = open_app("read", {"model": name}, review_text=TEXT, token=2)
    for panel in PANELS:
        ask(read, panel)
        assert not read.error
    read.get_by_key("read_view").set_value("What the verdict depends on").run()
    assert not read.error
    return cells, read


def call_all(name):
    """Every command that takes a network; the last one writes a.json."""
    for words in (
        ("predict", name, TEXT),
        ("evaluate", name),
        ("runs", "list"),
        ("train", "--help"),
        ("export", name, "--out", "a.zip"),
        ("trace", name, TEXT, "--out", "a.json"),
    ):
        answer = CliRunner().invoke(main, words)
        assert answer.exit_code == 0, answer.output
