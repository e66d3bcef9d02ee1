"""How to reach PostgreSQL."""

from dataclasses import dataclass, field

from psycopg.conninfo import make_conninfo
from telemetry.settings import Environment

from database.schema import head

SSL_MODES = ("disable", "require", "verify-ca", "verify-full")


@dataclass(frozen=True)
class DatabaseSettings:
    """Address and credentials of a PostgreSQL server.

    The certificate authorities are libpq's own setting, `PGSSLROOTCERT`.
    """

    host: str
    port: int
    name: str
    user: str
    password: str = field(repr=False)
    ssl_mode: str

    @classmethod
    def read(cls, environment: Environment) -> "DatabaseSettings":
        """Read the settings; encrypted and verified unless told otherwise."""
        return cls(
            host=environment.text("DB_HOST"),
            port=environment.integer("DB_PORT", 5432, least=1),
            name=environment.text("DB_NAME", "analytics"),
            user=environment.text("DB_USER", "analytics"),
            password=environment.text("DB_PASSWORD"),
            ssl_mode=environment.choice("DB_SSLMODE", SSL_MODES, "verify-full"),
        )

    def conninfo(self, application: str, *, statement_seconds: int, **options: str) -> str:
        """Return the connection string.

        Args:
            application: Name the server shows for the connection; the newest migration that this
                source knows is added, so that one can see who would not know a newer schema.
            statement_seconds: Longest time one statement may take.
            options: Other settings of the session.
        """
        session = {"statement_timeout": f"{statement_seconds}s", "timezone": "UTC", **options}
        return make_conninfo(
            "",
            host=self.host,
            port=self.port,
            dbname=self.name,
            user=self.user,
            password=self.password,
            sslmode=self.ssl_mode,
            application_name=f"{application}/{head()}",
            connect_timeout=3,
            keepalives_idle=10,
            keepalives_interval=3,
            keepalives_count=3,
            tcp_user_timeout=10_000,
            options=" ".join(f"-c {name}={value}" for name, value in session.items()),
        )
