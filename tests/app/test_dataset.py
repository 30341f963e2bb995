import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from tests.atlas.builder import build
from tests.atlas.conftest import DEEP, EARLY, FC, LABELS

from neurolupa.app import dataset_opening
from neurolupa.app.dataset_opening import AtlasError, open_folder, table
from neurolupa.app.dataset_views import VIEWS
from neurolupa.app.request import DataView
from neurolupa.atlas.schema import SCHEMA_VERSION
from neurolupa.locales import LANGUAGES, text

VALUES = {"early/relu": EARLY, "deep.relu": DEEP, "fc": FC}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return build(tmp_path_factory.mktemp("app") / "tiny", VALUES, LABELS, ["cat", "dog"], linear=["fc"])


@pytest.fixture
def copy(folder, tmp_path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))


def page_of(lang: str, atlas: str | None, view: str | None = None) -> AppTest:
    def script(lang: str, atlas: str | None, view: str | None) -> None:
        from neurolupa.app import state
        from neurolupa.app.app_pages import dataset
        from neurolupa.app.context import Context
        from neurolupa.app.request import Display

        if view and state.remembered("data_view") is None:
            state.change_data_view(view=view)
        dataset.render(Context(Display(lang=lang), atlas=atlas))

    kwargs = {"lang": lang, "atlas": atlas, "view": view}
    return AppTest.from_function(script, default_timeout=30, kwargs=kwargs).run()


def words(page: AppTest) -> str:
    return "\n".join(part.value for part in (*page.markdown, *page.caption, *page.info))


def say(code: str, lang: str, **values: object) -> str:
    return text(f"app.dataset.{code}", lang, **values)


def submit(page: AppTest, typed: str) -> AppTest:
    page.text_input(key="dataset.typed").set_value(typed)
    return page.button[0].click().run()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_drawn_in_every_language(folder, lang, view):
    page = page_of(lang, str(folder), view)
    assert not page.exception
    assert not page.error
    charts = 2 if view in ("classes", "picture") else 1  # the other views are not drawn
    assert len(page.get("plotly_chart")) == charts
    assert "N = 4" in words(page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_summary_is_told_in_sentences(folder, lang):
    told = words(page_of(lang, str(folder)))
    assert text("summary.MOST_DEAD", lang, site="fc", value=100.0) in told.replace("\\", "")


def test_the_table_selects_the_layer_of_all_views(folder):
    page = page_of("en", str(folder), "values")
    assert "`early/relu`" in words(page)
    page.session_state["dataset.layers"] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    page.session_state["neurolupa.data_view"] = DataView("deep.relu", "values")
    page.run()
    assert "`deep.relu`" in words(page)
    assert "deep.relu" in json.loads(page.get("plotly_chart")[0].proto.spec)["layout"]["title"]["text"]


def test_the_layer_table_is_the_atlas_own(folder):
    shown = page_of("en", str(folder)).dataframe[0].value
    layers = open_folder(str(folder)).atlas.layers
    for name in ("site", "mean", "std", "sparsity_%", "dead", "total_neurons"):
        np.testing.assert_array_equal(shown[name], layers[name])


def test_the_list_of_dead_units_can_be_that_of_one_layer(folder):
    page = page_of("es", str(folder), "idle")
    assert set(page.dataframe[2].value["site"]) == {"early/relu", "fc"}
    page.toggle(key="dataset.only").set_value(True).run()
    assert set(page.dataframe[2].value["site"]) == {"early/relu"}


def test_without_classes_it_says_why_there_is_no_comparison(tmp_path):
    folder = build(tmp_path / "atlas", VALUES, linear=["fc"])
    page = page_of("en", str(folder), "classes")
    assert say("classes.none", "en") in words(page)
    assert not page.get("plotly_chart")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_an_atlas_it_says_how_to_make_one(lang):
    page = page_of(lang, None)
    assert not page.exception
    assert "neurolupa scan" in page.code[0].value


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("nowhere/at/all", "missing"),
        ("a\0b", "missing"),
        ("n" * 5000, "missing"),
        ("https://example.org/atlas", "remote"),
        ("file:///etc", "remote"),
        ("s3://bucket/atlas", "remote"),
        (r"\\server\share", "remote"),
        (__file__, "file"),
        (str(Path(__file__).parent), "none"),
    ],
)
def test_what_is_no_atlas_is_told_in_one_sentence(typed, code, lang):
    with pytest.raises(AtlasError) as fault:
        open_folder(typed)
    assert fault.value.code == code
    assert say(f"failed.{code}", lang, **fault.value.values)


def test_a_bad_folder_leaves_the_atlas_that_was_open(folder):
    page = submit(page_of("en", str(folder)), "nowhere")
    assert not page.exception
    told = page.error[0].value
    assert told == f"{say('failed.missing', 'en')} {say('failed.kept', 'en')}"
    assert "N = 4" in words(page)
    assert not submit(page, str(folder)).error


def test_a_bad_folder_of_the_command_line_is_told_and_another_can_be_opened(folder):
    page = page_of("es", "nowhere")
    assert page.error[0].value == say("failed.missing", "es")
    assert "N = 4" in words(submit(page, f' "{folder}" '))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("{", "damaged"),
        ("[]", "damaged"),
        ("{}", "damaged"),
        (json.dumps({"schema": SCHEMA_VERSION}), "damaged"),
        (json.dumps({"schema": SCHEMA_VERSION + 1}), "schema"),
        ("[" * 100_000, "damaged"),
    ],
)
def test_a_manifest_that_cannot_be_used(copy, content, code):
    (copy / "atlas.json").write_text(content)
    with pytest.raises(AtlasError) as fault:
        open_folder(str(copy))
    assert fault.value.code == code


def test_an_interrupted_scan_is_told(copy):
    (copy / "atlas.json").unlink()
    (copy / "checkpoint").mkdir()
    with pytest.raises(AtlasError, match="interrupted"):
        open_folder(str(copy))


@pytest.mark.parametrize(
    ("file", "view"),
    [
        ("layers.parquet", "layers"),
        ("units.parquet", "idle"),
        ("arrays/fc.safetensors", "values"),
        ("classes.parquet", "classes"),
        ("samples/fc.mean.npy", "images"),
    ],
)
def test_a_damaged_file_is_named_and_the_rest_stays(copy, file, view):
    (copy / file).write_bytes(b"no table")
    page = page_of("en", str(copy), view)
    if view != "layers":
        page.session_state["neurolupa.data_view"] = DataView("fc", view)
        page.session_state["dataset.layers"] = {"selection": {"rows": [2], "columns": [], "cells": []}}
        page.run()
        assert len(page.dataframe) == 1
    assert not page.exception
    assert [part.value for part in page.error] == [say("failed.damaged", "en", file=Path(file).name)]


def test_an_atlas_that_vanishes_is_told(copy):
    page = page_of("en", str(copy))
    shutil.rmtree(copy)
    page.run()
    assert not page.exception
    assert page.error[0].value == say("failed.missing", "en")


def test_tables_are_read_once_and_anew_after_another_scan(copy, monkeypatch):
    runs = []
    count = dataset_opening.TABLES["layers"]
    monkeypatch.setitem(dataset_opening.TABLES, "layers", lambda atlas: (runs.append(1), count(atlas))[1])
    for _ in range(2):
        table(open_folder(str(copy)), "layers")
    assert len(runs) == 1
    manifest = json.loads((copy / "atlas.json").read_text())
    (copy / "atlas.json").write_text(json.dumps({**manifest, "neurolupa": "9.9.9"}))
    table(open_folder(str(copy)), "layers")
    assert len(runs) == 2


def test_no_network_is_run_or_loaded(folder, monkeypatch):
    monkeypatch.setattr("torch.nn.Module.__call__", None)
    for view in VIEWS:
        assert not page_of("en", str(folder), view).exception
