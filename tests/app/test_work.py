"""The work behind the dashboard: sites, caches, failures."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from neurolupa.app import app_pages, gallery_work, pictures, work
from neurolupa.app.drafts import Draft
from neurolupa.app.failing import Failure, WorkError
from neurolupa.app.pictures import Upload, open_picture
from neurolupa.app.request import GalleryView, ImageRef, Request
from neurolupa.app.texts import plain, reason
from neurolupa.locales import LANGUAGES, catalogue


def png(colour: tuple[int, int, int], side: int = 8) -> bytes:
    stream = BytesIO()
    Image.new("RGB", (side, side), colour).save(stream, "PNG")
    return stream.getvalue()


def red() -> Upload:
    return Upload.of("red.png", png((255, 0, 0)))


def asked(**changes: object) -> Request:
    return work.fitted(Request(**{"image": ImageRef("upload", red().digest), **changes}))[0]


def test_sites_come_with_the_points_that_lead_somewhere(tiny) -> None:
    menu = work.sites_of("embedded")
    assert [choice.name for choice in menu.choices][:3] == ["first", "relu:0", "second"]
    assert menu.points("first") == ("conv", "relu")
    assert menu.points("relu:0") == ("relu",)
    assert menu.points("nowhere") == ()
    assert menu.first == "first"


def test_a_request_is_fitted_to_its_network(tiny) -> None:
    assert work.fitted(Request()) == (Request(sites=("first",)), ())
    odd = Request(sites=("layer9", "second", "fc"), point="norm")
    assert work.fitted(odd) == (Request(sites=("second",), point="relu"), ("site", "point"))
    assert work.fitted(Request(sites=("fc",), point=None)) == (Request(sites=("fc",), point=None), ())


def test_a_result_holds_what_the_network_did(tiny) -> None:
    result = work.analyse(asked(by="max", k=1), red())
    assert result.ranking.units == (0,)
    np.testing.assert_allclose(result.analysis.units["mean"], [0.5, 0.0, 0.0, 0.0], atol=1e-6)
    assert result.analysis.provenance.image == "red.png"


def test_whoever_looks_at_a_picture_waits_for_no_synthesis(monkeypatch) -> None:
    """Between its steps a synthesis waits until a picture has been analysed with the same network."""
    monkeypatch.setattr(gallery_work, "PictureCache", lambda: None)
    wanted = GalleryView(site="layer1.0.relu", units="0-1", steps=3)
    alone = gallery_work.made(wanted, None)
    analysed, begun = threading.Event(), threading.Event()

    def step(done: int, total: int) -> None:
        begun.set()
        assert analysed.wait(60)

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(gallery_work.made, wanted, None, step)
        assert begun.wait(60)
        result = work.analyse(work.fitted(Request(sites=("layer1.0.relu",)))[0], None)
        assert not running.done()
        analysed.set()
        beside = running.result()
    assert result.analysis.site.name == "layer1.0.relu"
    assert beside.images.tobytes() == alone.images.tobytes()


def test_a_network_apart_is_a_copy_and_one_that_cannot_be_copied_is_itself(tiny) -> None:
    shared, apart = work.open_network("embedded", "default"), work.open_network_apart("embedded", "default")
    assert apart.module is not shared.module
    assert apart.lock is not shared.lock
    assert apart.weights_digest == shared.weights_digest
    assert work.open_network_apart("embedded", "default") is apart
    work.st.cache_resource.clear()
    shared = work.open_network("embedded", "default")
    shared.module.handle = threading.Lock()
    assert work.open_network_apart("embedded", "default") is shared


def test_the_main_site_comes_first_though_it_runs_later(tiny) -> None:
    result = work.analyse(asked(sites=("second", "first")), red())
    assert [one.provenance.asked for one in result.analyses] == ["second", "first"]


def test_what_is_known_is_not_computed_again(tiny) -> None:
    first = work.analyse(asked(by="max", k=2), red())
    runs = tiny.runs
    again, other = (work.analyse(asked(by=by, k=2), red()) for by in ("mean", "std"))
    assert first.ranking.units == again.ranking.units == other.ranking.units
    assert tiny.runs == runs
    assert again.analysis is first.analysis
    assert again.dossier is first.dossier


def test_two_convolutions_that_lead_to_one_site_keep_their_own_kernels() -> None:
    shape = {"point": "relu", "by": "manual", "chosen": (0,)}
    extents = [
        work.analyse(asked(sites=(name,), **shape), red()).dossier.kernels[0].extent
        for name in ("layer2.0.conv2", "layer2.0.downsample.0")
    ]
    assert extents == [(3, 3), (1, 1)]


def test_the_dossier_holds_the_units_of_the_ranking(tiny) -> None:
    assert work.analyse(asked(by="manual", chosen=(2, 0)), red()).dossier.units == (2, 0)
    assert work.analyse(asked(min_sparsity=1.0, sites=("second",)), red()).dossier.units == ()


def test_the_same_name_with_other_contents_is_another_picture(tiny) -> None:
    blue = Upload.of("red.png", png((0, 0, 255)))
    first = work.analyse(asked(), red())
    second = work.analyse(asked(image=ImageRef("upload", blue.digest)), blue)
    assert first.analysis.units["mean"].argmax() == 0
    assert second.analysis.units["mean"].argmax() == 2


def test_random_weights_are_another_network(tiny) -> None:
    trained, drawn = (work.open_network("embedded", weights) for weights in ("default", "random"))
    assert trained.weights.source == "default"
    assert drawn.weights.source == "random"
    assert work.open_network("embedded", "default") is trained


def failure_of(request: Request, upload: Upload | None = None) -> Failure:
    with pytest.raises(WorkError) as caught:
        work.analyse(work.fitted(request)[0], upload)
    return caught.value.failure


def test_each_fault_has_its_own_code(tiny, tmp_path: Path) -> None:
    broken = Upload.of("cat.png", png((1, 2, 3))[:40])
    upload = ImageRef("upload", broken.digest)
    assert failure_of(Request(model="alexnet")).code == "network_unreachable"
    assert failure_of(Request(model="resnet81")).values["nearest"].startswith("resnet18, ")
    assert failure_of(Request(model="no_such_file.py:build")).code == "network"
    assert failure_of(Request(image=upload), broken).code == "image_unreadable"
    assert failure_of(Request(image=upload)).code == "image_missing"
    assert failure_of(Request(image=ImageRef("upload", "ab" * 32)), red()).code == "image_other"
    assert failure_of(Request(image=ImageRef("url", ""))).code == "image_missing"
    assert failure_of(Request(image=ImageRef("url", "ftp://a.org/x"))).code == "address"
    assert failure_of(Request(image=ImageRef("url", "http://127.0.0.1/x"))).code == "address"
    assert failure_of(Request(image=ImageRef("set", "samples#99"))) == Failure(
        "image_index", {"index": 99, "last": 6}
    )
    assert failure_of(Request(image=ImageRef("set", f"folder:{tmp_path}/no#0"))).code == "image_failed"
    assert failure_of(Request(image=ImageRef("set", "sampels#0"))).code == "image_refused"
    assert failure_of(Request(by="manual")).code == "no_units"
    assert failure_of(Request(by="manual", chosen=(99,))).code == "analysis"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"hello", "it is no picture in a known format"),
        (b"", "the file is empty"),
        (png((9, 9, 9), 40)[:60], "the file breaks off"),
    ],
)
def test_a_bad_upload_is_one_sentence(data: bytes, said: str) -> None:
    upload = Upload.of("x.png", data)
    with pytest.raises(WorkError) as caught:
        open_picture(ImageRef("upload", upload.digest), upload)
    assert caught.value.failure.sentence("en") == f"This picture cannot be read: {said}."


def test_a_picture_of_too_many_pixels_is_told_in_both_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST_PIXELS", 63)
    with pytest.raises(WorkError) as caught:
        open_picture(ImageRef("upload", red().digest), red())
    said = caught.value.failure
    assert "8 \N{MULTIPLICATION SIGN} 8 pixels are too many" in said.sentence("en")
    assert "8 \N{MULTIPLICATION SIGN} 8 píxeles son demasiados" in said.sentence("es")


def test_every_failure_of_the_code_has_a_sentence() -> None:
    folder = Path(app_pages.__path__[0]).parent
    codes = {
        code
        for file in folder.glob("*.py")
        for code in re.findall(r'(?:Failure\(|code = )"([a-z_]+)"', file.read_text(encoding="utf-8"))
    }
    assert {"network_unreachable", "analysis", "image_other"} <= codes
    for lang in LANGUAGES:
        assert {f"app.failed.{code}" for code in codes} <= set(catalogue(lang))


def test_words_from_outside_are_no_markup() -> None:
    assert plain("[a](http://b) <b>") == r"\[a\](http\://b) \<b\>"
    assert reason("x" * 999, "en") == "x" * 300


@pytest.mark.parametrize(
    "request_",
    [
        Request(sites=("a", "b"), point=None, by="manual", chosen=(3, 1)),
        Request(weights="random", image=ImageRef("set", "folder:a#b#12")),
        Request(image=ImageRef("upload", "ab" * 32)),
        Request(image=ImageRef("url", "https://a.org/x")),
    ],
)
def test_the_sidebar_says_what_was_sent(request_: Request) -> None:
    assert Draft.of(request_).request() == request_
