"""What is read of a figure."""


def texts(figure):
    """All that is written on it, in its order."""
    return [note.text for note in figure.layout.annotations]


def named(figure, name):
    """The one curve, area or heat map of this name."""
    [found] = [drawn for drawn in figure.data if drawn.name == name]
    return found
