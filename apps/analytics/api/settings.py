"""Settings of the analytics API."""

from dataclasses import dataclass, field

from database.settings import DatabaseSettings
from telemetry.flags import FlagSettings
from telemetry.server import ServerSettings
from telemetry.settings import Environment


@dataclass(frozen=True)
class CacheSettings:
    """Where the cache is and how long an answer stays in it.

    Attributes:
        seconds: How old an answer from the cache may be; 0 uses no cache.
    """

    host: str
    port: int
    tls: bool
    token: str = field(repr=False)
    seconds: int

    @classmethod
    def read(cls, environment: Environment) -> "CacheSettings":
        """Read the settings."""
        return cls(
            host=environment.text("REDIS_HOST"),
            port=environment.integer("REDIS_PORT", 6379, least=1),
            tls=environment.flag("REDIS_TLS", default=True),
            token=environment.text("REDIS_AUTH_TOKEN", ""),
            seconds=environment.integer("CACHE_TTL_SECONDS", 5),
        )


@dataclass(frozen=True)
class Settings:
    """Everything the service is told by its environment.

    Attributes:
        flags: Where the feature flags are.
        connections: Most connections to the database.
    """

    server: ServerSettings
    database: DatabaseSettings
    cache: CacheSettings
    flags: FlagSettings
    connections: int

    @classmethod
    def read(cls, environment: Environment) -> "Settings":
        """Read all settings.

        Raises:
            SettingsError: A variable is missing or wrong.
        """
        settings = cls(
            server=ServerSettings.read(environment, "analytics-api", 8000),
            database=DatabaseSettings.read(environment),
            cache=CacheSettings.read(environment),
            flags=FlagSettings.read(environment),
            connections=environment.integer("DB_POOL_SIZE", 8, least=1),
        )
        environment.check()
        return settings
