"""`python -m platformctl.region.servers.kafka --socket PATH`: the brokers of one cluster."""

from platformctl.region.servers.control import run
from platformctl.region.servers.kafka.program import Brokers

if __name__ == "__main__":
    run(Brokers)
