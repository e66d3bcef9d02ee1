"""What every component has in common.

A component is called with `(name, args, opts)`. Its arguments are a frozen dataclass that says
what is wrong with it (`mistakes`); its children are made with `child` under a stable key, so that
every one of them can be changed with `transform`; its outputs are registered last, by `finish`.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from typing import Any, Generic, TypeVar

import pulumi

from platformctl.errors import ConfigurationError
from platformctl.naming.names import fit

Transform = Mapping[str, Any] | Callable[[dict[str, Any]], Mapping[str, Any]]
ResourceType = TypeVar("ResourceType", bound=pulumi.Resource)
Wanted = TypeVar("Wanted")


@dataclass(frozen=True, kw_only=True)
class Args:
    """Arguments of every component.

    Attributes:
        tags: Tags of every child that can carry tags.
        transform: Changes to children: key of the child → inputs to replace, or a function from
            the inputs it would get to those it shall get.
    """

    tags: Mapping[str, str] = field(default_factory=dict)
    transform: Mapping[str, Transform] = field(default_factory=dict)

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        return iter(())


@dataclass(frozen=True, kw_only=True)
class Supporting(Generic[Wanted]):
    """An optional supporting resource: made as told, adopted, or left out.

    Attributes:
        args: How to make it; None for the component's own defaults.
        existing: What to use instead of making one (a name or an ARN, as the component says).
        skip: Whether to do without it.
    """

    args: Wanted | None = None
    existing: pulumi.Input[str] | None = None
    skip: bool = False

    def mistakes(self, name: str) -> Iterator[str]:
        """Yield a sentence if more than one of the three is said."""
        if (self.args is not None) + (self.existing is not None) + self.skip > 1:
            yield f"{name} says more than one of args, existing and skip"


class Component(pulumi.ComponentResource):
    """A component of the library; see the module for what that means.

    Args:
        token: Module and class, such as `network:Network`.
        name: Logical name; children are named after it.
        args: The component's arguments.
        opts: Pulumi's options.

    Raises:
        ConfigurationError: The arguments cannot be; `why` lists every mistake.
    """

    def __init__(
        self, token: str, name: str, args: Args, opts: pulumi.ResourceOptions | None
    ) -> None:
        mistakes = list(args.mistakes())
        if mistakes:
            kind = token.partition(":")[2]
            raise ConfigurationError(f"{kind} {name!r} cannot be made", why="; ".join(mistakes))
        super().__init__(f"platformctl:{token}", name, {}, opts)
        self.name = name
        self._tags = args.tags
        self._transform = args.transform
        self._depends_on = opts.depends_on if opts is not None else None
        self._children: set[str] = set()

    def child(
        self,
        key: str,
        kind: Callable[..., ResourceType],
        /,
        *,
        options: pulumi.ResourceOptions | None = None,
        limit: str | None = None,
        **inputs: Any,
    ) -> ResourceType:
        """Make a child resource.

        Args:
            key: Stable key, unique in the component; "" where the child bears the component's
                own name.
            kind: Class of the resource.
            options: Options besides the parent.
            limit: Kind of name (`naming.names.LIMITS`) that AWS limits so tightly that Pulumi's
                automatic name of the resource might not fit; a long logical name is shortened.
            **inputs: Its inputs; tags are added to the component's.
        """
        ending = f"-{key}" if key else ""
        name = f"{self.name}{ending}"
        if limit is not None:
            name = fit(self.name, limit, automatic=True, ending=ending)
        self._children.add(key or self.name)
        if _takes_tags(kind):
            inputs["tags"] = {**self._tags, **inputs.get("tags", {}), "Name": name}
        change = self._transform.get(key or self.name, {})
        inputs = dict(change(inputs)) if callable(change) else {**inputs, **change}
        return kind(name, opts=self.options(options), **inputs)

    def options(self, extra: pulumi.ResourceOptions | None = None) -> pulumi.ResourceOptions:
        """Return options that make a resource a child of this component.

        Children wait for what the component was told to wait for; of itself Pulumi makes only the
        component wait, which is nothing that is made.
        """
        mine = pulumi.ResourceOptions(parent=self, depends_on=self._depends_on)
        return pulumi.ResourceOptions.merge(mine, extra)

    def finish(self, *outputs: str) -> None:
        """Register the named attributes as the component's outputs; nothing may follow.

        Raises:
            ConfigurationError: `transform` names a child that was not made.
        """
        for key in self._transform:
            if key not in self._children:
                near = get_close_matches(key, self._children, n=1, cutoff=0)
                raise ConfigurationError(
                    f"{self.name} has no child {key!r} to transform",
                    why=f"its children are {', '.join(sorted(self._children))}",
                    remedy=f"perhaps {near[0]!r} was meant" if near else "",
                )
        self.register_outputs({name: getattr(self, name) for name in outputs})


@cache
def _takes_tags(kind: Callable[..., pulumi.Resource]) -> bool:
    constructor = getattr(kind, "_internal_init", None)
    return constructor is not None and "tags" in inspect.signature(constructor).parameters
