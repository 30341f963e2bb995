"""From the names that a person types to the concepts' values in every picture."""

from collections.abc import Iterable

from neurolupa.errors import UsageError, unknown
from neurolupa.images import ImageSet, StimulusSet
from neurolupa.images.stimuli.factors import listed
from neurolupa.probing.concepts.factors import KNOWN_FACTORS, factor_targets
from neurolupa.probing.concepts.labels import Groups, grouped
from neurolupa.probing.concepts.measuring import OnPicture, Property, measured, unseen
from neurolupa.probing.concepts.registry import CONCEPTS
from neurolupa.probing.targets import Targets

ALL = "all"
"""Everything that a set has."""
GROUP = "group"
"""The concept that groups of classes make."""


def available(images: ImageSet) -> tuple[str, ...]:
    """The concepts that a set has: what is known of it first (label), then its factors, then properties.

    >>> from neurolupa.images import load_images
    >>> available(load_images("gratings"))[:4]
    ('label', 'orientation', 'frequency', 'phase')
    """
    found = [name for name in CONCEPTS if CONCEPTS[name].has(images)]
    known = [name for name in found if not isinstance(CONCEPTS[name], Property)]
    computed = [name for name in found if name not in known]
    return tuple(dict.fromkeys((*known, *_factors(images), *computed)))


def targets_of(
    images: ImageSet,
    target: str | Iterable[str],
    *,
    groups: Groups | None = None,
    on_picture: OnPicture = unseen,
) -> tuple[Targets, ...]:
    """The values of concepts in every picture of a set, in the order in which they are named.

    Args:
        images: the set.
        target: names as `available` gives them, in a list or with commas; "all" of them; or "group".
        groups: of class names, which make the concept "group", as {"animal": ["cat", "dog"], ...}.
        on_picture: called with (done, total) after each picture that is decoded; none is for labels and
            factors.

    Raises:
        UsageError: a concept that the set does not have, no concept, groups that "group" is not asked for or
            the other way round, and as `labels.grouped`.
        DataError: labels or groups of an unlabelled set.

    >>> from neurolupa.images import load_images
    >>> hues = load_images("stimuli?target=hue&count=18")
    >>> [found.concept for found in targets_of(hues, "hue,brightness")]
    ['hue', 'brightness']
    """
    names = _names(images, target, groups)
    computed = {name: entry for name in names if isinstance(entry := _entry(images, name), Property)}
    found = {each.concept: each for each in measured(images, computed, on_picture)} if computed else {}
    return tuple(found[name] if name in found else _read(images, name, groups) for name in names)


def _names(images: ImageSet, target: str | Iterable[str], groups: Groups | None) -> tuple[str, ...]:
    """The concepts that are meant, each of which there is."""
    typed = [name for name in listed(target) if name]
    names = tuple(dict.fromkeys(name for each in typed for name in _meant(images, each, groups)))
    if not names:
        raise UsageError(f"no target; choose from: {', '.join((ALL, *available(images)))}")
    if (GROUP in names) != (groups is not None):
        raise UsageError(f"target {GROUP} and groups, such as animal=cat,dog, go together")
    for name in names:
        if name != GROUP and name not in _factors(images) and name not in CONCEPTS:
            raise _unknown(images, name)
    return names


def _meant(images: ImageSet, name: str, groups: Groups | None) -> tuple[str, ...]:
    if name != ALL:
        return (name,)
    return (*available(images), *(() if groups is None else (GROUP,)))


def _unknown(images: ImageSet, name: str) -> UsageError:
    found = unknown("concept", name, (ALL, *available(images)))
    if name in KNOWN_FACTORS and not isinstance(images, StimulusSet):
        return UsageError(f"{found} ({name} is a factor of stimuli, and {images.spec} is no stimulus set)")
    return found


def _entry(images: ImageSet, name: str) -> object:
    """What the registry has by this name; None for groups and for the set's own factors."""
    return None if name == GROUP or name in _factors(images) else CONCEPTS[name]


def _read(images: ImageSet, name: str, groups: Groups | None) -> Targets:
    if name == GROUP and groups is not None:
        return grouped(name, images, groups)
    if isinstance(images, StimulusSet) and name in images.factors:
        return factor_targets(name, images)
    return CONCEPTS[name].targets(name, images)


def _factors(images: ImageSet) -> tuple[str, ...]:
    return images.factors if isinstance(images, StimulusSet) else ()
