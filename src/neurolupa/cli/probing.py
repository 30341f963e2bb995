"""What `probe` asks for and makes."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neurolupa.cli.network import note
from neurolupa.cli.progress import OnBlock, progress
from neurolupa.cli.words import last_calls
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.images import ImageSet
    from neurolupa.models import Model
    from neurolupa.probing import ProbeReport, Settings, UnitProbes


@dataclass(frozen=True)
class Asked:
    """What was typed, as arguments of `neurolupa.probing.probe`."""

    targets: tuple[str, ...]
    groups: dict[str, tuple[str, ...]] | None
    sites: tuple[str, ...]
    pooling: str
    controls: bool
    units: str | None
    settings: "Settings"
    cached: bool
    batch_size: int | None

    @classmethod
    def of(
        cls,
        target: Sequence[str],
        group: Sequence[str],
        sites: Sequence[str],
        pooling: str,
        controls: bool,
        units: str | None,
        settings: "Settings",
        cached: bool,
        batch_size: int | None,
    ) -> "Asked":
        """UsageError for groups and a pooling that are none; groups make "group" a target."""
        from neurolupa.probing import Pooling
        from neurolupa.probing.concepts import ALL, GROUP, parse_groups

        typed = [name.strip() for each in target for name in each.split(",") if name.strip()]
        if group and not {ALL, GROUP} & set(typed):
            typed.append(GROUP)
        return cls(
            tuple(typed) or ("label",),
            parse_groups(group) if group else None,
            tuple(sites),
            str(Pooling.of(pooling)),
            controls,
            units,
            settings,
            cached,
            batch_size,
        )

    def check(self, images: "ImageSet") -> None:
        """Refuse targets that the pictures do not have, before any of them is decoded.

        Raises:
            UsageError: An unknown target, or the target group without groups.
            DataError: Labels of an unlabelled set.
        """
        from neurolupa.probing.concepts import ALL, GROUP, available, targets_of

        had = {ALL, *available(images)} | ({GROUP} if self.groups else set())
        if strange := [name for name in self.targets if name not in had]:
            targets_of(images, strange)

    @property
    def cache(self) -> bool | None:
        """As `neurolupa.probing.probe` takes it."""
        return None if self.cached else False


@dataclass(frozen=True, eq=False)
class Made:
    """Probes, and those of few units."""

    report: "ProbeReport"
    narrowed: tuple["UnitProbes", ...]


def make(model: "Model", images: "ImageSet", asked: Asked, lang: str) -> Made:
    """The probes, with a bar while they are made; before that what they will take, on stderr."""
    from neurolupa.probing import probe

    announce(model, images, asked, lang)
    with _bars() as (on_block, on_probe):
        report = probe(
            model, images, asked.sites, asked.targets, groups=asked.groups, controls=asked.controls,
            pooling=asked.pooling, settings=asked.settings, cache=asked.cache, batch_size=asked.batch_size,
            on_block=on_block, on_probe=on_probe,
        )  # fmt: skip
    return Made(report, tuple(_narrowed(model, images, asked, report)))


def announce(model: "Model", images: "ImageSet", asked: Asked, lang: str) -> None:
    """Say which calls are meant and what the pictures will take: time, memory, disk; check the names."""
    from neurolupa.capture import trace
    from neurolupa.probing import estimate, random_twin
    from neurolupa.scanning.plan import size

    table = trace(model)
    sites = table.select(asked.sites)
    meant = [*sites, table.find(asked.units)] if asked.units else [*sites]
    if told := last_calls((site.name, site.address) for site in meant):
        note(told)
    twin = random_twin(model, asked.settings.seed) if asked.controls else None
    found = estimate(
        model, images, sites, pooling=asked.pooling, twin=twin, pixels=asked.controls,
        cache=asked.cache, batch_size=asked.batch_size,
    )  # fmt: skip
    sizes = {"memory": size(found.memory), "disk": size(found.disk), "seconds": f"{found.seconds:.0f} s"}
    counts = {"pictures": whole(found.pictures, lang), "sites": whole(len(sites), lang)}
    note(text("probing.estimate" if found.disk else "probing.kept", lang, **counts, **sizes))


def _narrowed(
    model: "Model", images: "ImageSet", asked: Asked, report: "ProbeReport"
) -> Iterator["UnitProbes"]:
    """Sparse probes of every concept that could be probed."""
    from neurolupa.probing import probe_units

    for each in report.concepts if asked.units else ():
        with progress(doing="showing pictures", ending="looking for few units") as on_block:
            yield probe_units(
                model, images, asked.units or "", each.concept,
                groups=asked.groups if each.concept == "group" else None, pooling=asked.pooling,
                settings=asked.settings, cache=asked.cache, batch_size=asked.batch_size, on_block=on_block,
            )  # fmt: skip


@contextmanager
def _bars() -> Iterator[tuple[OnBlock, OnBlock]]:
    """A bar of pictures, which ends where that of concepts begins."""
    with ExitStack() as stack:
        on_block = stack.enter_context(progress(doing="showing pictures", ending="fitting probes"))
        fitting: list[OnBlock] = []

        def on_probe(done: int, total: int) -> None:
            if not fitting:
                stack.close()
                bar = progress(doing="fitting probes", ending="judging", things="concepts")
                fitting.append(stack.enter_context(bar))
            fitting[0](done, total)

        yield on_block, on_probe
