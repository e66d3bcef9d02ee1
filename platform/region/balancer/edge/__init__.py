"""What only CloudFront does: a listener per distribution, behaviours by path, origins, a cache.

`configuration` is what it is told; `edge` keeps the listeners; `connection` answers viewers,
through `cache` and `origins`; `answers` shapes what comes back (errors, compression, headers).
"""
