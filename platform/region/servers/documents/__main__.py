"""`python -m platformctl.region.servers.documents --socket PATH`: one cluster's documents."""

from platformctl.region.servers.control import run
from platformctl.region.servers.documents.program import Documents

if __name__ == "__main__":
    run(Documents)
