"""The steps of the demo: predict, scan, look, tune, synthesise, draw; each says what it does."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurolupa import figures
from neurolupa.atlas.export import write_together
from neurolupa.cli.printing import Column, number, print_table
from neurolupa.cli.progress import progress
from neurolupa.cli.questions import Question
from neurolupa.cli.views import show_dead, show_layers
from neurolupa.images import load_images
from neurolupa.locales import text, whole
from neurolupa.models import load_model
from neurolupa.scanning import scan
from neurolupa.units.tuning_curves import tuning

if TYPE_CHECKING:
    import pandas as pd

    from neurolupa.atlas import Atlas
    from neurolupa.models import Model
    from neurolupa.synthesis import Synthesis
    from neurolupa.units.tuning_curves import Tuning

TUNED = ("relu", "layer2.1.relu", "layer4.1.relu")
SHOWN_UNITS = 3
MADE, MADE_UNITS = "layer3.1.relu", range(8)
_DPI = 120


def demonstrate(out: str, count: int, lang: str) -> None:
    """Writes two atlases and some figures below the folder, and prints the tables."""
    folder, model = Path(out), load_model("embedded")
    _heading("demo.prediction", lang)
    _predict(model)
    _heading("demo.scan", lang, stimuli=whole(count, lang))
    side = max(model.preprocessing.input_size)
    stimuli = _scan(model, f"stimuli?target=shape&size={side}&count={count}", folder / "stimuli", lang)
    photographs = _scan(model, "samples", folder / "photographs", lang)
    for code, view in (("demo.layers", show_layers), ("demo.dead", show_dead)):
        _heading(code, lang)
        view(Question(stimuli, lang, site=None, unit=None, top=None, json=False))
    _heading("demo.selective", lang)
    found = [_tune(model, site) for site in TUNED]
    print_table(most_selective(found), _SELECTIVE)
    _heading("demo.synthetic", lang, site=MADE)
    made = _synthesize(model, photographs)
    print_table(made.to_frame(), _SYNTHETIC)
    drawings = (*_drawings(stimuli, found), *_synthetic(made, photographs))
    drawn = write_together(folder / "figures", partial(_draw, drawings, lang))
    _heading("demo.done", lang, figures=len(drawn), folder=folder.as_posix())
    print(f"  neurolupa app {(folder / 'stimuli').as_posix()}")


def most_selective(found: "list[Tuning]", count: int = SHOWN_UNITS) -> "pd.DataFrame":
    """Of each site the units that are tuned most sharply, each with the factor that shows it best.

    Sharpest is what lies furthest above the 95th percentile of the unit's own null.
    """
    import pandas as pd

    rows = []
    for tuned in found:
        frame = tuned.to_frame().assign(site=tuned.source.site)
        frame["margin"] = (frame["index"] - frame["null_95"]).where(frame["state"] == "OK")
        best = frame.dropna(subset="margin").sort_values("margin", ascending=False, kind="stable")
        rows.append(best.drop_duplicates("unit").head(count))
    table = pd.concat(rows, ignore_index=True)
    prefers = [_value(*pair) for pair in zip(table["factor"], table["preferred"], strict=True)]
    return table.assign(prefers=prefers)


def _value(factor: str, preferred: float | str) -> str:
    unit = {"orientation": "°", "hue": "°", "frequency": " cycles"}.get(factor, "")
    return f"{preferred:g}{unit}" if unit else str(preferred)


_SELECTIVE = (
    Column("site"),
    Column("unit", right=True),
    Column("factor"),
    Column("prefers"),
    Column("index", show=number, right=True),
    Column("null_95", "chance (95 %)", number, right=True),
    Column("p", show=number, right=True, spare=1),
    Column("pictures", "N", right=True, spare=2),
)


_SYNTHETIC = (
    Column("unit", right=True),
    Column("state"),
    Column("mean", "reached", number, right=True),
    Column("natural_mean", "best photograph", number, right=True),
    Column("sampled", "N", right=True),
    Column("rank", "rank in layer", right=True, spare=1),
)


def _heading(code: str, lang: str, **values: Any) -> None:
    print(f"\n{text(code, lang, **values)}")


def _predict(model: "Model") -> None:
    for picture in load_images("samples"):
        best = model.predict(picture.image)[0]
        print(f"  {picture.class_name:<11} {best.name} ({best.probability:.2f})")


def _scan(model: "Model", spec: str, folder: Path, lang: str) -> "Atlas":
    images = load_images(spec)
    with progress(len(images)) as on_block:
        atlas = scan(model, images, "kind:relu", folder, overwrite=True, on_block=on_block)
    print(f"  {folder.as_posix()}: {images.name}, {whole(len(images), lang)}")
    return atlas


def _tune(model: "Model", site: str) -> "Tuning":
    with progress(doing="showing pictures", ending="shuffling labels") as on_block:
        return tuning(model, site, on_block=on_block)


def _synthesize(model: "Model", atlas: "Atlas") -> "Synthesis":
    from neurolupa.synthesis import synthesize

    with progress(doing="optimising", ending="measuring", things="steps") as on_step:
        return synthesize(model, MADE, MADE_UNITS, atlas=atlas, report=on_step)


def _draw(drawings: Iterable[tuple[str, Callable[..., Any]]], lang: str, place: Path) -> None:
    for name, draw in drawings:
        draw(lang=lang).savefig(place / f"{name}.png", dpi=_DPI, metadata={"Software": None})


def _drawings(atlas: "Atlas", found: "list[Tuning]") -> Iterator[tuple[str, Callable[..., Any]]]:
    yield "layers", partial(figures.layer_statistics, atlas)
    yield "dead_units", partial(figures.dead_units, atlas)
    yield "classes", partial(figures.class_statistics, atlas, TUNED[-1])
    for tuned in found:
        unit = tuned.strongest(1)[0]
        yield f"tuning_{tuned.source.site}_{unit}", partial(figures.tuning, tuned, unit)


def _synthetic(made: "Synthesis", atlas: "Atlas") -> Iterator[tuple[str, Callable[..., Any]]]:
    best = int(made.activations.argmax())
    yield "synthetic", partial(figures.synthesis_grid, made)
    yield f"synthetic_{MADE}_{made.units[best]}", partial(figures.synthetic_beside_natural, made, best, atlas)
