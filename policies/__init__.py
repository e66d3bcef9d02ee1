"""Policy as code: rules, what judges by them, and waivers.

From below: `values` (what rules read), `view` (resources and stacks), `rule` and `vocabulary`
(what a rule is), `rules/` (one file each), `packs` (which are on), `waivers`, `check` (judges a
stack), `report` and `formats`. `__main__` is the same rules as a CrossGuard policy pack. A program
that wants a waiver imports `platformctl.policies.waive`.
"""
