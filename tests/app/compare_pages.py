"""What the tests of the page of comparisons have in common: atlases made by hand, and the page over one."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest
from tests.atlas.builder import build

from neurolupa.locales import text

SITE = "a.relu"
NAMES = ("cat", "dog", "owl")
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c63600000000200"
    "0148afa4710000000049454e44ae426082"
)
"""One grey pixel."""


def values(seed: int = 0) -> dict[str, np.ndarray]:
    """Unit 0 of `a.relu` is high for cats, unit 1 for dogs, unit 2 is silent, unit 3 is noise.

    Of 60 pictures each third is a cat, a dog, an owl; the cat 3 is like the dog 4.
    """
    rng = np.random.default_rng(seed)
    labels = np.arange(60) % 3
    maps = rng.random((60, 4, 2, 2))
    maps[:, 0] += (labels == 0)[:, None, None]
    maps[:, 1] += 2 * (labels == 1)[:, None, None]
    maps[:, 2] = 0
    maps[3, :2] = maps[4, :2]
    return {SITE: maps, "fc": rng.normal(size=(60, 2))}


def atlas_of(folder: Path, sites: dict[str, np.ndarray], weights: str = "w", images: str = "i") -> Path:
    """An atlas of three classes in which weights and pictures have these digests."""
    count = len(next(iter(sites.values())))
    build(folder, sites, np.arange(count) % 3, NAMES, linear=["fc"])
    manifest = json.loads((folder / "atlas.json").read_text())
    manifest["model"]["weights_digest"], manifest["images"]["digest"] = weights, images
    (folder / "atlas.json").write_text(json.dumps(manifest))
    return folder


def page_of(folder: Path | None, lang: str = "en", site: str = SITE, **view: Any) -> AppTest:
    """The page over an atlas that is open, its `CompareView` as named."""

    def script(atlas: str | None, lang: str, site: str, view: dict) -> None:
        from neurolupa.app import state
        from neurolupa.app.app_pages import compare
        from neurolupa.app.context import Context
        from neurolupa.app.request import Display

        if state.remembered("comparing") is None:
            state.change_comparing(**view)
            state.change_data_view(site=site)
        compare.render(Context(Display(lang=lang), atlas=atlas))

    kwargs = {"atlas": folder and str(folder), "lang": lang, "site": site, "view": view}
    return AppTest.from_function(script, default_timeout=60, kwargs=kwargs).run()


def say(code: str, lang: str = "en", **told: object) -> str:
    """The text `app.compare.<code>`."""
    return text(f"app.compare.{code}", lang, **told)


def words(page: AppTest) -> str:
    """Everything that is said, without the marks that keep it from being markup."""
    parts = (*page.markdown, *page.caption, *page.info, *page.warning)
    return "\n".join(part.value for part in parts).replace("\\", "")


def figures_of(page: AppTest) -> int:
    """How many pictures are shown, whichever name Streamlit gives them."""
    return len(page.get("imgs")) + len(page.get("image"))


def labels_of(page: AppTest) -> list[str]:
    """The words on the buttons that give files."""
    return [button.label for button in page.get("download_button")]
