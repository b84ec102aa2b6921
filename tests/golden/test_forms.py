"""One configuration with several problems, in every form that `gateway check` has; `forms/` holds exactly what is printed."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway import __version__
from gateway.cli import main
from tests.cli.conftest import write

FORMS = Path(__file__).parent / "forms"
MANY = {
    "gateway.yaml": "gateway: shop\nidentity: [{anonymous: {roles: [anonymous]}}, {api_key: {kys: [{hash: 'sha256:c0ab2538'}]}}]\n",
    "specs/many.yaml": (
        "intent: many\nsumary: Größe {0} [a](b)\naccess: {roles: [staff]}\nsoft_deadline: 1s\n"
        "steps: {日本: {call: stores.hours}}\noutput: {}\n---\n"
        "route: old\nmatch: {path: /old}\nintent: huors\n"
    ),
}


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github"])
def test_exactly_this_is_printed(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATEWAY_ENV", raising=False)
    result = CliRunner().invoke(main, ["check", "-C", str(write(tmp_path, **MANY)), "--format", form])
    printed = result.stdout.replace(tmp_path.as_posix(), "/FOLDER").replace(f'"version": "{__version__}"', '"version": "VERSION"')
    assert result.exit_code == 3
    assert printed == (FORMS / f"{form}.txt").read_text(encoding="utf-8")
