"""Whether what the program sends fits the provider's schema, nested parts too, where a misspelt key would pass."""

import importlib
import inspect
import typing
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import pulumi_aws
from pulumi import _types as pulumi_types

PACKAGES = {"lambda": "lambda_"}

with warnings.catch_warnings():  # the provider warns of its own old names while it is imported
    warnings.simplefilter("ignore", DeprecationWarning)
    FIRST_USED = (pulumi_aws.s3.Bucket, pulumi_aws.lambda_.Function)  # which is when their packages are imported


def check(typ: str, inputs: Mapping[str, Any]) -> None:
    """Fail with all that does not fit; `typ` is as aws:s3/bucket:Bucket."""
    wrong = list(wrongs(arguments(typ), inputs, typ))
    assert not wrong, "\n".join(wrong)


def arguments(typ: str) -> Any:  # noqa: ANN401 (a class, found by its name)
    """The class of that resource's arguments."""
    _, module, name = typ.split(":")
    folder, file = module.split("/")
    where = importlib.import_module(f"pulumi_aws.{PACKAGES.get(folder, folder)}.{snake(file)}")
    known = [getattr(where, f"{name}{end}", None) for end in ("InitArgs", "Args")]
    return next(it for it in known if it is not None)


def snake(name: str) -> str:
    """bucketPolicy as bucket_policy."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def wrongs(cls: type, inputs: Mapping[str, Any], place: str) -> Iterator[str]:
    """What of the inputs does not fit the class of arguments."""
    kinds = pulumi_types.input_type_types(cls)
    for name, value in inputs.items():
        if name not in kinds:
            yield f"{place}.{name}: there is no such input"
        else:
            yield from misfits(kinds[name], value, f"{place}.{name}")
    names = pulumi_types.input_type_py_to_pulumi_names(cls)
    yield from (f"{place}.{names[it]}: is missing" for it in required(cls) if names[it] not in inputs)


def required(cls: type) -> Iterator[str]:
    """The arguments that have no default."""
    parameters = inspect.signature(cls).parameters
    return (name for name, it in parameters.items() if it.default is inspect.Parameter.empty)


def misfits(kind: Any, value: Any, place: str) -> Iterator[str]:  # noqa: ANN401 (types as values)
    """What of the value does not fit the kind."""
    kind = unwrapped(kind)
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if isinstance(kind, type) and pulumi_types.is_input_type(kind):
        yield from wrongs(kind, value, place) if isinstance(value, Mapping) else (f"{place}: is no table",)
    elif origin in (list, typing.Sequence) or getattr(origin, "__name__", "") == "Sequence":
        yield from listed(inner[0], value, place)
    elif getattr(origin, "__name__", "") in ("Mapping", "dict"):
        if not isinstance(value, Mapping):
            yield f"{place}: is no table"
    elif kind in PLAIN and not isinstance(value, PLAIN[kind]):
        yield f"{place}: {value!r} is no {kind.__name__}"


PLAIN: dict[Any, Any] = {str: str, bool: bool, int: (int, float), float: (int, float)}


def listed(kind: Any, value: Any, place: str) -> Iterator[str]:  # noqa: ANN401 (types as values)
    """What of a list does not fit."""
    if not isinstance(value, list):
        yield f"{place}: is no list"
        return
    for number, it in enumerate(value):
        yield from misfits(kind, it, f"{place}.{number}")


def unwrapped(kind: Any) -> Any:  # noqa: ANN401 (types as values)
    """The kind itself: of `Input[T]`, which is a union of T with what may become one, T."""
    return unwrapped(typing.get_args(kind)[0]) if typing.get_origin(kind) is typing.Union else kind
