"""`python -m platformctl.region.servers.front --socket PATH`: one front process."""

from platformctl.region.servers.control import run
from platformctl.region.servers.front.server import Front

if __name__ == "__main__":
    run(lambda _: Front())
