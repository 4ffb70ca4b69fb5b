"""A member of a kind that is made up, and how every page, panel and command is asked for it."""

import dataclasses
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, contextmanager
from types import SimpleNamespace

from pages.components.read.panels import offered
from pages.components.read.readings import Reading
from rnn_core.config.run import RunConfig
from rnn_core.data.sources import recommended_config
from rnn_core.inspection.trace import trace
from tests.runs.workers import SMALL

TEXT = "The film is dull, but the dog is great"
_VERDICT = {"model": SimpleNamespace(config=recommended_config("verdict")), "gives_verdict": True}
PANELS = tuple(offered(SimpleNamespace(**_VERDICT, trace=SimpleNamespace(layers=1), since=0)))
"""Panels on a verdict of one layer."""


def panels_of(model):
    """The panels that have something to show of what a model reads."""
    return list(offered(Reading(model, TEXT, trace(model, TEXT))))


def ask(app, panel):
    """Ask this question of the page, by a click: in view, or in the menu."""
    in_view = app.get_by_key("read_panel")
    is_in_view = panel in in_view.options or panel == "Another word"  # which says what a token is called
    (in_view.set_value(panel) if is_in_view else app.get_by_key("more_panels").click(panel)).run()
    assert app.get_by_key("read_panel").value == panel


@contextmanager
def registered(registry, name, value):
    """It is in the registry for as long as this lasts."""
    registry.register(name, value)
    try:
        yield
    finally:
        registry.remove(name)


@dataclasses.dataclass(frozen=True, kw_only=True)
class MadeUp:
    """A member of a kind that nothing but its registration names."""

    setting: str
    """The setting of a run by which it is chosen."""
    name: str
    registered: Callable[[], AbstractContextManager]
    said: Mapping[str, str]
    """Page -> words that stand on it because of this member."""
    refused: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Page or command -> the reason for which it has nothing to show of this member."""
    more: Mapping[str, object] = dataclasses.field(default_factory=dict)
    """Further settings of its run."""

    @property
    def config(self):
        """The settings of a small run with it."""
        if self.setting == "data":
            return recommended_config(self.name).with_settings(**SMALL | self.more)
        config = RunConfig(data="verdict").with_settings(**SMALL, **self.more)
        if self.setting == "task":
            return dataclasses.replace(config, task=self.name)
        return config.with_settings(**{self.setting: self.name})
