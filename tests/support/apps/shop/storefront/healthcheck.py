"""`python -m storefront.healthcheck`: exit 0 while `/health` answers 200."""

import http.client
import os
import sys

connection = http.client.HTTPConnection(os.environ["HOST"], int(os.environ["PORT"]), timeout=3)
connection.request("GET", "/health")
sys.exit(0 if connection.getresponse().status == http.client.OK else 1)
