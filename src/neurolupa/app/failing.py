"""Why an analysis did not come about, as a code and what fills its sentence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from neurolupa.app.texts import plain, reason, say


@dataclass(frozen=True)
class Failure:
    """A code of `app.failed.*` and its values; `reason` is put into words where the catalogues know it."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def sentence(self, lang: str) -> str:
        """What to tell, in one sentence.

        >>> Failure("image_unreadable", {"reason": "truncated"}).sentence("en")
        'This picture cannot be read: the file breaks off.'
        """
        told = {name: plain(str(value)) for name, value in self.values.items()}
        if "reason" in told:
            told["reason"] = reason(str(self.values["reason"]), lang)
        return say(f"failed.{self.code}", lang, **told)

    @property
    def of_network(self) -> bool:
        """Whether another network, or random weights, would help."""
        return self.code.startswith("network")


class WorkError(Exception):
    """Carries a failure out of the work."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure
