"""Decides what has to be done: pure functions over recorded resources and goals.

`goal` is what the program asks for; `aliases` finds the record it means; `decision` turns goal,
record and the provider's diff into a kind of step; `graph` orders deletions and finds what must be
replaced along; `paths` and `targets` are the two small languages involved. Nothing here talks to a
provider, a file or a clock, so all of it can be tested with thousands of random graphs.
"""
