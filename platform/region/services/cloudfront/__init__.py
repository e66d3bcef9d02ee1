"""CloudFront: distributions that really serve, at `127.0.0.1:<port>`.

`service` has the distributions; `policies` the things they refer to by id (table-driven, AWS's
managed ones included); `desired` turns records into what the edge process is told.
"""
