"""The settings that suit each corpus that comes with the app, where they differ from those declared."""

from typing import Any

# The verdict corpus has fewer words than IMDB, and its verdict may stand 400 words back.
BARE: dict[str, dict[str, Any]] = {
    "imdb": {},
    "verdict": {"vocab_size": 2_000, "max_length": 400, "learning_rate": 1e-2, "verdict_distance": 0},
}
"""Without any ingredient. Results and links are kept by them, so they stay when `RECOMMENDED` changes."""
RECOMMENDED: dict[str, dict[str, Any]] = {
    "imdb": {
        "vocab_size": 10_000,
        "max_length": 200,
        "hidden_size": 64,
        "label_odds": True,
        "excerpts": 0.5,
        "epochs": 2,
        "learning_rate": 8e-3,
    },
    "verdict": BARE["verdict"],
}
"""What an expert would start from."""
