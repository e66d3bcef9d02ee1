"""Traffic for an environment: sent at a steady rate, and counted where it comes out.

What to send and how to count is written down by each product in `apps/<product>/load.yaml`
(`profile`); this package knows no product. `traffic` sends, `run` puts the two together.
"""
