"""``python -m tensorls``."""

import sys

from tensorls.cli import main

sys.exit(main())
