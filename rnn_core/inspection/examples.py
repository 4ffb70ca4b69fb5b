"""Reviews to begin with, written for this project: each shows a network something that is hard."""

from typing import NamedTuple


class ExampleReview(NamedTuple):
    """A review whose author's opinion is known."""

    title: str
    text: str
    positive: bool


_LONG_PLOT = (
    "The story follows a lighthouse keeper who takes in a girl washed ashore after a storm. She does "
    "not speak, and he has not spoken to anyone in years, so the two of them share a kitchen, a stove "
    "and a view of the water. In the second act a letter arrives from the mainland, and with it a man "
    "in a grey coat who asks about a ship. The keeper lies to him. From there the camera stays mostly "
    "on the stairs of the tower, going up with one lamp and down with another, while the village below "
    "prepares for a wedding. There is a long scene at a market, a short one in a church, and a boat "
    "that nobody has used since the war. The girl learns the names of the clouds from an old book. "
    "The man in the coat comes back in winter with two others, and they wait at the inn until the ice "
    "on the road is thick enough to carry a cart."
)

EXAMPLE_REVIEWS = (
    ExampleReview(
        "Negated",
        "I can't say that this film is bad, and it is never boring. I did not expect much, yet there "
        "was not a single scene I would cut.",
        True,
    ),
    ExampleReview(
        "But turn",
        "The cast is wonderful, the music is beautiful and every picture looks like a painting, but "
        "the story is so dull and so badly told that I wanted my money back.",
        False,
    ),
    ExampleReview(
        "But turn, upwards",
        "The first half hour is slow, the sets look cheap and the dialogue is awkward, but then the two "
        "leads meet, and the film turns so warm and so funny that I forgave it everything.",
        True,
    ),
    ExampleReview(
        "Sarcastic",
        "What a triumph. Two hours of people walking down corridors, and a twist that even my cat saw "
        "coming. I truly loved the moment when the lights came back on. A perfect gift for somebody you "
        "can't stand.",
        False,
    ),
    ExampleReview(
        "Plain, positive",
        "A wonderful little film. The acting is superb, the dialogue is sharp and funny, and the "
        "ending moved me to tears. One of the best I have seen this year!",
        True,
    ),
    ExampleReview(
        "Plain, negative",
        "What a waste of two hours. The plot makes no sense, the acting is terrible and the jokes are "
        "embarrassing. Easily the worst film of the year. Avoid it.",
        False,
    ),
    ExampleReview(
        "Long, verdict first",
        f"This is a masterpiece, and I loved every minute of it. {_LONG_PLOT}",
        True,
    ),
    ExampleReview(
        "Long, verdict last",
        f"{_LONG_PLOT} And then it just stops. It is a tedious, pointless mess, and I hated it.",
        False,
    ),
)
"""The first is what a page shows before anybody typed."""
