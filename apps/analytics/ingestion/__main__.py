"""`python -m ingestion`: run the service until SIGTERM."""

import os
import sys

from telemetry.server import Server
from telemetry.settings import Environment, SettingsError

from ingestion.application import create_ingestion
from ingestion.settings import Settings


def main() -> int:
    """Run the service; return the exit status."""
    try:
        settings = Settings.read(Environment(os.environ))
    except SettingsError as error:
        sys.stderr.write(f"the service cannot start: {error}\n")
        return 2
    return Server(create_ingestion(settings), settings.server).run()


if __name__ == "__main__":
    sys.exit(main())
