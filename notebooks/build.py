"""`python notebooks/build.py ...` is `python -m notebooks ...`, from any folder."""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[1])

from notebooks.__main__ import main  # noqa: E402 (the folder above has to be on the path first)

if __name__ == "__main__":
    sys.exit(main())
