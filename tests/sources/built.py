"""Sources from YAML, as the loader would build them."""

from __future__ import annotations

from typing import Any

import msgspec
import yaml

from gateway.sdk import Call, Component, Response, Source
from gateway.sdk.fields import decode_hook
from gateway.testing import call_of
from gateway.testing.services import FakeServices


def build(component: Component, text: str, services: FakeServices, **keys: Any) -> Any:
    """A source from its document; `keys` replace those of the document."""
    assert component.build is not None
    written = {**yaml.safe_load(text), **keys}
    return component.build(msgspec.convert(written, component.Config, dec_hook=decode_hook), services)


async def invoke(source: Source, operation: str, **arguments: Any) -> Response:
    """Calls one operation with a plain caller."""
    return await invoke_call(source, call_of(operation, arguments))


async def invoke_call(source: Source, call: Call) -> Response:
    bound = source.operation(call.operation)
    assert bound is not None
    return await bound.invoke(call)
