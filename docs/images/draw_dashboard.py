"""Takes the pictures of the dashboard for the READMEs: `python -m docs.images.draw_dashboard [FOLDER]`.

It shows what the first visit shows: the cat that ships through the network that ships. It needs Chromium,
and the project's root as the working folder.
"""

import sys
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from tests.browser.serving import find_browser, serve
from tests.browser.visitor import Visitor

HERE = Path(__file__).parent
WINDOW = {"width": 1280, "height": 860}
LARGEST = 400_000
_COLOURS = 256


def photograph(browser: Browser, address: str, lang: str) -> bytes:
    """The window of a new visitor, as a PNG."""
    with browser.new_context(viewport=WINDOW, color_scheme="light") as context:
        came = Visitor(context, context.new_page(), address, lang).watch().open({"lang": lang})
        seen = came.page.screenshot(animations="disabled")
        if came.faults:
            raise RuntimeError(f"the dashboard is not as it should be: {came.faults}")
        return seen


def packed(seen: bytes) -> bytes:
    """The same picture, with fewer colours where it would be too large for a page."""
    written = BytesIO()
    picture = Image.open(BytesIO(seen)).convert("RGB")
    picture.save(written, "PNG", optimize=True)
    if written.tell() > LARGEST:
        written = BytesIO()
        picture.quantize(_COLOURS).save(written, "PNG", optimize=True)
    return written.getvalue()


def main(folder: Path) -> None:
    """Writes one picture for each language."""
    with TemporaryDirectory() as own, serve(Path(own)) as server, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        for lang in ("en", "es"):
            taken = packed(photograph(browser, server.address, lang))
            (folder / f"dashboard.{lang}.png").write_bytes(taken)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
