"""Whatever a button's work raises becomes a sentence, on every page, and the page can be drawn again."""

import itertools
import re
import sys
from types import FunctionType, SimpleNamespace

import pytest
from streamlit import error_util
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

import app as served
from pages.components.shared import format, went_wrong
from rnn_core.errors import DataError
from tests.pages.elements import labels, press, texts

pytestmark = pytest.mark.slow

PAGES = {page: {} for page in served.PAGES} | {
    "data": {"data_reviews": "verdict"},
    "train": {"data": "verdict"},
    "read": {"model": "reader", "read_panel": "Hold a gate"},
    "experiments": {"sweep": "cells", "own_question": True},
}
"""Page -> the address at which it has the most buttons, where that is not the page's own."""
OF_THE_HANDLER = (format.__name__, went_wrong.__name__)
RAISED = (
    (DataError("The tape is torn."), "The tape is torn."),
    (KeyError("h"), "This should not happen"),
    (OSError(28, "No space left on device", "/full"), "/full: No space left on device."),
)


@pytest.fixture
def as_served(monkeypatch):
    """AppTest with the handler of errors that the server has, without the log."""
    begin = LocalScriptRunner.__init__

    def with_handler(runner, *args, **more):
        begin(runner, *args, **more)
        runner._on_script_error = served.app._on_script_error

    monkeypatch.setattr(LocalScriptRunner, "__init__", with_handler)
    monkeypatch.setattr(error_util, "_log_uncaught_app_exception", lambda error: None)


def break_core(patch, error):
    """Let each function of the core that a page calls raise this."""

    def fails(*_args, **_more):
        raise error

    of_pages = [name for name in sys.modules if name.startswith("pages.") and name not in OF_THE_HANDLER]
    for module in map(sys.modules.get, of_pages):
        for name, value in list(vars(module).items()):
            if isinstance(value, FunctionType) and value.__module__.startswith("rnn_core"):
                patch.setattr(module, name, fails)


@pytest.mark.parametrize("page", PAGES)
def test_an_error_at_any_button_is_said_in_words(
    open_app, with_own_corpus, make_model, as_served, monkeypatch, page
):
    """The fixture of all pages asserts that no traceback is shown."""
    make_model("reader")
    app = open_app(page, PAGES[page])
    as_drawn = app._tree.get_widget_states()
    whole, enabled = app._tree, [button for button in app.button if not button.disabled]
    for button, (error, said) in itertools.product(enabled, RAISED):
        app._tree = whole  # as when the page was drawn, which would take longer again
        pressed = WidgetStates(widgets=[*as_drawn.widgets, button.click()._widget_state])
        with monkeypatch.context() as broken:
            broken.setattr(whole, "get_widget_states", lambda pressed=pressed: pressed)
            break_core(broken, error)
            app.run()
        assert said in texts(app, "error").replace("\\", ""), button.label
        assert "Draw the page again" in labels(app)


def test_a_mistake_has_its_number_in_the_log(open_app, as_served, make_model, monkeypatch):
    logged = []
    monkeypatch.setattr(went_wrong, "_LOG", SimpleNamespace(error=lambda text, *of: logged.append(text % of)))
    with monkeypatch.context() as broken:
        break_core(broken, KeyError("h"))
        app = open_app("home")
    [number] = re.findall(r"error \*\*(\w+)\*\*", texts(app, "error"))
    assert logged[0].startswith(f"Error {number}: KeyError in ")
    press(app, "Draw the page again")
    assert not app.error


def test_an_expected_error_is_said_and_what_follows_goes_on():
    said = []

    @went_wrong.saying(DataError, by=lambda text, icon: said.append((text, icon)), icon=":material/block:")
    def reads():
        raise DataError("The `tape` is *torn*.")

    assert reads() is None
    assert said == [(r"The `tape` is \*torn\*.", ":material/block:")]
    with pytest.raises(KeyError), went_wrong.saying(DataError):
        raise KeyError("h")
