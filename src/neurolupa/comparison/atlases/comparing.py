"""`compare`: from two atlases to what they have in common and what they differ in."""

from collections.abc import Callable, Iterable, Sequence

from neurolupa.atlas import Atlas
from neurolupa.atlas.checks import real_number, whole_number
from neurolupa.atlas.schema import DEAD_THRESHOLD
from neurolupa.comparison.atlases.changes import unit_changes
from neurolupa.comparison.atlases.codes import LEVEL, NetworkCode, NoteCode, PictureCode
from neurolupa.comparison.atlases.common import Answers, answers, common_pictures, drawn
from neurolupa.comparison.atlases.dying import silent_units
from neurolupa.comparison.atlases.layers import compared_layers
from neurolupa.comparison.atlases.matches import UnitMatches, places
from neurolupa.comparison.atlases.matching import SHUFFLES, matched_units
from neurolupa.comparison.atlases.result import AtlasComparison
from neurolupa.comparison.atlases.similarity import CrossSimilarity, cross_similarity
from neurolupa.comparison.atlases.standing import Standing, standing
from neurolupa.errors import unknown
from neurolupa.units.relations.codes import FEWEST
from neurolupa.units.relations.sampling import MEASURES

IMAGES = 1024
OnBlock = Callable[[int, int], None]


def compare(
    a: Atlas,
    b: Atlas,
    sites: Iterable[str] | str | None = None,
    *,
    of: str = "mean",
    threshold: float = DEAD_THRESHOLD,
    images: int = IMAGES,
    shuffles: int = SHUFFLES,
    seed: int = 0,
    on_block: OnBlock = lambda done, total: None,
) -> AtlasComparison:
    """Two checkpoints, two networks or two sets of images: what two atlases differ in.

    Which of them it is, is told by the digests of weights and images and by the sites. No network runs.
    Sites with the same name stand side by side. Where unit i of a site can be the same unit in both (the same
    weights, or the same shape), dead units are gained and lost by number, and each unit's change is tested.
    Over the pictures that both sampled, layers are compared by CKA (`cross_similarity`) and units are matched
    by correlation (`matched_units`): those of sites with the same name, and in networks of another shape
    those of each site of A with those of the site of B that CKA finds nearest.

    Memory: 8 bytes for each unit of either atlas and picture, and for each pair of units of two sites.

    Args:
        a: The one atlas.
        b: The other; every difference is `b` less `a`.
        sites: Names of sites of either; all by default.
        of: "mean" or "max", what stands for a map on a picture.
        threshold: What a dead unit never passes.
        images: At most so many of the common pictures, drawn at random, for CKA and matching.
        shuffles: Of the pictures, for the null of the matches; 0 for none.
        seed: Of drawing, intervals and shuffles.
        on_block: Told of each pair of sites that is matched: pairs done, and pairs in all.

    Raises:
        UsageError: A site that neither has, an unknown `of`, images below 4, a bad number.
        DataError: A file of an atlas is missing or damaged.

    >>> import neurolupa as nl
    >>> atlas = nl.open_atlas("atlas")
    >>> found = compare(atlas, atlas, "relu", shuffles=19)
    >>> [code.value for code in found.notes], found.matched("relu").median_r > 0.999
    (['IDENTICAL', 'UNITS_KEEP_PLACES'], True)
    """
    images, shuffles = whole_number("images", images, FEWEST), whole_number("shuffles", shuffles, 0)
    threshold, seed = real_number("threshold", threshold), whole_number("seed", seed, 0)
    if of not in MEASURES:
        raise unknown("measure of a map", str(of), MEASURES)
    stand = standing(a, b, sites)
    common = common_pictures(a, b, stand)
    chosen = drawn(a, b, stand, common, of, images, seed)
    one, two = answers(a, stand.sites_a, of, chosen.a), answers(b, stand.sites_b, of, chosen.b)
    similarity = cross_similarity(one, two, seed) if len(chosen) and one and two else None
    matches = _matches(stand, one, two, similarity, shuffles, seed, on_block)
    return AtlasComparison(
        source_a=a.source, source_b=b.source, network=stand.network, pictures=stand.pictures,
        notes=_notes(stand, len(chosen), matches),
        layers=compared_layers(a, b, stand.common, threshold),
        only_a=tuple(site for site in stand.sites_a if site not in stand.common),
        only_b=tuple(site for site in stand.sites_b if site not in stand.common),
        silent=silent_units(a, b, stand, threshold),
        changes=unit_changes(a, b, stand.common, common, of) if stand.numbered_alike else (),
        similarity=similarity, matches=matches, of=of, threshold=threshold,
        common=len(common), images=images, shuffles=shuffles, seed=seed,
    )  # fmt: skip


def _matches(
    stand: Standing,
    one: Sequence[Answers],
    two: Sequence[Answers],
    similarity: CrossSimilarity | None,
    shuffles: int,
    seed: int,
    on_block: OnBlock,
) -> tuple[UnitMatches, ...]:
    if similarity is None:
        return ()
    pairs = [(site, _partner(stand, similarity, site)) for site in stand.sites_a]
    held = {each.site: each for each in one}, {each.site: each for each in two}
    found, wanted = [], [(site, partner) for site, partner in pairs if partner is not None]
    for done, (site, partner) in enumerate(wanted, start=1):
        found.append(matched_units(held[0][site], held[1][partner], stand.numbered_alike, shuffles, seed))
        on_block(done, len(wanted))
    return tuple(found)


def _partner(stand: Standing, similarity: CrossSimilarity, site: str) -> str | None:
    """The site of B whose units are matched with those of a site of A."""
    if stand.numbered_alike:
        return site if site in stand.sites_b else None
    return similarity.nearest(site)


def _notes(stand: Standing, images: int, matches: Sequence[UnitMatches]) -> tuple[NoteCode, ...]:
    same_pictures = stand.pictures is PictureCode.SAME_PICTURES
    same_weights = stand.network is NetworkCode.SAME_WEIGHTS
    told = {
        NoteCode.IDENTICAL: same_pictures and same_weights and stand.prepared_alike,
        NoteCode.NO_COMMON_SITES: not stand.common,
        NoteCode.NO_COMMON_PICTURES: images == 0,
        NoteCode.FEW_PICTURES: 0 < images < FEWEST,
        NoteCode.DEAD_ON_OTHER_PICTURES: not same_pictures,
        NoteCode.BOTH_DIFFER: not same_pictures and not same_weights,
        NoteCode.OTHER_PREPROCESSING: not stand.prepared_alike,
    }
    places = (_places(stand, matches),) if stand.numbered_alike else ()
    return (*(code for code, holds in told.items() if holds), *places)


def _places(stand: Standing, matches: Sequence[UnitMatches]) -> NoteCode:
    """Whether unit numbers mean the same in both, by how many units match their own."""
    found = places(matches)
    if stand.network is NetworkCode.SAME_WEIGHTS or found.p <= LEVEL:
        return NoteCode.UNITS_KEEP_PLACES
    return NoteCode.PLACES_UNKNOWN if found.least_p > LEVEL else NoteCode.UNITS_MOVED
