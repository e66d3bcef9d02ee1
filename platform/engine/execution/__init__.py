"""Carries decisions out: calls providers, keeps the ledger, tells what happens.

`deployment` takes one registration at a time from the program and sees it through; `steps` does
what changes something; `deletion`, `refresh` and `recovery` work on what is recorded; `providers`
knows who manages what; `gate` bounds and stops the work; `events` and `masking` tell about it.
"""
