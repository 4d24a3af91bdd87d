#!/usr/bin/env python
"""The command line of the product."""

import os
import sys

OWNER_COMMANDS = frozenset({"migrate"})


def main(argv: list[str]) -> int:
    """Run one management command; a settings mistake is told in sentences, never as a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if len(argv) > 1 and argv[1] in OWNER_COMMANDS:
        # Only the owner role may change tables; everything else runs with the privileges of the product.
        os.environ["DATABASE_ROLE"] = "owner"

    from django.conf import settings
    from django.core.management import execute_from_command_line

    from config.environment import SettingsError

    try:
        settings._setup()  # type: ignore[misc]
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    execute_from_command_line(argv)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
