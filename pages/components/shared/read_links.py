"""What an address says of a part of Read or Cells to which a page leads, and how it comes into sight."""

from collections.abc import Sequence

import streamlit as st

from pages.components.shared.address import remove
from pages.components.shared.assets import component

PANEL = "read_panel"
"""The name in the address, and the key of the control, of the panel that is open."""
UNDERSTANDING = "What does it understand?"
HOLD = "Hold a gate"
PROBE_SET = "probes_half"
"""Which probes are asked: the name in the address, from when there were two halves, and the control's key."""

REACH_OF, OVER_TRAINING = "reach_of", "Over training"
"""On Cells, what the gradients are measured on: the name in the address, and one of its values."""
REACH = "reach"
"""The part of Cells on how far back the verdict reaches, as a link names it."""
NETWORKS = "networks"
"""On Cells, whose gradients are drawn: their names with a point between them."""


def understanding_of(model: str, probes: str) -> dict[str, str]:
    """Read with a network and its answers to a set of the probes."""
    return {"model": model, PANEL: UNDERSTANDING, PROBE_SET: probes}


def reach_of_runs(runs: Sequence[str]) -> dict[str, str]:
    """Cells with the gradients that were recorded in these runs."""
    return {NETWORKS: ".".join(runs), REACH_OF: OVER_TRAINING, PART: REACH}


PART = "part"
"""The name in the address."""

_arrival = component("gatescope_arrival", __file__)


def come_into_sight(part: str) -> None:
    """Scroll to this place where the address asks for this part; after that it asks for it no longer."""
    if st.query_params.get(PART) == part:
        remove(PART)
        _arrival(key=f"arrival_{part}", height=1)
