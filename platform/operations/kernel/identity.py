"""Who is at the keyboard, as AWS and the machine know them."""

import getpass
import os

from botocore.exceptions import BotoCoreError, ClientError

from platformctl.aws.clients import Clients
from platformctl.aws.failures import as_platform_error
from platformctl.operations.kernel.operation import Actor


def whoami(clients: Clients, region: str) -> Actor:
    """Return who makes the calls.

    Raises:
        AuthenticationError: AWS refuses the credentials.
        PlatformError: AWS does not answer.
    """
    try:
        arn = clients("sts", region).get_caller_identity()["Arn"]
    except (ClientError, BotoCoreError) as error:
        raise as_platform_error(error) from error
    return Actor(
        arn=arn,
        user=getpass.getuser(),
        host=os.uname().nodename,
    )
