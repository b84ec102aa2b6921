"""Who is let in from other origins: `server.cors`, and `use: cors` in a route's `pipeline`."""

from __future__ import annotations

import msgspec

from gateway.config.models import StageUse
from gateway.config.models.cors import Cors
from gateway.planner.compiler import Compiler
from gateway.runtime.cross_origin import ANYBODY, CrossOrigin, origin_of
from gateway.sdk import Path
from gateway.sdk.fields import decode_hook


def plan_cors(cors: Cors | None, compiler: Compiler, path: Path) -> CrossOrigin | None:
    """Reports what is no origin, and credentials for everybody. `path` is where `cors` stands."""
    if cors is None:
        return None
    origins = {found for index, written in enumerate(cors.origins) if (found := _origin(written, compiler, (*path, "origins", index)))}
    if cors.credentials and ANYBODY in origins:
        compiler.findings.report(
            compiler.document, "GW529", "credentials can't be let in from everywhere: any page could act for whoever visits it",
            (*path, "credentials"), hint="name the origins, or leave `credentials` out",
        )  # fmt: skip
    return CrossOrigin(
        origins=frozenset(origins),
        methods=frozenset(cors.methods) if cors.methods is not None else None,
        headers=tuple(cors.headers),
        expose=tuple(cors.expose),
        credentials=cors.credentials,
        max_age=round(cors.max_age),
    )


def plan_pipeline(uses: list[StageUse], compiler: Compiler) -> CrossOrigin | None:
    """What a route lets in. Other stages than `cors` are not in force in this release."""
    found: CrossOrigin | None = None
    for index, use in enumerate(uses):
        path: Path = ("pipeline", index)
        if use.use != "cors":
            compiler.findings.report(
                compiler.document, "GW111", f"stage `{use.use}` protects, and is not in force in this release", (*path, "use"),
                hint="the gateway does not start with a protection that it would not apply",
            )  # fmt: skip
            continue
        try:
            options = msgspec.convert(use.options, Cors, dec_hook=decode_hook)
        except (msgspec.ValidationError, ValueError) as fault:
            message = f"`options` of stage `cors` can't be used: {str(fault)[:1].lower()}{str(fault)[1:]}"
            at = (*path, "options") if "options" in compiler.document.data["pipeline"][index] else path
            compiler.findings.report(compiler.document, "GW104", message, at, hint="write them as those of `server.cors`")
        else:
            found = plan_cors(options, compiler, (*path, "options"))
    return found


def _origin(written: str, compiler: Compiler, path: Path) -> str | None:
    try:
        return origin_of(written)
    except ValueError:
        compiler.findings.report(
            compiler.document, "GW529", "this is no origin", path,
            hint="write scheme, host and maybe port and nothing behind, as `https://shop.example` or `https://*.shop.example`",
        )  # fmt: skip
        return None
