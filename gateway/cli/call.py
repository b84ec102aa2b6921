"""`gateway call`: one call, to a running gateway or to the configuration at hand."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import click
import httpx2
import msgspec

from gateway.app import Prepared, application
from gateway.cli.exits import FINDINGS, OK, UNREACHABLE, USAGE, plan_or_exit
from gateway.cli.options import Common, common, environment, shared

TIMEOUT = 60.0
"""Seconds; the intent's own deadline is what ends a call."""


@click.command()
@click.argument("intent")
@click.argument("inputs", nargs=-1, metavar="[KEY=VALUE]...")
@shared
@environment
@click.option("--url", help="Ask the gateway running there; without it, the configuration in the folder is run for this one call.")
@click.option("--key", envvar="GATEWAY_API_KEY", help="API key of the caller (or set GATEWAY_API_KEY).")
@click.option("--locale", help="Locale of the reply, such as de-DE.")
@click.option("--trace", is_flag=True, help="Show what each step did.")
@common
def command(
    given: Common, *, intent: str, inputs: tuple[str, ...], folder: Path | None, color: str | None, env: str | None, url: str | None,
    key: str | None, locale: str | None, trace: bool,
) -> None:  # fmt: skip
    """Call INTENT once. A VALUE that is a list or an object in JSON is taken as such, anything else as text."""
    body: dict[str, Any] = {"intent": intent, "input": _inputs(inputs), "channel": "cli"}
    if locale:
        body["locale"] = locale
    headers = {"X-API-Key": key} if key else {}
    if url is None:
        _, prepared = plan_or_exit(given.where(folder), env, colored=given.colored(color))
        response = asyncio.run(_ask_here(prepared, body, headers))
    else:
        response = asyncio.run(_ask_there(url, body, headers))
    answer = _answer(response, url)
    if not trace and isinstance(answer.get("meta"), dict):
        answer["meta"].pop("steps", None)
    click.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
    sys.exit(OK if response.is_success else FINDINGS)


def _answer(response: httpx2.Response, url: str | None) -> dict[str, Any]:
    """The object that was answered, or the problem. What answers with anything else is no gateway."""
    try:
        return msgspec.json.decode(response.content, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        click.echo(f"what answers at {url} is no gateway", err=True)
        sys.exit(UNREACHABLE)


async def _ask_there(url: str, body: dict[str, Any], headers: dict[str, str]) -> httpx2.Response:
    try:
        async with httpx2.AsyncClient(base_url=url, timeout=TIMEOUT, trust_env=False) as client:
            return await client.post("/v1/chat", json=body, headers=headers)
    except (httpx2.RequestError, httpx2.InvalidURL):
        click.echo(f"no gateway answers at {url}", err=True)
        sys.exit(UNREACHABLE)


async def _ask_here(prepared: Prepared, body: dict[str, Any], headers: dict[str, str]) -> httpx2.Response:
    served = application(prepared)
    await served.startup()
    try:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(served.asgi), base_url="http://gateway", timeout=TIMEOUT) as client:
            return await client.post("/v1/chat", json=body, headers=headers)
    finally:
        await served.shutdown()


def _inputs(written: tuple[str, ...]) -> dict[str, Any]:
    inputs = {}
    for each in written:
        name, separator, value = each.partition("=")
        if not separator:
            click.echo(f"`{each}` is not KEY=VALUE", err=True)
            sys.exit(USAGE)
        inputs[name] = _value(value)
    return inputs


def _value(text: str) -> Any:
    """Only lists and objects are read as JSON: the gateway itself turns texts into the numbers and booleans of the schema."""
    if text[:1] not in ("[", "{"):
        return text
    try:
        return msgspec.json.decode(text.encode())
    except (msgspec.DecodeError, RecursionError):
        return text
