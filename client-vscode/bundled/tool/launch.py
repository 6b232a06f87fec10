"""Starts the tensorls server that is bundled with the extension.

The user's interpreter runs this file, so the bundled packages go in front of theirs: the server must not meet another
version of its own dependencies, and theirs stay untouched. Kept to syntax that old Pythons parse, so that they can say
what is missing.
"""

import os
import sys


def main():
    if sys.version_info < (3, 10):
        sys.stderr.write("tensorls needs Python 3.10 or newer; %s is %s\n" % (sys.executable, sys.version.split()[0]))
        return 2
    here = os.path.dirname(os.path.abspath(__file__))
    # The first entry is this file's own folder: nothing may be imported from there.
    sys.path[0] = os.path.join(os.path.dirname(here), "libs")
    try:
        from tensorls.cli import main as cli
    except ImportError as error:
        sys.stderr.write("tensorls: the bundled server can't be loaded: %s. Reinstall the extension.\n" % error)
        return 2
    return cli()


if __name__ == "__main__":
    sys.exit(main())
