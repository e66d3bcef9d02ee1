"""Functions of the program that the engine calls back."""

import pytest
from support.engine_program import Project

from platformctl.engine import ProgramError
from platformctl.errors import ResourceError

HOOKS = """
from pulumi import ResourceHook as Hook, ResourceHookBinding as Binding, ResourceHookOptions

def hook(kind, **options):
    return Hook(kind, lambda args: tell_kind(kind, args), **options)

def tell_kind(kind, args):
    old = (args.old_inputs or {}).get("value")
    new = (args.new_inputs or {}).get("value")
    print(f"{kind} {args.name} {old}->{new}")
"""


def test_transforms_apply_from_the_inside_out(project: Project) -> None:
    project.up(
        """
        def add(word):
            def transform(args):
                if args.type_ != "test:index:Thing":
                    return None
                words = [*args.props.get("words", []), word]
                options = Options.merge(args.opts, Options(ignore_changes=["never"]))
                return pulumi.ResourceTransformResult({**args.props, "words": words}, options)
            return transform

        pulumi.runtime.register_resource_transform(add("stack"))
        outer = Group("outer", opts=Options(transforms=[add("outer")]))
        inner = Group("inner", opts=Options(parent=outer, transforms=[add("inner")]))
        Thing("a", words=["own"], secret=Output.secret("hidden-1"), missing=None,
              opts=Options(parent=inner, transforms=[add("self")], protect=True,
                           delete_before_replace=True))
        """
    )

    a = project.resource("a")
    assert a.inputs["words"] == ["own", "self", "inner", "outer", "stack"]
    assert a.ignore_changes == ["never"] * 4
    assert a.protect
    assert repr(a.inputs["secret"]) == "Secret()"


def test_a_transform_can_change_every_option(project: Project) -> None:
    project.up('first = Thing("first")\nThing("b", fixed=1)')

    project.up(
        """
        first = Thing("first")

        def transform(args):
            if args.name != "a":
                return None
            options = Options(
                depends_on=[first], retain_on_delete=True, aliases=[Alias(name="b")],
                replace_on_changes=["fixed"], additional_secret_outputs=["arn"],
                custom_timeouts=pulumi.CustomTimeouts(create="5m"), version="2.0.0",
            )
            return pulumi.ResourceTransformResult(args.props, options)

        pulumi.runtime.register_resource_transform(transform)
        Thing("a", fixed=1)
        """
    )

    a = project.resource("a")
    assert list(a.dependencies) == [project.urn("first")]
    assert a.retain_on_delete
    assert a.custom_timeouts == {"create": 300.0}
    assert repr(a.outputs["arn"]) == "Secret()"
    assert project.cloud.count("create") == 2, "b became a by the alias"


def test_a_failing_transform_ends_the_program(project: Project) -> None:
    with pytest.raises(ProgramError, match="not this one"):
        project.up(
            """
            def transform(args):
                raise ValueError("not this one")

            pulumi.runtime.register_resource_transform(transform)
            Thing("a")
            """
        )

    assert project.cloud.things == {}


def test_invokes_are_transformed(project: Project) -> None:
    result = project.up(
        """
        def transform(args):
            return pulumi.InvokeTransformResult({**args.args, "added": 1}, args.opts)

        pulumi.runtime.register_invoke_transform(transform)
        answer = pulumi.runtime.invoke("test:index:getRegion", {"given": 2})
        export("asked", answer.value["asked"])
        """
    )

    assert result.outputs["asked"] == {"given": 2, "added": 1}


def test_hooks_run_around_every_step(project: Project) -> None:
    program = HOOKS + (
        """
bindings = Binding(
    before_create=[hook("before-create")], after_create=[hook("after-create")],
    before_update=[hook("before-update")], after_update=[hook("after-update")],
    before_delete=[hook("before-delete")], after_delete=[hook("after-delete")],
)
"""
    )
    thing = 'Thing("a", value="{0}", opts=Options(hooks=bindings))'
    project.up(program + thing.format("one"))
    assert project.messages("info") == "before-create a None->one\nafter-create a None->one\n"

    project.up(program + thing.format("two"))
    assert project.messages("info") == "before-update a one->two\nafter-update a one->two\n"

    project.up(program)
    assert project.messages("info") == "before-delete a two->None\nafter-delete a two->None\n"
    assert project.cloud.things == {}


def test_a_hook_that_fails_stops_its_step_unless_it_may_be_ignored(project: Project) -> None:
    program = HOOKS + (
        """
def refuse(args):
    raise ValueError("not today")

options = ResourceHookOptions(ignore_errors={0})
binding = Binding(before_create=[Hook("refuse", refuse, options)])
Thing("a", opts=Options(hooks=binding))
"""
    ).replace("{0}", "{}")
    with pytest.raises(ResourceError, match="hook 'refuse' failed: not today"):
        project.up(program.replace("ignore_errors={}", "ignore_errors=False"))
    assert project.cloud.things == {}

    project.up(program.replace("ignore_errors={}", "ignore_errors=True"))

    assert len(project.cloud.things) == 1
    assert "not today" in project.messages("warning")


def test_hooks_run_in_previews_only_if_they_ask_for_it(project: Project) -> None:
    program = HOOKS + (
        """
binding = Binding(
    before_create=[hook("quiet"), hook("loud", opts=ResourceHookOptions(on_dry_run=True))]
)
Thing("a", value="one", opts=Options(hooks=binding))
"""
    )

    project.preview(program)

    assert project.messages("info") == "loud a None->one\n"


def test_an_error_hook_can_have_a_failed_step_tried_again(project: Project) -> None:
    project.cloud.refuse("create", "a", "not yet")
    project.cloud.refuse("create", "a", "nearly")

    project.up(
        """
        def again(args):
            print(args.failed_operation, args.errors)
            return True

        binding = pulumi.ResourceHookBinding(on_error=[pulumi.ErrorHook("again", again)])
        Thing("a", opts=Options(hooks=binding))
        """
    )

    assert len(project.cloud.things) == 1
    assert project.messages("info") == ("create ['not yet']\ncreate ['nearly', 'not yet']\n")


def test_destroy_warns_of_hooks_that_no_program_has_registered(project: Project) -> None:
    project.up(
        HOOKS + 'Thing("a", opts=Options(hooks=Binding(before_delete=[hook("before-delete")])))'
    )

    project.engine().destroy()

    assert "hook 'before-delete' is not registered" in project.messages("warning")
    assert project.cloud.things == {}
