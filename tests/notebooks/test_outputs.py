"""What is stored of a run: small, and without this machine in it."""

import base64
import io
import tempfile
from pathlib import Path

import numpy as np
import pytest
from nbformat.v4 import new_output
from notebooks.outputs import ROOT, OutputError, shrunk, tidied
from PIL import Image


def png(picture):
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


def opened(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def test_a_small_picture_keeps_its_size_and_its_colours():
    ramp = np.tile(np.arange(256, dtype=np.uint8)[:, None, None], (1, 40, 3))
    kept = opened(shrunk(png(Image.fromarray(ramp))))
    assert kept.shape == ramp.shape
    assert abs(kept - ramp.astype(int)).max() <= 4


def test_no_colour_of_a_photograph_moves_far():
    from skimage.data import astronaut

    photograph = astronaut()[::2, ::2]
    kept = opened(shrunk(png(Image.fromarray(photograph))))
    assert abs(kept - photograph.astype(int)).max() <= 24


def test_what_lets_through_lies_on_white():
    assert (opened(shrunk(png(Image.new("RGBA", (4, 4), (0, 0, 0, 0))))) == 255).all()


def test_a_result_loses_its_count_and_the_text_beside_its_table():
    data = {"text/plain": "a  b", "text/html": "<table></table>"}
    (kept,) = tidied([new_output("execute_result", data=data, execution_count=7)])
    assert kept.execution_count is None
    assert kept.data == {"text/html": "<table></table>"}


def test_a_picture_is_shrunk_and_alone():
    wide = base64.b64encode(png(Image.new("RGB", (3000, 6)))).decode()
    (kept,) = tidied([new_output("display_data", data={"image/png": wide, "text/plain": "<Figure>"})])
    assert list(kept.data) == ["image/png"]
    assert opened(base64.b64decode(kept.data["image/png"])).shape == (2, 900, 3)


@pytest.mark.parametrize(
    "text", [f"{ROOT}/x", f"{tempfile.gettempdir()}/y", f"{Path.home()}/z", "<a at 0x7f12ab00>"]
)
def test_places_of_this_machine_are_refused(text):
    with pytest.raises(OutputError, match=r"of this machine|in memory"):
        tidied([new_output("stream", text=text)])
    with pytest.raises(OutputError, match=r"of this machine|in memory"):
        tidied([new_output("execute_result", data={"text/html": text})])


def test_stderr_is_refused():
    with pytest.raises(OutputError, match="stderr: careful"):
        tidied([new_output("stream", name="stderr", text="well\ncareful\n")])
