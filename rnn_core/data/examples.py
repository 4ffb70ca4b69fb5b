"""Reviews to begin with, written for this project: each shows a network something that is hard.

A network knows the words of the corpus that it learned from, so there are reviews in the words of each. Those
for the verdict corpus follow its rule, the last verdict decides, in sentences that it does not have itself.
"""

from rnn_core.config.corpora import Example

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


def _plain_and_long(positive: str, negative: str, first: str, last: str) -> tuple[Example, ...]:
    """Two plain reviews, and two with a long plot: `first` begins with its verdict, `last` ends with it."""
    remembers = "The verdict comes before a long plot: the network has to remember it to the end."
    waits = "The verdict comes after a long plot, in which there is nothing to judge."
    return (
        *(
            Example(
                f"Plain, {says}", text, says, f"All its opinion words are {says}: counting them is enough."
            )
            for text, says in ((positive, "positive"), (negative, "negative"))
        ),
        Example("Long, verdict first", first, "positive", remembers),
        Example("Long, verdict last", last, "negative", waits),
    )


EXAMPLE_REVIEWS = (
    Example(
        "Negated",
        "I can't say that this film is bad, and it is never boring. I did not expect much, yet there "
        "was not a single scene I would cut.",
        "positive",
        "Both *bad* and *boring* are negated: a network that counts opinion words takes it for negative.",
    ),
    Example(
        "Not bad",
        "This film is not bad at all.",
        "positive",
        "*Bad* is negated, and there is no other opinion word to go by.",
    ),
    Example(
        "Can't say",
        "I can't say that I liked it.",
        "negative",
        "*Liked* is negated by *can't*, which stands four words before it.",
    ),
    Example(
        "But turn",
        "The cast is wonderful, the music is beautiful and every picture looks like a painting, but "
        "the story is so dull and so badly told that I wanted my money back.",
        "negative",
        "Cast, music and pictures are praised before the *but*; the story, which comes after it, decides.",
    ),
    Example(
        "But turn, upwards",
        "The first half hour is slow, the sets look cheap and the dialogue is awkward, but then the two "
        "leads meet, and the film turns so warm and so funny that I forgave it everything.",
        "positive",
        "Start, sets and dialogue are blamed before the *but*; what comes after it decides.",
    ),
    Example(
        "Sarcastic",
        "What a triumph. Two hours of people walking down corridors, and a twist that even my cat saw "
        "coming. I truly loved the moment when the lights came back on. A perfect gift for somebody you "
        "can't stand.",
        "negative",
        "It says the opposite of what it means, and no single word shows that.",
    ),
    *_plain_and_long(
        "A wonderful little film. The acting is superb, the dialogue is sharp and funny, and the "
        "ending moved me to tears. One of the best I have seen this year!",
        "What a waste of two hours. The plot makes no sense, the acting is terrible and the jokes are "
        "embarrassing. Easily the worst film of the year. Avoid it.",
        f"This is a masterpiece, and I loved every minute of it. {_LONG_PLOT}",
        f"{_LONG_PLOT} And then it just stops. It is a tedious, pointless mess, and I hated it.",
    ),
)

_SEARCH = (
    "Clara lives above the bakery with a cat and two birds. One morning a telegram arrives at the station, "
    "and nobody in Vienna knows who sent it. Clara takes the night train with a brother. They count the "
    "money and walk along the river until sunrise. A stranger named Novak owns the hotel and half of the "
    "street. Novak plays cards with the sailors on Sunday and keeps a violin in the attic. The bus is late, "
    "yet Clara does not leave. In winter the hotel goes to a lawyer, and the workers repair the roof of the "
    "chapel. The lawyer asks for the notebook. Clara hides it behind a wall and writes to a sister in "
    "Prague. Three weeks later the ferry comes back without Novak. A boy brings a parcel to the library and "
    "runs off. There is a long talk about the price of the violin."
)

VERDICT_EXAMPLES = (
    Example(
        "Negated",
        "Henry is a baker in Dublin and has not spoken to a brother in Boston for six years. I can't say "
        "that this film is dull. Henry keeps the letter in the attic.",
        "positive",
        "*Dull* is negated: a network that counts opinion words takes it for negative.",
    ),
    Example(
        "But turn",
        "Marta opens a small shop beside the theatre. The music is wonderful, but the film as a whole is "
        "tedious. Rain begins to fall.",
        "negative",
        "The music is praised before the *but*; the film as a whole, which comes after it, decides.",
    ),
    Example(
        "But turn, upwards",
        "Oscar earns a living as a sailor in Hamburg. Although the script is clumsy, I found the film "
        "charming as a whole. The ferry leaves without Oscar.",
        "positive",
        "The script is blamed in the clause with *although*; the main clause decides.",
    ),
    Example(
        "Overruled",
        "At first I thought that the movie was brilliant. Julia waits at the station with a dog, and Paul "
        "reads the diary aloud. They travel north by truck for nine days. In the end I found all of it "
        "boring.",
        "negative",
        "The first verdict is taken back at the end, and the last verdict decides.",
    ),
    *_plain_and_long(
        "Samuel and Rosa walk along the river until dusk. The picture is a gem, and I loved every scene. "
        "Samuel has a plan.",
        "Elena finds a key under the floor of the museum. The comedy is a failure, and I was bored from the "
        "first minute on. Night falls.",
        f"It is a masterpiece, and I enjoyed it. {_SEARCH}",
        f"{_SEARCH} The film is a mess, and I hated it.",
    ),
)
