"""`python -m solegate` is the `solegate` command."""

from __future__ import annotations

import sys

from solegate.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
