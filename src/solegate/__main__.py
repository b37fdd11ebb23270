"""`python -m solegate` is the `solegate` command."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    try:
        from solegate.cli.main import main  # the first second of a command: Ctrl-C ends that quietly, too

        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
