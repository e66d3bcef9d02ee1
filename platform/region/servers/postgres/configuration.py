"""`postgresql.conf` and `pg_hba.conf` of a server: what the region fixes, what RDS lets be set."""

from collections.abc import Mapping

from platformctl.region.runtime import Address
from platformctl.region.servers.postgres.archive import Archive

FIXED = frozenset(
    {
        "allow_alter_system",
        "archive_cleanup_command",
        "archive_command",
        "archive_library",
        "archive_mode",
        "config_file",
        "data_directory",
        "external_pid_file",
        "fsync",
        "full_page_writes",
        "hba_file",
        "hot_standby",
        "ident_file",
        "listen_addresses",
        "log_destination",
        "log_directory",
        "logging_collector",
        "port",
        "primary_conninfo",
        "primary_slot_name",
        "restore_command",
        "ssl",
        "ssl_ca_file",
        "ssl_cert_file",
        "ssl_crl_file",
        "ssl_key_file",
        "unix_socket_directories",
        "unix_socket_group",
        "unix_socket_permissions",
        "wal_level",
    }
)
"""Parameters that RDS or the region owns; nobody else sets them."""

NOT_APPLIED = frozenset(
    {
        "autovacuum_work_mem",
        "effective_cache_size",
        "huge_pages",
        "log_filename",
        "log_rotation_age",
        "log_rotation_size",
        "maintenance_work_mem",
        "max_worker_processes",
        "max_wal_size",
        "min_wal_size",
        "shared_buffers",
        "shared_preload_libraries",
        "temp_buffers",
        "wal_buffers",
    }
)
"""Parameters that are sized for a machine of AWS; they are recorded and described, not applied."""


def settings(address: Address, archive: Archive, parameters: Mapping[str, str]) -> dict[str, str]:
    """Return the server's settings by name.

    Args:
        address: Where it listens.
        archive: Where its changes are archived.
        parameters: What its parameter group says; those of RDS or not applied here are left out.
    """
    applied = {name: value for name, value in parameters.items() if applies(name, value)}
    return {
        "shared_buffers": "32MB",
        "max_connections": "200",
        "max_wal_size": "256MB",
        "min_wal_size": "32MB",
        "maintenance_work_mem": "32MB",
        "max_worker_processes": "4",
        "max_replication_slots": "10",
        "max_wal_senders": "10",
        "max_slot_wal_keep_size": "1GB",
        "password_encryption": "scram-sha-256",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] %u@%d ",
        **applied,
        "listen_addresses": address.host,
        "port": str(address.port),
        "unix_socket_directories": "",
        "ssl": "off",
        "fsync": "on",
        "wal_level": "logical" if parameters.get("rds.logical_replication") == "1" else "replica",
        "hot_standby": "on",
        "archive_mode": "on",
        "archive_command": archive.archive_command,
        "archive_timeout": "60",
        "logging_collector": "off",
        "log_destination": "stderr",
    }


def applies(name: str, value: str) -> bool:
    """Say whether a parameter reaches the local server.

    RDS's own (`rds.…`) and formulas over the memory of the class (`{DBInstanceClassMemory/…}`)
    do not.
    """
    return not (name in FIXED or name in NOT_APPLIED or "." in name or "{" in value)


def authentication(administrator: str) -> str:
    """Return `pg_hba.conf`: passwords for everybody, replication for the administrator only."""
    return (
        f"host replication {administrator} 127.0.0.0/8 scram-sha-256\n"
        "host replication all 127.0.0.0/8 reject\n"
        "host all all 127.0.0.0/8 scram-sha-256\n"
    )


def quoted(value: str) -> str:
    """Return a value as `postgresql.conf` takes it."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''").replace("\n", " ") + "'"
