"""`neurolupa show`: what an atlas holds."""

from typing import Annotated

import typer

from neurolupa.cli.options import AtlasFolder, Debug, Json, Lang

EXAMPLES = """  neurolupa show atlas summary
  neurolupa show atlas units --site layer4.1.relu --top 20
  neurolupa show atlas exemplars --site layer4.1.relu --unit 83
  neurolupa show atlas conditions
  neurolupa show atlas ranks --site layer3.1.relu --image 5 --unit 83
  neurolupa show atlas dead --json
  neurolupa show training-log"""


def show(
    atlas: AtlasFolder,
    what: Annotated[
        str,
        typer.Argument(
            metavar="WHAT",
            help="layers, units, classes, dead, exemplars, summary, evolution, conditions, redundant, "
            "dimensions, similarity, activity or ranks.",
        ),
    ] = "summary",
    site: Annotated[str | None, typer.Option(metavar="S", help="Only this site.")] = None,
    unit: Annotated[
        int | None,
        typer.Option(metavar="N", help="Only this unit, for exemplars; ranks say where it stands."),
    ] = None,
    image: Annotated[
        str | None, typer.Option(metavar="KEY", help="The picture of ranks: an index or an id of the set.")
    ] = None,
    top: Annotated[
        int | None, typer.Option(metavar="N", help="At most N rows of each site, the highest first.")
    ] = None,
    lang: Lang = "en",
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Show what an atlas holds, or a training log."""
    from neurolupa.atlas import open_atlas
    from neurolupa.cli.options import at_least_one
    from neurolupa.cli.views import Question, view_named
    from neurolupa.cli.words import known_language
    from neurolupa.monitoring.log import is_log

    view, top = view_named(what), at_least_one("--top", top)
    if is_log(atlas):
        from neurolupa.cli.logged import show_log

        show_log(atlas, what, site, known_language(lang), json)
        return
    question = Question(open_atlas(atlas), known_language(lang), site, unit, top, json, image)
    view(question)
