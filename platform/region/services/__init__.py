"""The AWS services that the region answers itself, one folder each, named as botocore names them.

A service folder holds `service.py` (the class below's subclass, one method per API operation) and
whatever it needs beside it. `registry` in `platformctl.region.services.registry` lists them.
"""
