"""Cutovers: weights that rise, and times in which something can be measured."""

from collections.abc import Iterator
from itertools import pairwise

from platformctl.config.checks.mistake import Mistake
from platformctl.config.cutover import ALL
from platformctl.config.environment import EnvironmentConfig

KEY = "platform:cutover"
# The load balancer's finest period: CloudWatch metrics for your Application Load Balancer.
BALANCER_PERIOD = 60
# Finer ones that GetMetricData takes, of metrics that have them.
FINE_PERIODS = (1, 5, 10, 20, 30)


def weights_rise(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on weights from 1 to 100, each higher than the one before, the last one 100."""
    weights = config.cutover.weights
    if weights is None:
        return
    key = f"{KEY}.weights"
    if config.cutover.preset is not None:
        yield Mistake(key, list(weights), "cannot be given together with preset")
    if not all(1 <= weight <= ALL for weight in weights):
        yield Mistake(key, list(weights), f"must be from 1 to {ALL} each")
    elif any(low >= high for low, high in pairwise(weights)):
        yield Mistake(key, list(weights), "must rise from step to step")
    elif weights[-1] != ALL:
        yield Mistake(key, list(weights), f"must end with {ALL}")


def periods_are_measured(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on periods that CloudWatch has; the local region has every second."""
    period = config.cutover.analysis.period_seconds
    key = f"{KEY}.analysis.periodSeconds"
    local = config.environment == "local" or config.rehearsal
    if local and period % BALANCER_PERIOD and period not in FINE_PERIODS:
        fine = ", ".join(map(str, FINE_PERIODS))
        yield Mistake(key, period, f"must be {fine} or a multiple of {BALANCER_PERIOD}")
    if not local and period % BALANCER_PERIOD:
        yield Mistake(
            key,
            period,
            f"must be a multiple of {BALANCER_PERIOD}: CloudWatch has nothing finer of a load "
            "balancer",
        )


def steps_last_a_period(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on steps, and on a bake time, in which at least one period can be measured."""
    cutover = config.cutover
    period = cutover.analysis.period_seconds
    if len(cutover.steps) > 1 and cutover.seconds_between < period:
        yield Mistake(
            f"{KEY}.stepSeconds",
            cutover.seconds_between,
            f"must be at least analysis.periodSeconds, which is {period}: a step that ends before "
            "it was measured proves nothing",
        )
    if 0 < cutover.bake_seconds < period:
        yield Mistake(
            f"{KEY}.bakeSeconds",
            cutover.bake_seconds,
            f"must be 0 or at least analysis.periodSeconds, which is {period}",
        )


def readiness_within_the_deadline(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on a deadline that leaves time to start."""
    cutover = config.cutover
    if cutover.ready_seconds >= cutover.deadline_seconds:
        yield Mistake(
            f"{KEY}.readySeconds",
            cutover.ready_seconds,
            f"must be less than deadlineSeconds, which is {cutover.deadline_seconds}",
        )


def percentiles_in_order(config: EnvironmentConfig) -> Iterator[Mistake]:
    """Insist on limits of more of the answers that are no lower than those of fewer."""
    analysis = config.cutover.analysis
    limits = {
        "p50Milliseconds": analysis.p50_milliseconds,
        "p95Milliseconds": analysis.p95_milliseconds,
        "p99Milliseconds": analysis.p99_milliseconds,
    }
    given = [(name, limit) for name, limit in limits.items() if limit is not None]
    for (low, value), (high, most) in pairwise(given):
        if value > most:
            yield Mistake(
                f"{KEY}.analysis.{low}", value, f"must not exceed {high}, which is {most}"
            )
