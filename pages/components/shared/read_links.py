"""What an address of the Read page says, where another page leads to a part of it."""

PANEL = "read_panel"
"""The name in the address, and the key of the control, of the panel that is open."""
UNDERSTANDING = "What does it understand?"
HOLD = "Hold a gate"


def understanding_of(model: str, half: str) -> dict[str, str]:
    """Read with a network and its answers to a half of the probes."""
    return {"model": model, PANEL: UNDERSTANDING, "probes_half": half}
