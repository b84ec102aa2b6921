from __future__ import annotations

from tests.cli.conftest import Run


def test_what_can_be_imported(run: Run) -> None:
    result = run("import", "--help")
    assert result.exit_code == 0
    assert "openapi" in result.stdout.partition("Commands:\n")[2]
    assert run("import", "wsdl", "x").exit_code == 2
