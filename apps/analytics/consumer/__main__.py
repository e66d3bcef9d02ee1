"""`python -m consumer`: run the consumer until SIGTERM."""

import os
import sys

from telemetry.server import Server
from telemetry.settings import Environment, SettingsError

from consumer.application import Consumption, create_consumer
from consumer.settings import Settings


def main() -> int:
    """Run the consumer; return the exit status."""
    try:
        settings = Settings.read(Environment(os.environ))
    except SettingsError as error:
        sys.stderr.write(f"the service cannot start: {error}\n")
        return 2
    consumption = Consumption(settings)
    server = Server(create_consumer(consumption), settings.server)
    consumption.on_failure = server.fail
    return server.run()


if __name__ == "__main__":
    sys.exit(main())
