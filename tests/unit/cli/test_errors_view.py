"""How an error reads."""

from platformctl.cli.views.errors import print_error
from platformctl.errors import ConfigurationError


def test_several_mistakes_of_a_file_stand_in_a_line_each(capsys):
    mistakes = ("platform:vpc.cidr is '[x]': must be a /16", "platform:products: is missing")
    print_error(
        ConfigurationError(
            "Pulumi.x.yaml has 2 mistakes", why="; ".join(mistakes), remedy="a", mistakes=mistakes
        )
    )

    assert capsys.readouterr().err.splitlines() == [
        "Error: Pulumi.x.yaml has 2 mistakes",
        "  • platform:vpc.cidr is '[x]': must be a /16",
        "  • platform:products: is missing",
        "  → a",
    ]


def test_a_single_mistake_is_one_sentence(capsys):
    print_error(ConfigurationError("Pulumi.x.yaml has a mistake", why="this", mistakes=("this",)))

    assert capsys.readouterr().err == "Error: Pulumi.x.yaml has a mistake: this\n"
