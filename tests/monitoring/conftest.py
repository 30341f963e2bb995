"""What tests of the monitor share."""

from tests.capture.conftest import untouched  # noqa: F401 (the same proof, for this folder)
