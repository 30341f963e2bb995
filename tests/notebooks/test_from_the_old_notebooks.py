"""The table from the old notebooks to neurolupa: complete, alike in both languages, every call of it runs."""

import re

import pytest
from notebooks.running import HERE, SOURCES
from tests.docs.pages import blocks, links
from tests.docs.test_readmes import parse

ENGLISH, SPANISH = HERE / "README.md", HERE / "README.es.md"
BOTH = pytest.mark.parametrize("page", [ENGLISH, SPANISH], ids=lambda page: page.name)
EARLIER = {
    *(
        "ModelLoader",
        "load_model",
        "get_architecture_info",
        "ImageLoader",
        "get_dataloaders",
        "get_dataset_info",
    ),
    *("denormalize_image", "ActivationHook", "register_hooks", "get_activations", "get_layer_names"),
    *("clear_activations", "remove_hooks", "get_layer_types", "extract_activations_from_batch"),
    *("compute_activation_statistics", "find_dead_neurons_detailed", "compute_class_wise_statistics"),
    *("analyze_spatial_bias", "visualize_spatial_bias", "analyze_class_selectivity"),
    *("visualize_class_selectivity", "analyze_neuron_texture_and_features", "visualize_texture_analysis"),
    *("SingleImageAnalyzer", "load_image", "analyze_image", "get_neuron_statistics", "get_top_neurons"),
    *("get_activation_overlay", "cleanup", "analyze_single_image", "analyze_and_visualize_layer"),
    *("verify_setup.py", "app.py"),
    *("top_mean", "top_max", "manual", "mixed", "interesting", "balanced"),
}


def rows(page):
    """The cells of the rows of the table: earlier, now, remark, notebook."""
    table = page.read_text().split("\n### ", 1)[1].split("\n## ")[0]
    lines = [
        line for line in table.splitlines() if line.startswith("| ") and not line.startswith("| earlier")
    ]
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if "| antes" not in line
    ]


def code(cell):
    return re.findall(r"`([^`]+)`", cell)


CALLS = [call for row in rows(ENGLISH) for call in code(row[1])]


def test_every_name_of_the_old_notebooks_has_a_row():
    named = {name.split("(")[0] for row in rows(ENGLISH) for name in code(row[0])}
    assert named >= EARLIER


def test_both_languages_name_the_same_calls():
    assert [code(row[1]) for row in rows(ENGLISH)] == [code(row[1]) for row in rows(SPANISH)]
    assert [row[3] for row in rows(ENGLISH)] == [row[3] for row in rows(SPANISH)]
    assert blocks(ENGLISH, "python") == blocks(SPANISH, "python")


def test_a_row_without_a_call_says_why():
    for row in rows(ENGLISH) + rows(SPANISH):
        assert len(row) == 4
        assert code(row[1]) or row[2]


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    """What the block above the table defines; its folder is one that pytest clears away."""
    (block,) = blocks(ENGLISH, "python")
    defined = {}
    block = block.replace("mkdtemp()", repr(str(tmp_path_factory.mktemp("table"))))
    exec(compile(block, "README.md", "exec"), defined)
    return defined


@pytest.mark.parametrize("call", [call for call in CALLS if not call.startswith("neurolupa ")])
def test_every_call_runs(call, names):
    assert eval(call, names) is not None


@pytest.mark.parametrize("line", [call for call in CALLS if call.startswith("neurolupa ")])
def test_every_command_parses(line):
    parse(line.split())


@BOTH
def test_every_notebook_is_listed_and_every_link_leads_somewhere(page):
    targets = {path for path, _ in links(page)}
    assert {
        f"{lang}/{source.stem}.ipynb" for lang in ("en", "es") for source in SOURCES.glob("*.py")
    } <= targets
    assert all((HERE / path).exists() for path in targets)
