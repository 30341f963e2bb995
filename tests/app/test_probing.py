"""The page of probes: what is chosen, made, opened and shown, in both languages."""

import shlex
import zipfile
from io import BytesIO

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from tests.app.conftest import SCRIPT, keyed, query

from neurolupa.app import probing_work
from neurolupa.app.commands import probe_command
from neurolupa.app.failing import WorkError
from neurolupa.app.links import ViewState, from_query, to_query
from neurolupa.app.probing_chart import depth_chart
from neurolupa.app.probing_work import Held, narrowed, offered, read, sampled, zipped
from neurolupa.app.request import PROBING_KEYS, ProbingView
from neurolupa.cli import main
from neurolupa.images import load_images
from neurolupa.locales import LANGUAGES, text
from neurolupa.probing import probe, probe_units
from neurolupa.probing.codes import PIXELS, Control

SITES = ("layer1.0.relu", "layer2.0.relu")
IMAGES = "stimuli?size=32&count=90&shape=circle,star&hue=red,cyan"
WANTED = {"images": IMAGES, "concepts": ("shape", "hue"), "sites": SITES}


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("NEUROLUPA_CACHE", str(tmp_path / "cache"))
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def report():
    return probe("embedded", IMAGES, list(SITES), ["shape", "hue", "brightness"])


@pytest.fixture(scope="module")
def folder(report, tmp_path_factory):
    place = tmp_path_factory.mktemp("probing") / "probes"
    report.save(place)
    return place


def page_of(lang="en", held=None, **view) -> AppTest:
    def script(lang, held, view):
        from neurolupa.app import state
        from neurolupa.app.app_pages import probing
        from neurolupa.app.context import Context
        from neurolupa.app.request import Display

        if state.remembered("probing") is None:
            state.change_probing(**view)
            state.remember("probing.held", held)
        probing.render(Context(Display(lang=lang)))

    kwargs = {"lang": lang, "held": held, "view": view}
    return AppTest.from_function(script, default_timeout=60, kwargs=kwargs).run()


def words(page: AppTest) -> str:
    return "\n".join(part.value for part in (*page.markdown, *page.caption, *page.info))


def field(page: AppTest, kind: str, code: str, lang="en"):
    (found,) = [each for each in page.get(kind) if each.label == text(f"app.{code}", lang)]
    return found


def opened_in(page: AppTest, folder) -> AppTest:
    page.text_input(key="probing.typed").set_value(str(folder))
    (button,) = [each for each in page.button if "probing.form" in str(each.key)]
    return button.click().run()


def held_in(page: AppTest) -> Held:
    return page.session_state["neurolupa.probing.held"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_first_visit_explains_and_runs_nothing(lang, monkeypatch):
    monkeypatch.setattr(probing_work, "probed", None)
    page = page_of(lang)
    assert not page.exception
    assert not page.error
    assert text("app.probing.none", lang) in words(page)
    assert not page.button(key="probing.probe").disabled
    assert not page.tabs


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("tab", PROBING_KEYS)
def test_every_tab_is_drawn_and_runs_nothing_by_itself(lang, tab, report, monkeypatch):
    monkeypatch.setattr(probing_work, "probed", None)
    monkeypatch.setattr(probing_work, "narrowed", None)
    page = page_of(lang, Held(report, "embedded"), tab=tab)
    assert not page.exception
    assert not page.error
    assert [each.label for each in page.tabs] == [
        text(f"app.probing.tab.{key}", lang) for key in PROBING_KEYS
    ]


def test_a_click_probes_what_was_chosen():
    page = page_of(**WANTED)
    page.button(key="probing.probe").click().run()
    assert not page.exception
    assert not page.error
    found = held_in(page).report
    assert [each.concept for each in found.concepts] == ["shape", "hue"]
    assert found.sites == SITES
    assert found.source.pictures == 90
    assert all(each.has(control) for each in found.concepts for control in Control)
    assert not page.get("progress")


def test_controls_can_be_left_out_and_a_large_set_is_sampled():
    page = page_of(**WANTED | {"controls": False, "most": 60})
    told = text("app.probing.pictures.sampled", "en", count="90", most="60")
    assert told in words(page)
    page.button(key="probing.probe").click().run()
    found = held_in(page).report
    assert found.source.pictures == 60
    assert load_images(found.source.spec).digest() == found.source.images_digest
    assert not any(each.has(Control.RANDOM_WEIGHTS) for each in found.concepts)
    assert probe_command(found, "embedded").count("--no-controls") == 1


def test_a_sample_is_the_same_pictures_each_time():
    images = load_images(IMAGES)
    assert sampled(images, 90) is images
    one, other = sampled(images, 40), sampled(load_images(IMAGES), 40)
    assert one.digest() == other.digest()
    assert len(one) == 40


def test_the_concepts_are_those_of_the_set():
    page = page_of(**WANTED)
    menu = field(page, "multiselect", "probing.concepts")
    assert len(menu.options) == len(offered(IMAGES).concepts)
    page.text_input[0].set_value("samples").run()
    assert not page.exception
    kept = page.session_state["neurolupa.probing"]
    assert kept.images == "samples"
    assert kept.concepts == offered("samples").concepts[:1]
    assert "hue" not in offered("samples").concepts


def test_without_concepts_there_is_nothing_to_press():
    page = page_of(**WANTED)
    field(page, "multiselect", "probing.concepts").set_value([]).run()
    assert not page.exception
    assert page.button(key="probing.probe").disabled
    with pytest.raises(WorkError) as told:
        probing_work.probed(ProbingView(concepts=()), print)
    assert told.value.failure.code == "probing_nothing"


def test_files_of_a_link_are_not_looked_at_before_a_click(tmp_path, monkeypatch):
    looked = []
    whole = probing_work.load_images
    monkeypatch.setattr(probing_work, "load_images", lambda spec: looked.append(spec) or whole(spec))
    (tmp_path / "set").mkdir()
    for index, picture in enumerate(load_images("samples")):
        picture.image.resize((32, 32)).save(tmp_path / "set" / f"{index}.png")
    spec = f"folder:{tmp_path / 'set'}"
    page = page_of(images=spec, concepts=("brightness",))
    assert looked == []
    assert text("app.probing.linked_set", "en") in words(page)
    page.button(key="probing.look").click().run()
    assert not page.exception
    assert looked == [spec]
    assert text("app.probing.pictures.all", "en", count="7") in words(page)


def test_a_set_that_is_none_is_one_sentence():
    page = page_of(images="stimuli?size=7")
    assert not page.exception
    assert len(page.error) == 1
    page = page_of(images="stimuli?size=32&count=12", concepts=("shape",), sites=SITES[:1])
    page.button(key="probing.probe").click().run()
    assert not page.exception
    assert "Traceback" not in page.error[0].value if page.error else held_in(page)


def test_a_network_that_is_none_is_one_sentence():
    page = page_of(**WANTED | {"model": "resnet81"})
    assert not page.exception
    assert len(page.error) == 1
    assert page.button(key="probing.probe").disabled


def test_a_folder_is_opened_and_one_that_holds_none_keeps_it(folder, tmp_path):
    page = opened_in(page_of(), folder)
    assert not page.exception
    assert not page.error
    assert held_in(page).folder == str(folder)
    page = opened_in(page, tmp_path)
    assert len(page.error) == 1
    assert held_in(page).folder == str(folder)


@pytest.mark.parametrize(
    ("typed", "code"),
    [("", "probing_empty"), ("https://a.org/made", "gallery_remote"), ("/nowhere/at/all", "gallery_missing"),
     ("a\0b", "gallery_missing")],
)  # fmt: skip
def test_what_is_no_folder_is_told(typed, code):
    with pytest.raises(WorkError) as told:
        read(typed)
    assert told.value.failure.code == code


def test_damaged_probes_are_one_sentence(report, tmp_path):
    report.save(tmp_path / "probes")
    (tmp_path / "probes" / "probes.safetensors").write_bytes(b"nothing")
    page = opened_in(page_of(), tmp_path / "probes")
    assert not page.exception
    assert len(page.error) == 1


def test_few_units_are_looked_for_on_demand(report):
    page = page_of(held=Held(report, "embedded"), tab="units", concept="hue", site=SITES[0])
    page.button(key="probing.few").click().run()
    assert not page.exception
    assert not page.error
    ((key, found),) = page.session_state["neurolupa.probing.narrowed"].items()
    assert key == ("hue", SITES[0])
    assert found.counts[0] == 1
    whole, all_units = report.concept("hue").of(SITES[0]), found.probes[-1]
    assert (whole.test, whole.score) == (all_units.test, all_units.score)


def test_few_units_of_another_network_or_other_pictures_are_refused(report, tmp_path):
    with pytest.raises(WorkError) as told:
        narrowed(Held(report, "resnet18", str(tmp_path)), "hue", SITES[0], print)
    assert told.value.failure.code in ("probing_other_weights", "network_unreachable")
    with pytest.raises(WorkError) as told:
        narrowed(Held(report, "net.py:Net", str(tmp_path)), "hue", SITES[0], print)
    assert told.value.failure.code == "probing_own_network"
    other = probe("embedded", IMAGES + "&limit=60", list(SITES[:1]), "hue", controls=False)
    moved = type(other)(
        other.concepts, other.skipped, other.sites, other.units, other.settings,
        type(other.source)(**{**other.source.to_dict(), "spec": IMAGES}),
    )  # fmt: skip
    with pytest.raises(WorkError) as told:
        narrowed(Held(moved, "embedded"), "hue", SITES[0], print)
    assert told.value.failure.code == "probing_other_images"


def test_the_chart_holds_every_score_of_every_control(report):
    figure = depth_chart(report, "caption")
    axes = {None: 0, "y": 0, "y2": 1, "y3": 2}
    drawn = {
        (axes[trace.yaxis], trace.customdata[0][1]): trace
        for trace in figure.data
        if trace.customdata is not None
    }
    names = {trace.name for trace in figure.data if trace.showlegend}
    assert len(names) == 5  # the four and chance
    assert len(drawn) == 4 * len(report.concepts)
    for row, each in enumerate(report.concepts):
        lines = [trace for (panel, _), trace in drawn.items() if panel == row]
        for control in (Control.NONE, Control.RANDOM_WEIGHTS, Control.SHUFFLED_LABELS):
            scores = [each.of(site, control).score for site in report.sites]
            assert any(list(line.y) == scores for line in lines)
        assert any(list(line.y) == [each.of(PIXELS).score] * 2 for line in lines)
        chances = [trace for trace in figure.data if axes[trace.yaxis] == row and trace.name == "chance"]
        assert list(chances[0].y) == [each.chance] * 2
    assert all(
        str(each.probes[0].test) in note.text
        for each, note in zip(report.concepts, figure.layout.annotations, strict=True)
    )


def test_bands_are_the_intervals(report):
    figure = depth_chart(report, "caption")
    bands = [trace for trace in figure.data if trace.fill == "toself" and trace.legendgroup == "none"]
    for each, band in zip(report.concepts, bands, strict=True):
        probes = [each.of(site) for site in report.sites]
        assert list(band.y) == [probe.high for probe in probes] + [probe.low for probe in probes][::-1]


def test_what_was_left_out_is_told():
    found = probe(
        "embedded", "stimuli?size=32&count=60&hue=red", list(SITES[:1]), ["shape", "hue"], controls=False
    )
    assert list(found.skipped) == ["hue"]
    page = page_of(held=Held(found, "embedded"))
    assert not page.exception
    assert len(page.warning) == 1


def test_a_report_without_any_concept_is_no_fault(report):
    empty = type(report)((), {"hue": "ONE_CLASS"}, report.sites, report.units, report.settings, report.source)
    page = page_of(held=Held(empty, "embedded"))
    assert not page.exception
    assert len(page.warning) == 1
    assert not page.tabs


@pytest.fixture(scope="module")
def small():
    return probe("embedded", IMAGES, SITES[0], "hue", controls=False)


def test_the_zip_is_what_the_command_line_writes(small):
    found = probe_units("embedded", IMAGES, SITES[0], "hue")
    with zipfile.ZipFile(BytesIO(zipped(small, [found], "es"))) as held:
        names = held.namelist()
    assert {"probes.json", "probes.safetensors", "probes.csv", "probes.png", "units_hue.csv"} <= set(names)


def test_the_command_makes_the_same_probes(small, tmp_path):
    line = shlex.split(probe_command(small, "embedded"))
    line[line.index("--out") + 1] = str(tmp_path / "again")
    with pytest.raises(SystemExit) as left:
        main(line[1:])
    assert left.value.code == 0
    again = type(small).load(tmp_path / "again")
    assert again.sites == small.sites
    np.testing.assert_array_equal(again.to_frame()["score"], small.to_frame()["score"])


def test_choices_survive_their_link():
    view = ProbingView(
        "units",
        "resnet18",
        "folder:a,b&c",
        500,
        ("hue", "a b"),
        ("layer1.*", "fc"),
        "grid:2",
        False,
        "hue",
        "fc",
    )
    for each in (view, ProbingView(), ProbingView(concepts=(), sites=())):
        found = to_query(ViewState("probing", probing=each))
        lists = {name: [value] if isinstance(value, str) else value for name, value in found.items()}
        assert from_query(lists, pages=("probing",)) == (ViewState("probing", probing=each), ())
    assert "pooling" not in to_query(ViewState("analyse", probing=view))


@pytest.mark.parametrize(
    ("name", "value"),
    [("probing", "x"), ("of", "/tmp/net.py:Net"), ("images", ""), ("images", "x" * 3000), ("most", "5"),
     ("most", "99999"), ("most", "nan"), ("pooling", "../mean"), ("controls", "maybe"),
     ("concepts", "x" * 300), ("sites", "x" * 300), ("concept", "x" * 300), ("layer_of", "x" * 300)],
)  # fmt: skip
def test_a_hostile_value_is_the_default_and_is_told(name, value):
    view, notices = from_query({name: [value]})
    assert view == ViewState()
    assert notices[0].values == (("names", name),)


def test_a_unit_leads_to_its_page(folder, report):
    page = AppTest.from_file(SCRIPT, default_timeout=60)
    for name, value in {
        "page": "probing",
        "probing": "units",
        "concept": "hue",
        "layer_of": SITES[1],
    }.items():
        page.query_params[name] = value
    page = opened_in(page.run(), folder)
    best = int(report.carriers("hue", SITES[1])["unit"].iloc[0])
    keyed(page, f"probing.unit.{best}").click().run()
    assert not page.exception
    assert query(page)["page"] == "neuron"
    assert (query(page)["layer"], query(page)["neuron"]) == (SITES[1], str(best))
