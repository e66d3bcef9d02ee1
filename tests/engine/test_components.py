"""Components, parents, names and former names."""

import pytest
from support.engine_program import Project

from platformctl.errors import ResourceError


def test_urns_follow_the_parents(project: Project) -> None:
    project.up(
        """
        outer = Group("outer")
        inner = Group("inner", opts=Options(parent=outer))
        Thing("a", opts=Options(parent=inner))
        """
    )

    a = project.resource("a")
    assert a.urn == ("urn:pulumi:dev::shop::test:index:Group$test:index:Group$test:index:Thing::a")
    assert a.parent == project.resource("inner").urn
    assert project.resource("outer").parent == project.resource("shop-dev").urn


def test_a_component_records_its_outputs(project: Project) -> None:
    project.up(
        """
        group = Group("group", size=1)
        a = Thing("a", opts=Options(parent=group))
        group.register_outputs({"arn": a.arn, "fixed": 3})
        """
    )

    group = project.resource("group")
    assert group.inputs == {"size": 1}
    assert group.outputs == {"arn": project.resource("a").outputs["arn"], "fixed": 3}
    assert not group.custom
    assert project.up().changes == {"same": 3}


def test_a_renamed_resource_is_kept_under_its_new_name(project: Project) -> None:
    project.up('a = Thing("a")\nThing("b", source=a.arn)')
    before = project.resource("a").id

    result = project.up(
        'a = Thing("new", opts=Options(aliases=[Alias(name="a")]))\nThing("b", source=a.arn)'
    )

    assert result.changes == {"same": 3}
    assert project.resource("new").id == before
    assert project.resource("b").dependencies == [project.urn("new")]
    assert project.cloud.count("delete") == 0


def test_references_to_a_former_name_are_renamed_even_if_the_run_fails(project: Project) -> None:
    project.up('a = Thing("a")\nThing("b", source=a.arn)\nThing("c", value=1)')
    project.cloud.refuse("update", "c", "no")

    with pytest.raises(ResourceError):
        project.up(
            """
            a = Thing("new", opts=Options(aliases=[Alias(name="a")]))
            c = Thing("c", value=2, opts=Options(depends_on=[a]))
            Thing("b", source=a.arn, opts=Options(depends_on=[c]))
            """
        )

    assert project.resource("b").dependencies == [project.urn("new")]


@pytest.mark.parametrize(
    "alias",
    ['"urn:pulumi:dev::shop::test:index:Thing::a"', "Alias(parent=pulumi.ROOT_STACK_RESOURCE)"],
)
def test_a_resource_that_moved_into_a_component_is_kept(project: Project, alias: str) -> None:
    project.up('Thing("a")')

    result = project.up(
        f'group = Group("group")\nThing("a", opts=Options(parent=group, aliases=[{alias}]))'
    )

    assert result.changes == {"same": 2, "create": 1}
    assert project.cloud.count("create") == 1


def test_children_follow_a_renamed_component(project: Project) -> None:
    project.up(
        """
        group = Group("web")
        inner = Group("web-inner", opts=Options(parent=group))
        Thing("web-inner-a", opts=Options(parent=inner))
        Thing("b", opts=Options(parent=inner))
        """
    )

    result = project.up(
        """
        group = Group("site", opts=Options(aliases=[Alias(name="web")]))
        inner = Group("site-inner", opts=Options(parent=group))
        Thing("site-inner-a", opts=Options(parent=inner))
        Thing("b", opts=Options(parent=inner))
        """
    )

    assert result.changes == {"same": 5}
    assert project.cloud.count("create") == 2
    assert project.cloud.count("delete") == 0


def test_a_resource_keeps_its_type_in_a_component_of_another_type(project: Project) -> None:
    project.up('group = Group("group")\nThing("a", opts=Options(parent=group))')

    result = project.up(
        """
        class Cluster(pulumi.ComponentResource):
            def __init__(self, name, opts=None):
                super().__init__("test:index:Cluster", name, None, opts)

        cluster = Cluster("group", opts=Options(aliases=[Alias(type_="test:index:Group")]))
        Thing("a", opts=Options(parent=cluster))
        """
    )

    assert result.changes == {"same": 3}
    assert project.resource("a").urn.endswith("test:index:Cluster$test:index:Thing::a")
