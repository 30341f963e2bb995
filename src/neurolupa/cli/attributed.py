"""What `neurolupa attribute` asks, does and says."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurolupa.cli.printing import Column, number, print_json, print_table, records
from neurolupa.cli.progress import progress
from neurolupa.errors import UsageError
from neurolupa.locales import text

if TYPE_CHECKING:
    from neurolupa.attribution import Settings
    from neurolupa.figures.attribution_export import Attributed
    from neurolupa.inspection.seen import Inspected
    from neurolupa.models import Model

_UNITS = (
    Column("unit", right=True),
    Column("activation", "mean", number, right=True),
    Column("weight", "mean gradient", number, right=True),
    Column("contribution", "gradient x activation", number, right=True),
)
_EFFECTS = (
    Column("unit", right=True),
    Column("activation", "mean", number, right=True),
    Column("expected", "expected", number, right=True),
    Column("logit_change", "logit", number, right=True),
    Column("probability_change", "probability", number, right=True),
    Column("strongest", "answer", right=True),
)


@dataclass(frozen=True)
class Wanted:
    """What was asked about the picture; the fields are those of the options."""

    methods: tuple[str, ...]
    target: str | None
    site: str | None
    sanity: bool
    seeds: int
    stages: int
    deletion: bool
    units: str | None
    value: float | str
    settings: "Settings"

    @classmethod
    def of(cls, methods: Sequence[str], *others: Any) -> "Wanted":
        """The methods looked up, each once; "all" stands for every one.

        Raises:
            UsageError: An unknown method.
        """
        from neurolupa.attribution import METHODS

        asked = [name.strip() for text_ in methods for name in text_.split(",") if name.strip()]
        named = METHODS.names() if asked == ["all"] else tuple(dict.fromkeys(asked))
        if not named:
            raise UsageError("--method names no method")
        for name in named:
            METHODS[name]
        return cls(named, *others)


def value_of(typed: str) -> float | str:
    """What units are set to: a number, or "mean".

    >>> value_of("mean"), value_of("0")
    ('mean', 0.0)
    """
    if typed == "mean":
        return typed
    try:
        return float(typed)
    except ValueError:
        raise UsageError(f"--value takes a number or mean, not {typed!r}") from None


def folders(out: Path, methods: Sequence[str], overwrite: bool) -> dict[str, Path]:
    """Where each method's files go, refused at once where they cannot."""
    from neurolupa.figures.attribution_export import ATTRIBUTION

    places = {name: out if len(methods) == 1 else out / name for name in methods}
    for place in places.values():
        ATTRIBUTION.ready(place, overwrite)
    return places


def study(model: "Model", image: str, wanted: Wanted) -> tuple["Attributed", ...]:
    """Every map with what was asked about it."""
    from neurolupa.attribution import METHODS, unit_effects
    from neurolupa.capture import trace
    from neurolupa.images.picking import pick_image

    if wanted.units is not None:
        trace(model).find(wanted.units)
    picture, images = pick_image(image)
    found = []
    for name in wanted.methods:
        # With several methods the site is for those that take one.
        site = wanted.site if METHODS[name].at_site or len(wanted.methods) == 1 else None
        asked: dict[str, Any] = {"method": name, "target": wanted.target, "site": site}
        asked |= {"images": images, "settings": wanted.settings}
        found.append(_checked(model, picture, wanted, asked))
    if wanted.units is not None:
        value: dict[str, Any] = {"value": wanted.value, "images": images}
        effects = unit_effects(model, picture, wanted.units, wanted.target, **value)
        found[0] = replace(found[0], effects=effects)
    return tuple(found)


def _checked(model: "Model", picture: "Inspected", wanted: Wanted, asked: dict[str, Any]) -> "Attributed":
    """One map, with the checks that were asked for."""
    from neurolupa.attribution import attribute, deletion_insertion, sanity_check
    from neurolupa.figures.attribution_export import Attributed

    one = attribute(model, picture, **asked)
    check = curves = None
    if wanted.sanity:
        told: dict[str, Any] = {"seeds": wanted.seeds, "stages": wanted.stages}
        with progress(None, f"drawing layers anew ({one.method})", "comparing maps", "maps") as on_step:
            check = sanity_check(model, picture, **asked, **told, on_step=on_step)
    if wanted.deletion and one.orders_pixels:
        with progress(None, f"covering pixels ({one.method})", "measuring areas", "maps") as on_step:
            curves = deletion_insertion(model, one, on_step=on_step)
    return Attributed(one, check, curves)


def write(
    found: Sequence["Attributed"], places: dict[str, Path], lang: str, overwrite: bool
) -> tuple[Path, ...]:
    """Every file of every method."""
    from neurolupa.figures.attribution_export import export_attribution

    written: list[Path] = []
    for one, place in zip(found, places.values(), strict=True):
        written += export_attribution(one, place, lang=lang, overwrite=overwrite)
    return tuple(written)


def report(
    found: Sequence["Attributed"], wanted: Wanted, files: Sequence[Path], top: int, lang: str, json: bool
) -> None:
    """What each map is, what must be known of it, what was found out, and the units; or all as JSON."""
    if json:
        print_json([_told(one, wanted.deletion) for one in found])
        return
    for one in found:
        _say(one, wanted.deletion, top, lang)
    place = files[0].parent if len(found) == 1 else files[0].parent.parent
    print(text("cli.inspect.written", lang, folder=place.as_posix(), count=len(files)))


def _say(one: "Attributed", deletion: bool, top: int, lang: str) -> None:
    from neurolupa.figures.attribution_words import (
        attribution_lines,
        attribution_title,
        class_words,
        deletion_lines,
        verdict_line,
    )

    found = one.attribution
    print("\n".join([attribution_title(found, lang), *attribution_lines(found, lang)]))
    if one.check is not None:
        print(verdict_line(one.check, lang))
    if one.curves is not None:
        print("\n".join(deletion_lines(one.curves, lang)))
    elif deletion:
        print(text("cli.attribute.no_deletion", lang))
    if found.units is not None:
        print(f"\n{text('cli.attribute.units', lang, name=class_words(found.target, lang))}")
        table = found.to_frame()
        largest = table["contribution"].abs().sort_values(ascending=False, kind="stable").index[:top]
        print_table(table.loc[largest].sort_values("contribution", ascending=False, kind="stable"), _UNITS)
    if one.effects is not None:
        print(f"\n{text('cli.attribute.effects', lang, site=one.effects.site.name)}")
        print_table(one.effects.to_frame().head(top), _EFFECTS)
    print()


def _told(one: "Attributed", deletion: bool) -> dict[str, Any]:
    told: dict[str, Any] = {
        "attribution": one.attribution.to_dict(),
        "units": records(one.attribution.to_frame()),
    }
    if one.check is not None:
        told["sanity"] = one.check.to_dict()
    if deletion:
        told["deletion_insertion"] = None if one.curves is None else one.curves.to_dict()
    if one.effects is not None:
        told["unit_effects"] = {**one.effects.to_dict(), "units": records(one.effects.to_frame())}
    return told
