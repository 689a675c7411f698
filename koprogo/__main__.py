"""`python -m koprogo` is the command `koprogo`."""

import sys

from koprogo.cli import main

sys.exit(main())
