"""Print the images that the applications are, as the matrix of a workflow.

Each is named and tagged as the Pulumi program names and tags it: the tag is the digest of its
source (docs/decisions/0004), so what is built is what the program asks for.
"""

import json
from pathlib import Path

from platformctl.config.app import load_app

ROOT = Path(__file__).resolve().parents[2]


def images() -> list[dict[str, str]]:
    """Return one record for every application with a Dockerfile."""
    found = []
    for file in sorted(ROOT.glob("apps/*/*/app.yaml")):
        dockerfile = file.with_name("Dockerfile")
        app = load_app(file)
        if dockerfile.is_file():
            found.append(
                {
                    "image": app.image,
                    "tag": app.digest,
                    "file": str(dockerfile.relative_to(ROOT)),
                    "context": str(file.parent.parent.relative_to(ROOT)),
                }
            )
    return found


if __name__ == "__main__":
    print(json.dumps(images()))  # noqa: T201
