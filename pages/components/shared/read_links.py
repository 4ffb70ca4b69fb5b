"""Addresses of parts of Read and Cells to which a page leads, and the scroll that brings them into sight."""

from collections.abc import Sequence

from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.address_keys import Key
from pages.components.shared.assets import component

UNDERSTANDING = "What does it understand?"
HOLD = "Hold a gate"

OVER_TRAINING = "Over training"
"""One of the things that gradients are measured on, on Cells."""
REACH = "reach"
"""The part of Cells on how far back the verdict reaches, as a link names it."""
PARTS_OF_CELLS = {REACH: "How long do gradients last?"}
"""The title of each part of Cells that a link can name."""


def understanding_of(model: str, probes: str) -> dict[Key, str]:
    """Read with a network and its answers to a set of the probes."""
    return {keys.MODEL: model, keys.PANEL: UNDERSTANDING, keys.PROBE_SET: probes}


def reach_of_runs(runs: Sequence[str]) -> dict[Key, str]:
    """Cells with the gradients that were recorded in these runs."""
    return {keys.NETWORKS: ".".join(runs), keys.REACH_OF: OVER_TRAINING, keys.PART: REACH}


_arrival = component("gatescope_arrival", __file__)


def come_into_sight(part: str) -> None:
    """Scroll to this place where the address asks for this part; after that it asks for it no longer."""
    if address.value(keys.PART) == part:
        address.remove(keys.PART)
        _arrival(key=f"arrival_{part}", height=1)
