"""Serving with several processes on one port."""

from __future__ import annotations

import logging

from gateway.runtime.listener_tls import UnusableTls
from gateway.server.application import Application
from gateway.server.channel import Channel
from gateway.server.headcount import Headcount
from gateway.server.listen import freeze, run
from gateway.server.sockets import Listeners
from gateway.server.supervisor import UNUSABLE, Supervisor
from gateway.server.worker import WorkerSeat
from gateway.telemetry.logs import LogWriter
from gateway.telemetry.metrics import PrometheusMetrics


def run_workers(application: Application, listeners: Listeners, *, workers: int, log: LogWriter, metrics: PrometheusMetrics | None) -> int:
    """Serves with so many processes until SIGINT or SIGTERM; the exit code. This process must have no threads and no event loop.

    `metrics` are the application's, `log` writes `at_once` here and by a thread in each worker.
    """
    headcount = Headcount(workers)

    def work(number: int, channel: Channel) -> int:
        log.fork_off(number)
        try:
            seat = WorkerSeat(number, channel, headcount, None if metrics is None else metrics.pack)
            run(application, listeners, seat=seat)
        except UnusableTls as fault:
            logging.getLogger("gateway.workers").log(logging.ERROR, "`server.tls.%s`: %s", fault.member, fault)
            return UNUSABLE
        finally:
            log.close()
        return 0

    freeze()
    return Supervisor(workers, work, listeners=listeners, headcount=headcount, drain=application.plan.server.drain).run()
