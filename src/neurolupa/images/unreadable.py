"""The one error of a picture that cannot be shown."""

from neurolupa.errors import DataError


class UnreadableImage(DataError):  # noqa: N818 (it names a state of the image, as the reports do)
    """An image that cannot be decoded; `reason` is short and stable, such as "truncated" or "not an image".

    >>> str(UnreadableImage("truncated", "cat.jpg")), UnreadableImage("truncated", "cat.jpg").reason
    ('cat.jpg: truncated', 'truncated')
    """

    def __init__(self, reason: str, name: str = "") -> None:
        super().__init__(f"{name}: {reason}" if name else reason)
        self.reason = reason
        self.name = name

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        return type(self), (self.reason, self.name)
