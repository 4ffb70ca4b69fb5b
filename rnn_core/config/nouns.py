"""Names for the texts of a corpus, and sentences that are made with these words."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Nouns:
    """The names of one text of a corpus and of several."""

    text: str
    texts: str
    described: str = ""
    """One text to somebody who doesn't know the corpus, such as "film review"; else `text` says it."""
    of_one_class: str = ""
    """The training texts of one class against those of the others, after "more often in"."""
    neighbours: str = ""
    """A text and those that may say the same."""

    def fill(self, sentence: str) -> str:
        """A sentence with these words in place of {text}, {Texts} or, as the fields are called, {described}.

        >>> REVIEWS.fill("{Texts} that are read."), TEXTS.fill("Each {text} is read.")
        ('Reviews that are read.', 'Each text is read.')
        """
        return sentence.format(
            text=self.text,
            texts=self.texts,
            Text=self.text.capitalize(),
            Texts=self.texts.capitalize(),
            described=self.described or self.text,
            of_one_class=self.of_one_class or f"training {self.texts} of one class than in the others",
            neighbours=self.neighbours or f"this {self.text} and its neighbours",
        )


TEXTS = Nouns("text", "texts")
REVIEWS = Nouns(
    "review",
    "reviews",
    described="film review",
    of_one_class="positive training reviews than in negative ones",
    neighbours="this review and its neighbours, which are often of the same film",
)
