"""The program and its commands."""

from typing import Annotated

import typer

from neurolupa import __version__
from neurolupa.cli import (
    ablate,
    attribute,
    compare,
    compare_classes,
    dashboard,
    demo,
    detectors,
    dissect,
    doctor,
    dream,
    export,
    inspect,
    layers,
    levels,
    mirror,
    models,
    plan,
    probe,
    scan,
    show,
    synthesize,
    texture,
    tuning,
    unit,
)
from neurolupa.cli.options import Debug

app = typer.Typer(
    name="neurolupa",
    rich_markup_mode=None,
    add_completion=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)

for _name, _command, _examples in (
    ("demo", demo.demo, demo.EXAMPLES),
    ("doctor", doctor.doctor, doctor.EXAMPLES),
    ("models", models.models, models.EXAMPLES),
    ("layers", layers.layers, layers.EXAMPLES),
    ("plan", plan.plan, plan.EXAMPLES),
    ("scan", scan.scan, scan.EXAMPLES),
    ("show", show.show, show.EXAMPLES),
    ("export", export.export, export.EXAMPLES),
    ("inspect", inspect.inspect, inspect.EXAMPLES),
    ("unit", unit.unit, unit.EXAMPLES),
    ("mirror", mirror.mirror, mirror.EXAMPLES),
    ("texture", texture.texture, texture.EXAMPLES),
    ("tuning", tuning.tuning, tuning.EXAMPLES),
    ("synthesize", synthesize.synthesize, synthesize.EXAMPLES),
    ("dream", dream.dream, dream.EXAMPLES),
    ("levels", levels.levels, levels.EXAMPLES),
    ("probe", probe.probe, probe.EXAMPLES),
    ("dissect", dissect.dissect, dissect.EXAMPLES),
    ("detectors", detectors.detectors, detectors.EXAMPLES),
    ("compare-classes", compare_classes.compare_classes, compare_classes.EXAMPLES),
    ("compare", compare.compare, compare.EXAMPLES),
    ("attribute", attribute.attribute, attribute.EXAMPLES),
    ("ablate", ablate.ablate, ablate.EXAMPLES),
    ("app", dashboard.dashboard, dashboard.EXAMPLES),
):
    app.command(_name, epilog=f"\b\nExamples:\n{_examples}")(_command)


def _print_version(asked: bool) -> None:
    if asked:
        print(f"neurolupa {__version__}")
        raise typer.Exit


@app.callback(epilog="\b\nExample:\n  neurolupa scan resnet18 folder:photos --out atlas")
def program(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version."),
    ] = False,
    debug: Debug = False,
) -> None:
    """A magnifying glass for the single neurons of convolutional networks.

    Point it at a network and at images: one pass gives an atlas with a page for every unit.
    """
