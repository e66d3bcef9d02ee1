"""Create, read, update and delete a resource as its row says.

Create: the create call with tags, the id, the waiter, the updates marked `on_create`, and the
description (from the answer, or read back where the answer does not hold it). From the moment
there is an id, a failure carries the state so far, so that nothing created is forgotten.
Read: the description; inputs that still mean the same stay as the program wrote them, so that
only real drift shows. Update: only the calls whose inputs changed. Delete: again and again while
something else is in the way; what is gone already is fine.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from platformctl.plugin.provider import ResourceOperationError, ResourceState
from platformctl.plugin.values import UNKNOWN, Properties
from platformctl.provider import compare, schema, tags, translate
from platformctl.provider.context import (
    Context,
    carried,
    explain,
    input_shape,
    is_gone,
    search,
)
from platformctl.provider.spec import Ask, ResourceSpec, Send, Update, Waiter
from platformctl.provider.templates import fill

PROBLEMS = (ClientError, BotoCoreError, translate.UnsentInputError)


def _explained(work: Callable[[Context], Any]) -> Callable[[Context], Any]:
    """Turn SDK errors into the one error that the engine knows."""

    @wraps(work)
    def wrapped(context: Context) -> Any:
        try:
            return work(context)
        except PROBLEMS as error:
            raise ResourceOperationError(explain(error)) from error

    return wrapped


@_explained
def create(context: Context) -> ResourceState:
    """Create a resource."""
    spec = context.spec
    context.answer = _create_call(context)
    found = spec.identity.from_answer(context.answer, context.values)
    if not found:
        raise ResourceOperationError(f"the answer of {spec.type} holds no id")
    context.id = found
    try:
        description = _wait(context, spec.created)
        for update in spec.updates:
            if update.on_create and _concerned(context, update, _given(context)):
                _apply(context, update, None)
                description = None
        if not tags.on_create(context):
            tags.change(context, {})
        if description is None:
            description = _description_after_create(context)
        return _state(context, description)
    except PROBLEMS as error:
        partial = ResourceState(context.id, context.inputs, _outputs(context, None))
        raise ResourceOperationError(explain(error), partial) from error
    except ResourceOperationError as error:
        error.partial = ResourceState(context.id, context.inputs, _outputs(context, None))
        raise


def _create_call(context: Context) -> Any:
    call = context.spec.create
    if call is None:
        return None
    if isinstance(call, Send):
        return context.send(call, **tags.on_create(context))
    if isinstance(call, Ask):
        return context.ask(call)
    return call(context)


def _given(context: Context) -> frozenset[str]:
    """Return the inputs that say something else than what AWS does by itself."""
    defaults = context.spec.defaults
    return frozenset(
        key
        for key, value in context.inputs.items()
        if value is not None and not (key in defaults and compare.same(defaults[key], value))
    )


def _description_after_create(context: Context) -> Any:
    answer = context.spec.answer
    if answer:
        found = search(answer, context.answer)
        if found is not None:
            return found
    return describe(context)


@_explained
def read(context: Context) -> ResourceState:
    """Read a resource as it is; the id is "" when it does not exist."""
    importing = not context.inputs
    if importing:
        context.inputs = context.spec.identity.to_inputs(context.id)
    if context.spec.read is None:
        return ResourceState(context.id, context.inputs, context.outputs or context.inputs)
    description = describe(context)
    if description is None:
        return ResourceState("", {}, {})
    outputs = _outputs(context, description)
    inputs = _imported(context, outputs) if importing else _refreshed(context, outputs)
    _refresh_tags(context, description, inputs, outputs)
    known = outputs | inputs
    _compute(context, known, outputs)
    return ResourceState(context.id, inputs, known)


def describe(context: Context) -> Any:
    """Return the description of a resource, None when there is none (any more)."""
    spec = context.spec
    if spec.read is None:
        return {}
    if isinstance(spec.read, Ask):
        description = context.find(spec.read)
    else:
        try:
            description = spec.read(context)
        except ClientError as error:
            if not is_gone(error):
                raise
            description = None
    if description is None or description == []:
        return None
    return None if spec.gone and search(spec.gone, description) else description


@_explained
def update(context: Context) -> ResourceState:
    """Change a resource in place."""
    changed = frozenset(
        key
        for key in context.inputs.keys() | context.old.keys()
        if not compare.same(context.old.get(key), context.inputs.get(key))
    )
    touched = False
    for step in context.spec.updates:
        concerned = _concerned(context, step, changed)
        if concerned:
            _apply(context, step, changed)
            touched = True
    if context.spec.tags is not None:
        described = describe(context) if context.spec.read else {}
        before = tags.read(context, described)
        if before != context.tags:
            tags.change(context, before or {})
    if touched:
        _wait(context, context.spec.updated)
    description = describe(context)
    if description is None:
        raise ResourceOperationError(f"{context.id} does not exist any more")
    return _state(context, description)


def _concerned(context: Context, step: Update, changed: frozenset[str]) -> frozenset[str]:
    def shape(operation: str) -> Any:
        return input_shape(context.client(), operation)

    return changed & update_properties(context.spec, step, shape)


def update_properties(
    spec: ResourceSpec, step: Update, shape: Callable[[str], Any]
) -> frozenset[str]:
    """Return the inputs whose change an update applies."""
    if step.properties or not isinstance(step.call, Send):
        return frozenset(step.properties)
    made = carried(spec, step.call, shape(step.call.operation))
    return made - set(spec.replace) - set(spec.identity.properties)


def _apply(context: Context, step: Update, changed: frozenset[str] | None) -> None:
    if isinstance(step.call, Send):
        context.send_changed(step.call, changed or frozenset(context.inputs))
    elif isinstance(step.call, Ask):
        context.ask(step.call)
    else:
        step.call(context)


@_explained
def delete(context: Context) -> None:
    """Delete a resource."""
    call = context.spec.delete
    if call is None:
        return
    try:
        context.patient(lambda: context.ask(call) if isinstance(call, Ask) else call(context))
    except ClientError as error:
        if not is_gone(error):
            raise
    if context.spec.deleted:
        context.until(
            lambda: describe(context) is None,
            f"the deletion of {context.id}",
            delay=0.05,
            timeout=300,
        )


@_explained
def find(context: Context) -> ResourceState | None:
    """Look a resource up by what the program says about it; None if there is none."""
    spec = context.spec
    if spec.find is None:
        context.id = spec.identity.from_inputs(context.values) or ""
        if not context.id or spec.read is None:
            return None
        state = read(context)
        return state if state.id else None
    given = [key for key in spec.find.match if key == "tags" or context.inputs.get(key)]
    if not given or (given == ["tags"] and not context.tags):
        return None
    ask = spec.find.ask
    for description in (context.find(ask) if isinstance(ask, Ask) else ask(context)) or ():
        if spec.gone and search(spec.gone, description):
            continue
        outputs = _derived(context, description)
        tagged = tags.read(context, description) if "tags" in given else None
        plain = all(
            compare.same(context.inputs[key], outputs.get(key), subset=True)
            for key in given
            if key != "tags"
        )
        if plain and (tagged is None or tagged == context.tags):
            context.id = str(search(_tail(spec.identity.template), description))
            return read(context)
    return None


def _tail(path: str) -> str:
    """Return the last member of an id's path: the one it has in a list of descriptions."""
    return path.rpartition(".")[2]


def _wait(context: Context, waiter: Waiter | None) -> Any:
    if waiter is None:
        return None

    def look() -> Any:
        description = describe(context)
        if description is None:
            return None
        value = search(waiter.path, description)
        if value in waiter.failure:
            raise ResourceOperationError(f"{context.id} ended as {value}")
        return description if value in waiter.success else None

    wanted = " or ".join(str(value) for value in waiter.success)
    return context.until(
        look,
        f"waiting for {context.id} to be {wanted}",
        delay=waiter.delay,
        timeout=waiter.timeout,
    )


def _state(context: Context, description: Any) -> ResourceState:
    outputs = _outputs(context, description)
    described = dict(outputs)
    outputs.update({key: value for key, value in context.inputs.items() if value is not None})
    _compute(context, outputs, described)
    return ResourceState(context.id, context.inputs, outputs)


def _compute(context: Context, outputs: Properties, described: Properties | None) -> None:
    """Put what AWS fills into nested inputs beside what the program says; unknown beforehand."""
    for path in context.spec.computed:
        key, _, member = path.partition(".")
        if isinstance(outputs.get(key), dict):
            found = UNKNOWN if described is None else (described.get(key) or {}).get(member)
            outputs[key] = {**outputs[key], member: found}


def _derived(context: Context, description: Any) -> Properties:
    """Return what a description says, under Pulumi's names."""
    spec, known = context.spec, context.schema
    derived: Properties = {}
    for key, kind in {**known.inputs, **known.outputs}.items():
        if key in ("tags", "tagsAll", "region") or key in spec.unread:
            continue
        if key in spec.reads:
            found = search(spec.reads[key], description)
        else:
            found = translate.look_up(description, key, context.names)
        value = translate.from_api(found, kind, context.names, key)
        if value is not None:
            derived[key] = value
    return derived


def _outputs(context: Context, description: Any) -> Properties:
    """Return all outputs: what was known, what is described, templates, tags."""
    derived = _derived(context, description) if description is not None else {}
    outputs = {**context.outputs, **context.inputs, **derived}
    context.outputs = outputs
    outputs.update(templated(context.spec, {**context.values, **derived}))
    outputs["id"] = context.id
    if "region" in context.schema.outputs:
        outputs["region"] = context.region
    if "tagsAll" in context.schema.outputs:
        outputs["tagsAll"] = dict(context.tags)
    return outputs


def templated(spec: ResourceSpec, values: Mapping[str, Any]) -> Properties:
    """Return the outputs that templates give."""
    filled = {key: fill(template, values) for key, template in spec.outputs.items()}
    return {key: value for key, value in filled.items() if value is not None}


def _refreshed(context: Context, outputs: Properties) -> Properties:
    """Return the recorded inputs with those replaced that reality contradicts."""
    spec = context.spec
    inputs: Properties = {}
    for key, recorded in context.inputs.items():
        actual = outputs.get(key)
        quiet = key in ("tags", "region") or key in spec.unread
        if quiet or compare.same(recorded, actual, subset=True, ordered=key in compare.ORDERED):
            inputs[key] = recorded
        else:
            inputs[key] = actual
    return inputs


def _refresh_tags(
    context: Context, description: Any, inputs: Properties, outputs: Properties
) -> None:
    actual = tags.read(context, description)
    if actual is None or actual == context.tags:
        return
    defaults = {k: v for k, v in context.tags.items() if k not in (inputs.get("tags") or {})}
    inputs["tags"] = {k: v for k, v in actual.items() if defaults.get(k) != v}
    outputs["tags"], outputs["tagsAll"] = inputs["tags"], actual


def _imported(context: Context, outputs: Properties) -> Properties:
    """Return the inputs that describe an existing resource, without mere defaults."""
    return {
        key: outputs[key]
        for key in context.schema.inputs
        if key in outputs and key != "region" and not _is_default(context.spec, key, outputs[key])
    }


def _is_default(spec: ResourceSpec, key: str, value: Any) -> bool:
    required = schema.resource(spec.type).required
    if key in required or key in spec.defaults or key in spec.identity.properties:
        return False
    return value in ("", False, 0, None) or value in ([], {})


def foretell(context: Context) -> ResourceState:
    """Return what creating would give, as far as it can be said beforehand."""
    outputs: Properties = dict.fromkeys(context.schema.outputs, UNKNOWN)
    context.id = ""
    given = {key: value for key, value in context.inputs.items() if value is not None}
    outputs.update(given)
    _compute(context, outputs, None)
    foretold = context.spec.identity.from_inputs(context.values)
    values = {**context.values, "id": foretold}
    outputs.update(templated(context.spec, values))
    if "region" in outputs:
        outputs["region"] = context.region
    if "tagsAll" in outputs:
        outputs["tagsAll"] = dict(context.tags)
    return ResourceState("", context.inputs, outputs)


def foretell_update(context: Context) -> ResourceState:
    """Return what updating would give."""
    outputs = {**context.outputs, **context.inputs}
    outputs = {key: value for key, value in outputs.items() if value is not None}
    _compute(context, outputs, context.outputs)
    for key in context.old.keys() - context.inputs.keys():
        outputs.pop(key, None)
    context.outputs = outputs
    outputs.update(templated(context.spec, context.values))
    if "tagsAll" in context.schema.outputs:
        outputs["tagsAll"] = dict(context.tags)
    return ResourceState(context.id, context.inputs, outputs)
