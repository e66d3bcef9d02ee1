"""The operations kernel: what every operation on a running environment is made of.

An operation is a frozen `Plan` (`operation.py`) and a list of `Step`s (`step.py`) which the
`Runner` (`runner.py`) takes one by one. Before and after each step it writes the `Operation` into
the `Journal` (`journal.py`, DynamoDB) under a `Lease` (`lease.py`) whose fencing token every write
is conditional on. Whoever finds an unfinished operation can go on with it, or undo it.
"""
