"""One epoll loop for every call of the process."""

from __future__ import annotations

import contextlib
import heapq
import os
import select
import signal
from collections.abc import Callable, Iterable, Iterator

from loadtest.caller.call import Call, clock_ns
from loadtest.caller.ear import Ear

_LONGEST_WAIT_S = 0.5
#: Of real-time processes the lowest: it sleeps most of the time, and must wake on time.
_PRIORITY = 1


def run(calls: Iterable[tuple[int, Call]], ear: Ear | None) -> None:
    """Carry calls from INVITE to the last answer.

    Args:
        calls: (delay, call): each starts that many nanoseconds after now.
        ear: the recogniser they share.
    Raises:
        CallerError: the ear died.
        KeyboardInterrupt: a second SIGINT or SIGTERM; the first hangs every call up.
    """
    loop = _Loop(ear)
    with _ahead_of_the_fleet(), _on_interrupt(loop.hang_up):
        loop.run(calls)


@contextlib.contextmanager
def _ahead_of_the_fleet() -> Iterator[None]:
    """Run before others where the system allows it: a real caller's telephone shares no processor with us."""
    before, how = os.sched_getscheduler(0), os.sched_getparam(0)
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(_PRIORITY))
    try:
        yield
    finally:
        with contextlib.suppress(PermissionError):
            os.sched_setscheduler(0, before, how)


@contextlib.contextmanager
def _on_interrupt(act: Callable[[], None]) -> Iterator[None]:
    """Call `act` at the first SIGINT or SIGTERM and raise at the second.

    An exception at the first could strike while a call is between two of the loop's lists, and lose it.
    """
    is_second = False

    def handle(number: int, frame: object) -> None:
        nonlocal is_second
        if is_second:
            raise KeyboardInterrupt
        is_second = True
        act()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Loop:
    def __init__(self, ear: Ear | None) -> None:
        self._ear = ear
        self._poller = select.epoll()
        self._readers: dict[int, Callable[[], None]] = {}
        self._active: list[Call] = []
        self._wakes: list[tuple[int, int, Call]] = []
        self._ear_mask = 0
        self._hangs_up = False

    def hang_up(self) -> None:
        """End every call as soon as the current turn of the loop is done; start no more."""
        self._hangs_up = True

    def run(self, calls: Iterable[tuple[int, Call]]) -> None:
        begin_ns = clock_ns()
        waiting = [(begin_ns + delay_ns, call.number, call) for delay_ns, call in calls]
        heapq.heapify(waiting)
        try:
            while waiting or self._active:
                if self._hangs_up:
                    self._hangs_up = False
                    waiting.clear()
                    for call in self._active:
                        call.interrupt()
                while waiting and waiting[0][0] <= clock_ns():
                    self._add(heapq.heappop(waiting)[2])
                if waiting or self._active:
                    self._turn(waiting[0][0] if waiting else None)
        finally:
            for call in self._active:
                call.interrupt()
                call.tick()  # sends the BYE; nobody is left to wait for its answer
                call.close()
            self._poller.close()

    def _add(self, call: Call) -> None:
        for sock, reader in ((call.sip_socket, call.on_sip), (call.rtp_socket, call.on_rtp)):
            self._readers[sock.fileno()] = reader
            self._poller.register(sock.fileno(), select.EPOLLIN)
        self._active.append(call)
        call.start()
        heapq.heappush(self._wakes, (call.next_wake_ns(), call.number, call))

    def _turn(self, next_start_ns: int | None) -> None:
        """Wait for whatever comes first, a datagram, an answer of the ear or a tick, and serve it."""
        self._watch_ear()
        due_ns = min([wake[0] for wake in self._wakes[:1]] + ([next_start_ns] if next_start_ns else []))
        wait_s = min(_LONGEST_WAIT_S, max(0.0, (due_ns - clock_ns()) / 1e9))
        for descriptor, _ in self._poller.poll(wait_s):
            if descriptor in self._readers:
                self._readers[descriptor]()
            else:
                self._serve_ear()
        now_ns = clock_ns()
        while self._wakes and self._wakes[0][0] <= now_ns:
            call = heapq.heappop(self._wakes)[2]
            call.tick()
            if call.finished:
                self._remove(call)
            else:
                heapq.heappush(self._wakes, (call.next_wake_ns(), call.number, call))

    def _remove(self, call: Call) -> None:
        for sock in (call.sip_socket, call.rtp_socket):
            self._poller.unregister(sock.fileno())
            del self._readers[sock.fileno()]
        self._active.remove(call)
        call.close()

    def _watch_ear(self) -> None:
        if self._ear is None:
            return
        mask = select.EPOLLIN | (select.EPOLLOUT if self._ear.wants_write else 0)
        if mask != self._ear_mask:
            act = self._poller.modify if self._ear_mask else self._poller.register
            act(self._ear.fileno(), mask)
            self._ear_mask = mask

    def _serve_ear(self) -> None:
        assert self._ear is not None
        self._ear.flush()
        for request, text in self._ear.read():
            for call in self._active:
                call.on_words(request, text)
