"""The page of one analysis, as a visitor sees it."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Multiselect, Selectbox, Toggle
from tests.app.conftest import SCRIPT, keyed, query

from neurolupa.app.drafts import Draft
from neurolupa.app.links import from_query
from neurolupa.app.request import TAB_KEYS, Display
from neurolupa.locales import text

Visit = Callable[..., AppTest]


def sound(page: AppTest) -> AppTest:
    assert not page.exception, [found.message for found in page.exception]
    return page


def headline(page: AppTest) -> str:
    return page.markdown[0].value


def is_stale(page: AppTest, lang: str = "en") -> bool:
    return text("app.stale", lang) in [told.value for told in page.warning]


def send(page: AppTest) -> AppTest:
    return sound(page.button(key="analyse").click().run())


def picture(colour: str = "red") -> bytes:
    stream = BytesIO()
    Image.new("RGB", (8, 8), colour).save(stream, "PNG")
    return stream.getvalue()


def upload(page: AppTest, data: bytes, name: str = "mine.png") -> AppTest:
    page.selectbox(key="ask.kind.en").set_value("upload").run()
    page.file_uploader(key="upload.en").set_value((name, data, "image/png")).run()
    return sound(page)


def test_the_first_visit_shows_the_analysed_cat() -> None:
    page = sound(AppTest.from_file(SCRIPT, default_timeout=60).run())
    assert headline(page).startswith("**embedded** · `layer2.0.relu:0`")
    assert headline(page).endswith("chelsea.png")
    assert not page.error
    assert not page.info
    assert query(page)["img"] == "sample:cat"


def touch(control: Any) -> AppTest:
    """Move a control to another value than the one that it has."""
    if isinstance(control, Selectbox):
        return control.select_index(len(control.options) - 1).run()
    if isinstance(control, Toggle):
        return control.set_value(not control.value).run()
    if isinstance(control, Multiselect):
        return control.set_value(control.options[:1]).run()
    return control.set_value(control.max).run()


def test_every_control_can_be_touched_after_an_analysis(visit: Visit) -> None:
    page = sound(visit())
    kinds = (page.selectbox, page.slider, page.number_input, page.toggle, page.multiselect)
    keys = [control.key for found in kinds for control in found if control.key != "ask.model.en"]
    assert len(keys) == 13
    for key in keys:
        touched = sound(visit())
        sound(touch(keyed(touched, key)))
        send(touched)
    for preset, expected in (("one_unit", 0.15), ("no_background", 0.25)):
        sound(page.button(key=f"preset.{preset}").click().run())
        assert page.slider(key="ask.min_sparsity.en").value == expected


@pytest.mark.parametrize("kind", ["sample", "set", "upload", "url"])
@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_kind_of_picture_in_every_language(visit: Visit, kind: str, lang: str) -> None:
    page = visit(lang=lang)
    page.selectbox(key=f"ask.kind.{lang}").set_value(kind).run()
    sound(page)
    assert is_stale(page, lang) == (kind != "sample")


@pytest.mark.parametrize("by", ["balanced", "mean", "max", "std", "mixed", "interesting", "manual"])
def test_every_criterion_can_be_sent(visit: Visit, by: str) -> None:
    page = visit()
    page.selectbox(key="ask.by.en").set_value(by).run()
    if by == "manual":
        page.text_input(key="ask.chosen.en").set_value("3, 1").run()
    send(page)
    assert not page.error
    assert query(page)["by"] == by


def test_switching_a_tab_or_a_display_control_runs_no_network(visit: Visit, tiny) -> None:
    page = sound(visit())
    runs = tiny.runs
    assert runs > 0
    for tab in TAB_KEYS:
        page.session_state["neurolupa.display"] = Display(tab=tab)
        sound(page.run())
        assert query(page)["tab"] == tab
        assert keyed(page, f"export.json.{tab}"), "the tab is drawn to its foot"
    page.slider(key="show.opacity.en").set_value(0.9).run()
    page.selectbox(key="show.palette.en").set_value("jet").run()
    page.selectbox(key="show.shared_scale.en").set_value(False).run()
    page.segmented_control(key="language").set_value("es").run()
    sound(page)
    assert tiny.runs == runs
    assert (query(page)["alpha"], query(page)["map"]) == ("0.9", "jet")
    assert (query(page)["scale"], query(page)["lang"]) == ("own", "es")


def test_changing_what_is_asked_runs_no_network_before_it_is_sent(visit: Visit, tiny) -> None:
    page = sound(visit())
    runs = tiny.runs
    page.selectbox(key="ask.site.en.embedded").set_value("second").run()
    page.number_input(key="ask.k.en").set_value(2).run()
    page.button(key="preset.no_background").click().run()
    assert tiny.runs == runs
    send(page)
    assert tiny.runs > runs


def test_a_changed_sidebar_is_told_and_the_result_keeps_its_labels(visit: Visit) -> None:
    page = sound(visit())
    before, link = headline(page), query(page)
    page.selectbox(key="ask.site.en.embedded").set_value("second").run()
    assert is_stale(page)
    assert (headline(page), query(page)) == (before, link)
    page.selectbox(key="ask.site.en.embedded").set_value("first").run()
    assert not is_stale(page)


def test_the_language_switch_translates_and_keeps_everything_else(visit: Visit) -> None:
    page = visit()
    page.number_input(key="ask.k.en").set_value(3).run()
    page.segmented_control(key="language").set_value("es").run()
    sound(page)
    assert page.button(key="analyse").label == "Analizar activaciones"
    assert next(tab.label for tab in page.tabs) == "Resultados generales"
    assert page.number_input(key="ask.k.es").value == 3
    page.segmented_control(key="language").set_value("en").run()
    assert page.number_input(key="ask.k.en").value == 3


def test_layers_follow_the_network(visit: Visit) -> None:
    page = visit()
    page.selectbox(key="ask.model.en").set_value("squeezenet1_1").run()
    sound(page)
    layers = page.selectbox(key="ask.site.en.squeezenet1_1")
    assert layers.value in {option.split(" ")[0] for option in layers.options}
    assert "features.0" in layers.options[0]
    assert headline(page).startswith("**embedded**")


def test_an_unknown_network_is_one_sentence_and_cannot_be_sent(visit: Visit) -> None:
    page = visit()
    page.session_state["neurolupa.draft"] = Draft(model="resnet81")
    sound(page.run())
    assert "nearest: resnet18" in page.error[0].value
    assert page.button(key="analyse").disabled


@pytest.mark.parametrize("data", [b"no picture", picture()[:50], b""])
def test_a_failed_picture_keeps_the_last_result(visit: Visit, data: bytes) -> None:
    page = visit()
    before = headline(page)
    send(upload(page, data))
    assert page.error[0].value.startswith("This picture cannot be read: ")
    assert page.error[0].value.endswith("The last analysis stays.")
    assert headline(page) == before


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://127.0.0.1/cat.jpg", "http\\://127.0.0.1/cat.jpg"),
        ("http://127.0.0.1/" + "x" * 80, "127.0.0.1"),
    ],
)
def test_an_address_that_leads_to_no_picture_is_named(visit: Visit, address: str, shown: str) -> None:
    page = visit()
    before = headline(page)
    page.selectbox(key="ask.kind.en").set_value("url").run()
    page.text_input(key="ask.url.en").set_value(address).run()
    send(page)
    told = page.error[0].value
    assert told.startswith(f"The picture at {shown} could not be opened: the address is not a public one")
    assert headline(page) == before


def test_a_filter_that_is_too_strict_is_told_in_the_words_of_the_sidebar(visit: Visit) -> None:
    page = visit()
    page.slider(key="ask.min_sparsity.en").set_value(1.0).run()
    send(page)
    told = [warning.value for warning in page.warning]
    assert len(told) == 1
    assert "; minimum sparsity = " in told[0]
    assert "min_sparsity" not in told[0].replace("\\", "")


def test_an_upload_is_analysed_and_stays_when_the_page_is_drawn_again(visit: Visit) -> None:
    page = send(upload(visit(), picture()))
    assert headline(page).endswith("mine.png")
    assert query(page)["img"].startswith("sha256:")
    page.segmented_control(key="language").set_value("es").run()
    assert not is_stale(page, "es")
    assert any("mine.png" in caption.value for caption in page.caption)


def test_a_network_that_cannot_be_fetched_offers_others(visit: Visit) -> None:
    page = visit(model="alexnet")
    sound(page)
    assert page.error[0].value == "The weights of alexnet could not be downloaded."
    sound(page.button(key="use.random").click().run())
    assert headline(page).startswith("**alexnet (random weights)**")
    page = visit(model="alexnet")
    sound(page.button(key="use.embedded").click().run())
    assert headline(page).startswith("**embedded**")
    assert not page.error


def test_a_link_in_a_fresh_session_and_another_language_gives_the_same(visit: Visit) -> None:
    page = visit()
    page.selectbox(key="ask.site.en.embedded").set_value("second").run()
    page.selectbox(key="ask.by.en").set_value("max").run()
    page.selectbox(key="ask.sample.en").set_value("rocket").run()
    send(page)
    fresh = sound(visit(**{**query(page), "lang": "es"}))
    assert headline(fresh).split(" · ")[:2] == headline(page).split(" · ")[:2]
    assert headline(fresh).endswith("rocket.jpg")
    assert query(fresh) == {**query(page), "lang": "es"}
    assert not is_stale(fresh, "es")
    assert not fresh.info


def test_hostile_parameters_are_defaults_with_a_notice(visit: Visit) -> None:
    page = sound(visit(k="999", by="<b>", tab="../", model="os:abort", unit="-4"))
    assert page.info[0].value.endswith("tab, model, k, by, unit.")
    assert headline(page).startswith("**embedded**")


def test_a_layer_that_the_network_lacks_is_told(visit: Visit) -> None:
    page = sound(visit(site="layer7"))
    assert [told.value for told in page.info] == [text("app.notice.link_site", "en")]
    assert headline(page).startswith("**embedded** · `relu:0`")


@pytest.mark.parametrize(
    ("image", "code"),
    [
        ("url:http://a.org/x.png", "waits_url"),
        ("sha256:" + "ab" * 32, "waits_upload"),
        ("set:folder:/home#1", "waits_set"),
    ],
)
def test_a_link_to_a_picture_elsewhere_waits_for_a_click(
    visit: Visit, tiny, monkeypatch: pytest.MonkeyPatch, image: str, code: str
) -> None:
    fetched: list[str] = []
    monkeypatch.setattr("neurolupa.images.opening.fetch_image", fetched.append)
    page = sound(visit(img=image))
    assert [told.value for told in page.info] == [text(f"app.notice.{code}", "en")]
    assert not page.tabs
    assert not fetched
    assert query(page)["img"] == image


def test_another_file_than_that_of_the_link_is_told(visit: Visit) -> None:
    page = visit(img="sha256:" + "ab" * 32)
    page.file_uploader(key="upload.en").set_value(("mine.png", picture(), "image/png")).run()
    assert text("app.notice.upload_other", "en") in [told.value for told in page.info]


def test_two_sessions_do_not_mix(visit: Visit) -> None:
    one, two = visit(), visit(lang="es", img="sample:coffee")
    one.number_input(key="ask.k.en").set_value(2).run()
    send(one)
    two.run()
    assert headline(two).endswith("coffee.png")
    assert headline(one).endswith("chelsea.png")
    assert (query(one)["k"], query(two)["k"]) == ("2", "6")
    assert not is_stale(two, "es")


def test_the_address_can_be_read_back(visit: Visit) -> None:
    page = visit(site=["first", "second"], k="3", tab="grid")
    written = {name: value if isinstance(value, list) else [value] for name, value in query(page).items()}
    view, notices = from_query(written)
    assert notices == ()
    assert (view.request.sites, view.request.k, view.display.tab) == (("first", "second"), 3, "grid")
