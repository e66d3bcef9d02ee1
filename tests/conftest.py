"""Settings of all tests."""

from hypothesis import HealthCheck, settings

# The same examples on every machine, and no failure because a machine is busy.
settings.register_profile(
    "shared", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("shared")
