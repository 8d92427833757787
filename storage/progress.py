"""Shows the progress of long commands: bars on a terminal, lines elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, TaskID

from storage.callbacks import Progress as StageProgress

_SECONDS_BETWEEN_LINES = 5.0


@contextmanager
def show_bytes_read(name: str) -> Iterator[Callable[[int], None]]:
    """Show how much of a file has been read; only on a terminal."""
    console = Console(stderr=True)
    path = Path(name)
    if not console.is_terminal or not path.is_file():
        yield lambda _: None
        return
    with Progress(console=console) as progress:
        task = progress.add_task("importing", total=path.stat().st_size)
        yield lambda count: progress.advance(task, count)


@contextmanager
def show_stages() -> Iterator[StageProgress]:
    """Show how much of each stage is done, and how long the rest of it will take."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Lines()
        return
    with Progress(console=console) as bars:
        tasks: dict[str, TaskID] = {}

        def progress(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage)
            bars.update(tasks[stage], completed=done, total=total or None)

        yield progress


class Lines:
    """Writes a line to stderr when a stage begins, and every few seconds from then on."""

    def __init__(self) -> None:
        self._stage = ""
        self._began = self._reported = 0.0
        self._done = 0

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Report how far a stage is."""
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._began, self._done = stage, now, done
        elif now < self._reported + _SECONDS_BETWEEN_LINES:
            return
        self._reported = now
        speed = (done - self._done) / (now - self._began) if now > self._began else 0.0
        if not total:  # not known yet
            sys.stderr.write(f"{stage}: {done:,}\n" if done else f"{stage}\n")
            return
        left = f", {timedelta(seconds=round((total - done) / speed))} left" if speed else ""
        sys.stderr.write(f"{stage}: {done:,} of {total:,}{left}\n")
