"""The small builder of the documentation: Markdown in, a static site out, no scripts, no network."""
