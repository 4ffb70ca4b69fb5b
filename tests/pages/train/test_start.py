"""One press of the start button is one run, even where Streamlit answers two messages at once."""

import tomllib
from types import SimpleNamespace

from pages.components.train import start
from rnn_core.data.sources import recommended_config
from rnn_core.paths import project_folder


def test_a_press_that_streamlit_answers_twice_starts_one_run(monkeypatch):
    started = []
    monkeypatch.setattr(start, "start_run", lambda store, config: started.append(config))
    drawn = []
    monkeypatch.setattr(start.st, "button", lambda *_, on_click, args, **__: drawn.append((on_click, args)))
    runs, turns = SimpleNamespace(active=lambda: []), SimpleNamespace(at_once=lambda: 1)
    store, config = SimpleNamespace(runs=runs, turns=turns), recommended_config("verdict")
    start.start_button(store, config)
    start.start_button(store, config)
    (press, args), (press_later, args_later) = drawn
    press(*args)
    press(*args)
    assert len(started) == 1
    press_later(*args_later)  # drawn again, it can be pressed again
    assert len(started) == 2


def test_one_thread_at_a_time_answers_a_session():
    config = tomllib.loads((project_folder() / ".streamlit" / "config.toml").read_text("utf-8"))
    assert config["runner"]["fastReruns"] is False
