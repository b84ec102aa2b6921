"""The DAG of a run: a step starts the moment the steps that it waits for are done.

A chain of steps is awaited inline; a task exists only for an extra parallel branch.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import cast

from gateway.runtime.frame import Frame
from gateway.runtime.steps import run_step


async def run_steps(frame: Frame) -> None:
    """Runs every step. The first `StepFailed` or `Denied` cancels running reads, awaits running writes and is raised."""
    try:
        first = frame.intent.first
        if first:
            await Schedule(frame).run(first)
    finally:
        if frame.writes and frame.depth == 0:
            await _settle(frame)


class Schedule:
    """Counts what each step still waits for. Made in the task that runs the intent."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._steps = frame.intent.steps
        self._waiting = [len(step.waits_for) for step in self._steps]
        self._branches: set[asyncio.Task[None]] = set()
        self._failure: BaseException | None = None
        self._main = cast("asyncio.Task[None]", asyncio.current_task())
        self._requests_before = self._main.cancelling()

    async def run(self, first: tuple[int, ...]) -> None:
        """Follows the first branch itself and waits for the others."""
        for position in first[1:]:
            self._branch(position)
        try:
            await self._follow(first[0])
            while self._branches:
                await asyncio.wait(self._branches, return_when=asyncio.FIRST_EXCEPTION)
        except BaseException as error:
            failure = await self._stop(error)
            raise failure from None

    async def _follow(self, position: int | None) -> None:
        while position is not None:
            await run_step(self._frame, position)
            position = self._advance(position)

    def _advance(self, done: int) -> int | None:
        """The next step of this branch; what else became ready gets branches of its own."""
        mine: int | None = None
        for follower in self._steps[done].followers:
            self._waiting[follower] -= 1
            if self._waiting[follower] == 0:
                if mine is None:
                    mine = follower
                else:
                    self._branch(follower)
        return mine

    def _branch(self, position: int) -> None:
        task = asyncio.get_running_loop().create_task(self._follow(position))
        self._branches.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._branches.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        if self._failure is None:
            self._failure = error
            self._main.cancel()

    async def _stop(self, error: BaseException) -> BaseException:
        """Ends the other branches and tells what to raise: the first failure, or a cancellation that came from outside.

        A branch that failed has cancelled the main one, once; that one request is taken back here, as `asyncio.TaskGroup` does.
        """
        interrupted = self._failure is not None
        failure = self._failure = self._failure or error
        delivered = isinstance(error, asyncio.CancelledError)
        for task in self._branches:
            task.cancel()
        while self._branches:
            try:
                await asyncio.wait(self._branches)
            except asyncio.CancelledError:
                delivered = True
        if interrupted and not delivered:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(0)
        requests = self._main.uncancel() if interrupted else self._main.cancelling()
        return asyncio.CancelledError() if requests > self._requests_before else failure


async def _settle(frame: Frame) -> None:
    """Awaits running writes; they are bounded by their own deadlines."""
    while pending := [task for task in frame.writes if not task.done()]:
        await asyncio.wait(pending)
