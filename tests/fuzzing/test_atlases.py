"""An atlas one of whose files is damaged reads as the same numbers, or says so in one line."""

import json
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import strategies as st

import neurolupa as nl
from neurolupa.atlas.checksums import CHECKSUMS
from neurolupa.errors import DataError, NeurolupaError
from tests.scanning.networks import image_set, tiny

from .effort import EFFORTS, fuzz, kept
from .ends import outcome
from .json_mutations import CHANGES, Change, damaged_json
from .mutations import DAMAGES, Damage, damaged

SITES = ["conv1", "relu:1", "fc"]
TABLES = ("layers", "units", "images")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fuzzed") / "atlas"
    nl.scan(tiny(), image_set(), SITES, folder, batch_size=23, samples=9, workers=1)
    return folder


def reads(atlas: nl.Atlas) -> dict[str, Callable[[], Any]]:
    """Every read, each of which may end by itself."""
    found: dict[str, Callable[[], Any]] = {name: lambda name=name: getattr(atlas, name) for name in TABLES}
    for name in ("classes", "dead", "summary", "evolution", "kernels"):
        found[name] = getattr(atlas, name)
    found |= {
        "text": lambda: str(atlas),
        "page": atlas._repr_html_,
        "row": lambda: atlas.image_rows([3]),
    }
    for site in atlas.sites:
        found |= _reads_of_site(atlas, site)
    exemplars = [("thumb", image) for image in range(3)]
    return found | {f"{what} {image}": lambda image=image: pixels(atlas, image) for what, image in exemplars}


def _reads_of_site(atlas: nl.Atlas, site: str) -> dict[str, Callable[[], Any]]:
    return {
        f"{site} unit": lambda: atlas.unit(site, 1),
        f"{site} classes": lambda: atlas.classes(site),
        f"{site} unit_classes": lambda: atlas.unit_classes(site, 1),
        f"{site} exemplars": lambda: atlas.exemplars(site, 0),
        f"{site} samples": lambda: atlas.samples(site),
        f"{site} mean_map": lambda: atlas.mean_map(site),
        f"{site} counts": lambda: atlas.sketch(site).counts,
        f"{site} unit_counts": lambda: atlas.sketch(site).unit_counts(1),
        f"{site} quantile": lambda: atlas.sketch(site).quantile([0.1, 0.9]),
    }


def pixels(atlas: nl.Atlas, image: int) -> np.ndarray:
    return np.asarray(atlas.thumb(image))


def plain(value: Any) -> Any:
    """A value as text and bytes that can be compared."""
    if isinstance(value, pd.DataFrame):
        return value.to_csv()
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, np.ascontiguousarray(value).tobytes()
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if hasattr(value, "argmax") and hasattr(value, "images"):
        return [plain(np.asarray(one)) for one in (value.images, value.mean, value.max, value.argmax)]
    return plain(vars(value)) if type(value).__name__ == "Kernels" else repr(value)


@cache
def expected(folder: Path) -> dict[str, Any]:
    """What every read of the whole atlas gives."""
    atlas = nl.open_atlas(folder)
    answers: dict[str, Any] = {"source": atlas.source, "sites": atlas.sites}
    for name, read in reads(atlas).items():
        try:
            answers[name] = plain(read())
        except NeurolupaError as error:
            answers[name] = str(error).replace(str(folder), "")
    return answers


class Case(NamedTuple):
    """Which file, counted, and what is done to it."""

    file: int
    kind: str
    changes: list[Damage]
    other: int


CASES = st.builds(
    Case,
    st.integers(0, 10_000),
    st.sampled_from(["damage"] * 12 + ["remove", "empty", "swap", "folder"]),
    DAMAGES,
    st.integers(0, 10_000),
)


def files(folder: Path) -> list[Path]:
    """What readers read; the record of the run is no part of the numbers."""
    found = (path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file())
    return [path for path in found if path.name not in ("run.json", "skipped.csv")]


def spoil(whole: Path, copy: Path, case: Case) -> str:
    """Does it to a copy, and says to which file."""
    names = files(whole)
    name, other = names[case.file % len(names)], names[case.other % len(names)]
    (copy / name).unlink()
    if case.kind == "folder":
        (copy / name).mkdir()
    elif case.kind != "remove":
        data, strange = (whole / name).read_bytes(), (whole / other).read_bytes()
        spoilt = {"empty": b"", "swap": strange, "damage": damaged(data, case.changes, strange)}
        (copy / name).write_bytes(spoilt[case.kind])
    return name.as_posix()


def check(whole: Path, copy: Path, spoilt: str) -> None:
    """Each answer of the copy is that of the whole atlas, or one line; pictures have no sums of their own."""
    answers = expected(whole)
    atlas, line = outcome(lambda: nl.open_atlas(copy))
    if line is not None:
        return
    assert (atlas.source, atlas.sites) == (answers["source"], answers["sites"]), f"{spoilt}: another source"
    for name, read in reads(atlas).items():
        found, line = outcome(lambda read=read: plain(read()))
        same = found == answers[name] or line is not None or name.startswith("thumb")
        assert same, f"{spoilt}: {name} gave another answer"


def fresh(whole: Path, copy: Path) -> Path:
    shutil.rmtree(copy, ignore_errors=True)
    return shutil.copytree(whole, copy)


@pytest.mark.parametrize("effort", EFFORTS)
def test_a_damaged_file(effort: str, whole: Path, tmp_path: Path) -> None:
    def changed(case: Case) -> None:
        copy = fresh(whole, tmp_path / "copy")
        check(whole, copy, spoil(whole, copy, case))

    fuzz(effort, "atlases", CASES, changed, 0.75)


@pytest.mark.parametrize("effort", EFFORTS)
def test_a_front_page_that_says_something_else(effort: str, whole: Path, tmp_path: Path) -> None:
    def changed(changes: list[Change]) -> None:
        copy = fresh(whole, tmp_path / "copy")
        (copy / "atlas.json").write_text(damaged_json((whole / "atlas.json").read_text(), changes))
        check(whole, copy, "atlas.json")

    fuzz(effort, "atlases", CHANGES, changed, 0.25)


def test_without_damage_every_answer_is_the_same(whole: Path, tmp_path: Path) -> None:
    copy = fresh(whole, tmp_path / "copy")
    check(whole, copy, "nothing")
    assert json.loads((copy / "atlas.json").read_text())["schema"] == 1


@pytest.mark.parametrize("name", ["samples/fc.mean.npy", "arrays/fc.safetensors", "kernels.safetensors"])
def test_a_flipped_bit_in_a_number_is_found(name: str, whole: Path, tmp_path: Path) -> None:
    copy = fresh(whole, tmp_path / "copy")
    data = bytearray((copy / name).read_bytes())
    data[-2] ^= 1
    (copy / name).write_bytes(data)
    atlas = nl.open_atlas(copy)
    with pytest.raises(DataError, match="it is not what the scan wrote"):
        [atlas.samples("fc"), atlas.mean_map("fc"), atlas.kernels()]


def test_an_atlas_without_checksums_is_read(whole: Path, tmp_path: Path) -> None:
    copy = fresh(whole, tmp_path / "copy")
    (copy / CHECKSUMS).unlink()
    check(whole, copy, CHECKSUMS)
    assert len(nl.open_atlas(copy).samples("fc").images) == 9


@pytest.mark.parametrize("path", kept("atlases"))
def test_kept_inputs(path: Path, whole: Path, tmp_path: Path) -> None:
    """Files as they replace those of an atlas of today, called as `folder__file`; without checksums, too."""
    copy = fresh(whole, tmp_path / "copy")
    name = path.name.replace("__", "/")
    (copy / name).write_bytes(path.read_bytes())
    check(whole, copy, name)
    (copy / CHECKSUMS).unlink()
    atlas, line = outcome(lambda: nl.open_atlas(copy))
    ends = [line] if line else [outcome(read)[1] for read in reads(atlas).values()]
    assert any(ends), "damage that nothing shows"
