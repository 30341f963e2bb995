"""`neurolupa export`: an atlas as CSV and JSON files, and as figures."""

from typing import Annotated

import typer

from neurolupa.cli.options import AtlasFolder, Debug, Lang

EXAMPLES = """  neurolupa export atlas tables
  neurolupa export atlas tables --figures --lang es"""


def export(
    atlas: AtlasFolder,
    folder: Annotated[str, typer.Argument(metavar="DIR", help="Where the files go.")],
    figures: Annotated[bool, typer.Option("--figures", help="Every figure too, as PNG files.")] = False,
    lang: Lang = "en",
    debug: Debug = False,
) -> None:
    """Write an atlas as CSV, JSON and figures."""
    from neurolupa.atlas import export_tables, open_atlas
    from neurolupa.cli.words import known_language

    opened, lang = open_atlas(atlas), known_language(lang)
    tables = export_tables(opened, folder)
    print(f"{folder}: {len(tables)} tables")
    if figures:
        from neurolupa.figures import export_figures

        pictures = export_figures(opened, folder, lang)
        print(f"{folder}: {len(pictures)} figures")
