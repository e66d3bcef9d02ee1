"""Exit 0 while the worker could do its work."""

import os
import sys
import urllib.error
import urllib.request

try:
    urllib.request.urlopen(f"http://{os.environ['HOST']}:{os.environ['PORT']}/", timeout=2)
except (urllib.error.URLError, OSError):
    sys.exit(1)
