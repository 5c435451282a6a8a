"""Write the reference of the public names into site/, from their docstrings."""

from pathlib import Path

import pdoc

import interplay

# the face loads a name at first use, and pdoc only looks at what is loaded
vars(interplay).update({name: getattr(interplay, name) for name in interplay.__all__})
pdoc.render.configure(docformat="markdown", show_source=False)
pdoc.pdoc("interplay", "interplay.errors", "interplay.results", output_directory=Path("site"))
