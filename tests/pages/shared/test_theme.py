import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit import config

from rnn_core.figures.colours import DARK, LIGHT, RUN_COLOURS, Theme, mix

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


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("name", ["light", "dark"])
def test_code_in_small_print_is_read_easily(name: str) -> None:
    """Streamlit draws a caption, and the code in it, at three fifths of its strength."""
    declared = CONFIG["theme"][name]
    dimmed = mix(declared["secondaryBackgroundColor"], declared["codeTextColor"], 0.6)
    pair = sorted([luminance(dimmed), luminance(declared["secondaryBackgroundColor"])])
    assert (pair[1] + 0.05) / (pair[0] + 0.05) >= (4.5 if name == "dark" else 2.8)


def test_nobody_else_on_the_network_is_served() -> None:
    server = CONFIG["server"]
    assert server["address"] == "127.0.0.1"
    assert server["enableXsrfProtection"]
    assert server["enableCORS"]
    assert not CONFIG["browser"]["gatherUsageStats"]
