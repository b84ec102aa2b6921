"""The engine `httpx` under the contract."""

from __future__ import annotations

from tests.net.answers_contract import AnswersContract
from tests.net.pool_contract import PoolContract
from tests.net.tls_contract import TlsContract


class TestAnswers(AnswersContract):
    engine = "httpx"


class TestPool(PoolContract):
    engine = "httpx"


class TestTls(TlsContract):
    engine = "httpx"
