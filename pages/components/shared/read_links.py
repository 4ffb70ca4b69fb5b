"""What an address says where another page leads to a part of Read or Cells."""

from collections.abc import Sequence

PANEL = "read_panel"
"""The name in the address, and the key of the control, of the panel that is open."""
UNDERSTANDING = "What does it understand?"
HOLD = "Hold a gate"

REACH_OF, OVER_TRAINING = "reach_of", "Over training"
"""On Cells, what the gradients are measured on: the name in the address, and one of its values."""
NETWORKS = "networks"
"""On Cells, whose gradients are drawn: their names with a point between them."""


def understanding_of(model: str, half: str) -> dict[str, str]:
    """Read with a network and its answers to a half of the probes."""
    return {"model": model, PANEL: UNDERSTANDING, "probes_half": half}


def reach_of_runs(runs: Sequence[str]) -> dict[str, str]:
    """Cells with the gradients that were recorded in these runs."""
    return {NETWORKS: ".".join(runs), REACH_OF: OVER_TRAINING}
