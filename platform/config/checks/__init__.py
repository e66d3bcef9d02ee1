"""What one key says about another: each check is one function, each mistake one sentence.

A check gets the whole configuration and yields `Mistake`s. `CHECKS` lists them all; the loader
runs every one, so that a person sees all mistakes at once.
"""

from platformctl.config.checks import cutover, environment, network, recovery, services, stores
from platformctl.config.checks.mistake import Check, Mistake, sections

CHECKS: tuple[Check, ...] = (
    network.vpc_block,
    network.blocks_are_apart,
    network.zones_belong,
    network.production_spans_zones,
    environment.recovery_region_differs,
    environment.products_configured,
    environment.names_fit,
    network.tasks_can_reach_aws,
    network.endpoints_listed_once,
    network.edge_is_encrypted,
    network.testers_are_few,
    environment.log_retention,
    cutover.weights_rise,
    cutover.periods_are_measured,
    cutover.steps_last_a_period,
    cutover.readiness_within_the_deadline,
    cutover.percentiles_in_order,
    services.fargate_sizes,
    services.counts_in_order,
    services.health_check_times,
    services.variables_hold_no_secrets,
    stores.database_version,
    stores.cache_version,
    stores.kafka_version,
    stores.brokers_spread_evenly,
    stores.kafka_is_encrypted,
    stores.instance_classes,
    stores.replica_needs_backups,
    stores.windows_fit,
    stores.storage_can_grow,
    stores.production_keeps_data,
    environment.protected_in_production,
    recovery.recovery_has_a_region,
    recovery.objectives_can_be_kept,
    recovery.replica_has_backups,
    recovery.tasks_stand_by_for_fast_recovery,
    recovery.standby_has_a_database,
)

__all__ = ["CHECKS", "Check", "Mistake", "sections"]
