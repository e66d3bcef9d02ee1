"""Who is at the keyboard, as AWS and the machine know them."""

import getpass
import os

from botocore.exceptions import BotoCoreError, ClientError

from platformctl.aws.clients import Clients
from platformctl.errors import AuthenticationError
from platformctl.operations.kernel.failures import Meaning, meaning
from platformctl.operations.kernel.operation import Actor


def whoami(clients: Clients, region: str) -> Actor:
    """Return who makes the calls.

    Raises:
        AuthenticationError: AWS refuses the credentials.
    """
    try:
        arn = clients("sts", region).get_caller_identity()["Arn"]
    except (ClientError, BotoCoreError) as error:
        if meaning(error) is not Meaning.CREDENTIALS:
            raise
        raise AuthenticationError(
            "AWS refuses the credentials", why=str(error), remedy="log in again: aws sso login"
        ) from error
    return Actor(
        arn=arn,
        user=getpass.getuser(),
        host=os.uname().nodename,
    )
