"""The reference page of the component library, written from its docstrings."""

import dataclasses
import inspect
import re
from collections.abc import Iterator

from platformctl import components
from platformctl.components.base import Args, Component

_INTRODUCTION = """# Components

Written by `make docs` from `components`. Import everything from `platformctl.components`. Each
component is made with `(name, args, opts)`. All arguments also take:

| argument | meaning |
| --- | --- |
| `tags` | Tags of every child that can carry tags. |
| `transform` | Changes to children: key of the child → inputs to replace, or a function. |
"""
_ATTRIBUTE = re.compile(r"^ {4}(\w+): (.+?)(?=^ {4}\w+: |\Z)", re.MULTILINE | re.DOTALL)


def all_components() -> dict[str, type[Component]]:
    """Return every public component by its name."""
    found = ((name, getattr(components, name)) for name in components.__all__)
    return {
        name: thing
        for name, thing in found
        if inspect.isclass(thing) and issubclass(thing, Component)
    }


def arguments_of(component: type[Component]) -> type[Args]:
    """Return the class of a component's arguments."""
    return inspect.get_annotations(component.__init__, eval_str=True)["args"]


def page() -> str:
    """Return the page as Markdown."""
    lines = [_INTRODUCTION]
    for name, component in sorted(all_components().items()):
        lines += _section(name, component)
    return "\n".join(lines)


def documented(kind: type) -> dict[str, str]:
    """Return what docstrings say about a class's attributes, by name.

    Arguments may be inherited, and are then documented where they are declared.
    """
    found: dict[str, str] = {}
    kinds = [one for one in reversed(kind.__mro__) if dataclasses.is_dataclass(one)] or [kind]
    for one in kinds:
        _, _, attributes = inspect.cleandoc(one.__doc__ or "").partition("Attributes:\n")
        texts = _ATTRIBUTE.findall(attributes)
        found |= {name: " ".join(text.split()) for name, text in texts}
    return found


def _section(name: str, component: type[Component]) -> Iterator[str]:
    arguments = arguments_of(component)
    description = (inspect.getdoc(component) or "").partition("\nAttributes:")[0].strip()
    yield f"## {name}"
    yield ""
    yield from _markdown(description)
    yield ""
    yield f"| argument of `{arguments.__name__}` | default | meaning |"
    yield "| --- | --- | --- |"
    fields = {field.name: field for field in dataclasses.fields(arguments)}
    # In the order of the docstring, which tells a component's own before what it inherits.
    for argument, text in documented(arguments).items():
        if argument in fields and argument not in {"tags", "transform"}:
            yield f"| `{argument}` | {_default(fields[argument])} | {text} |"
    yield ""
    yield "| output | meaning |"
    yield "| --- | --- |"
    for output, text in documented(component).items():
        yield f"| `{output}` | {text} |"
    yield ""


def _markdown(description: str) -> Iterator[str]:
    """Turn the docstring's indented example into a block of code."""
    text, example, rest = description.partition("Example::\n")
    yield text.strip()
    if not example:
        return
    code, _, after = rest.strip("\n").partition("\n\n")
    yield ""
    yield "```python"
    yield inspect.cleandoc("\n" + code)
    yield "```"
    yield ""
    yield after.strip()


def _default(field: dataclasses.Field[object]) -> str:
    if field.default is not dataclasses.MISSING:
        return "none" if field.default in (None, ()) else f"`{field.default!r}`"
    return "required" if field.default_factory is dataclasses.MISSING else "none"
