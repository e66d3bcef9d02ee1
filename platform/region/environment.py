"""What a program has in its environment to reach the local region as it would reach AWS."""

from pathlib import Path

ACCOUNT = "000000000000"
ACCESS_KEY = "local"
SECRET_KEY = "local"  # noqa: S105  # any value does: the region verifies no signatures
REGION = "us-east-1"
USER_AGENT = "platformctl-region"
"""Part of the user agent of the region's own requests to itself."""


def variables(endpoint: str, root: Path) -> dict[str, str]:
    """Return the variables for boto3, the AWS CLI, Pulumi and TLS clients.

    Args:
        endpoint: URL of the AWS endpoint.
        root: The region's folder.
    """
    certificates = root / "certificates"
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CA_BUNDLE": str(certificates / "trust.pem"),
        "SSL_CERT_FILE": str(certificates / "trust.pem"),
        "PGSSLROOTCERT": str(certificates / "authority.pem"),
    }
