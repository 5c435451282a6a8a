"""Build the documentation into site/ (or the folder named): pages, executed examples, API and CLI reference.

Any warning, error of an example, unknown name, missing picture or broken link fails the build.
"""

import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS))

from site_builder.build import build_site  # noqa: E402

if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS.parent / "site"
    for line in build_site(DOCS, target):
        sys.stdout.write(f"{line}\n")
