import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit import config

from rnn_core.figures.colours import DARK, LIGHT, RUN_COLOURS, Theme

CONFIG = tomllib.loads((Path(__file__).parents[3] / ".streamlit" / "config.toml").read_text("utf-8"))


def options(table: dict[str, object], prefix: str = "") -> Iterator[str]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from options(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def test_streamlit_knows_every_option() -> None:
    known = config.get_config_options(force_reparse=True)
    assert set(options(CONFIG)) <= set(known)


@pytest.mark.parametrize(("name", "theme"), [("light", LIGHT), ("dark", DARK)])
def test_figures_stand_on_the_pages_background(name: str, theme: Theme) -> None:
    declared = CONFIG["theme"][name]
    assert (declared["backgroundColor"], declared["textColor"]) == (theme.background, theme.text)
    assert declared["chartCategoricalColors"] == list(RUN_COLOURS)


def test_nobody_else_on_the_network_is_served() -> None:
    server = CONFIG["server"]
    assert server["address"] == "127.0.0.1"
    assert server["enableXsrfProtection"]
    assert server["enableCORS"]
    assert not CONFIG["browser"]["gatherUsageStats"]
