"""One real stack for all call tests, in a network namespace of its own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.errors import StackError
from infra.local.network import check_namespace
from infra.local.servers import default_cache, server_binary
from tests.call.afternoon import Afternoon, begin_afternoon
from tests.call.dialler import Dialler
from tests.call.evening import Evening, begin_evening
from tests.call.stack import CallStack, new_stack

#: What throws rubbish at the stack, fills it or kills its parts, or dials several at once; nobody else is talking then.
_ALONE = ("test_failing_providers", "test_one_opening", "test_refusals", "test_sudden_death")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Within this folder, last what disturbs others; the order is otherwise as it was."""
    here = [index for index, item in enumerate(items) if item.path.parent == Path(__file__).parent]
    ordered = sorted((items[index] for index in here), key=lambda item: item.path.stem in _ALONE)
    for index, item in zip(here, ordered, strict=True):
        items[index] = item


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CallStack]:
    """The stack, healthy; taken down whatever happens. Its logs stay in pytest's folder."""
    try:
        check_namespace()
    except StackError as error:
        pytest.skip(str(error))
    for name in ("livekit-server", "livekit-sip"):
        if not server_binary(default_cache(), name).exists():
            pytest.skip(f"{name} has not been built; run `make setup`")
    # Not pytest's own folder: PostgreSQL started by root runs as another user, who must be able to enter.
    folder = Path(tempfile.mkdtemp(prefix="vf-call-"))
    folder.chmod(0o755)
    one = new_stack(folder)
    try:
        started = one.infra("up")
        if started.returncode != 0:
            pytest.fail(f"the stack does not start: {started.stdout}{started.stderr}")
        yield one
    finally:
        one.infra("down")
        if (one.state / "logs").exists():
            shutil.copytree(one.state / "logs", tmp_path_factory.mktemp("stack") / "logs")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def dial(stack: CallStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dialler]:
    """Dials that stack; recordings and reports stay in pytest's folder."""
    dialler = Dialler(stack, tmp_path_factory.mktemp("calls"))
    yield dialler
    dialler.end_all()


@pytest.fixture(scope="session")
def evening(dial: Dialler) -> Evening:
    """Callers at about the same time, so that their waiting does not add up."""
    return begin_evening(dial)


@pytest.fixture(scope="session")
def afternoon(stack: CallStack, dial: Dialler, tmp_path_factory: pytest.TempPathFactory) -> Afternoon:
    """Callers with longer errands, a few at a time."""
    return begin_afternoon(stack, dial, tmp_path_factory.mktemp("businesses"))
