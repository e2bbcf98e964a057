"""What is wired where in the keeper process."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from agent.bootstrap.embedders import EmbeddingModels, open_models
from agent.bootstrap.tenant_document import tenant_from_json
from agent.inference.client import InferenceClient
from agent.keeping.evaluation_metrics import EvaluationMetrics
from agent.keeping.evaluations import NightlyEvaluations
from agent.keeping.http import keeper_app
from agent.keeping.leader import Leadership
from agent.keeping.metrics import KeeperMetrics
from agent.keeping.outbox import FileSender
from agent.keeping.report_files import ReportFolder
from agent.keeping.service import Keeper
from agent.runtime.health import serve
from agent.runtime.settings import KeeperSettings
from agent.storage.pool import Role, open_pool
from sip.rooms import Rooms
from sip.server import ServerAddress, connected
from sip.webhook import WebhookVerifier

#: One for each thing a keeper does at a time: a webhook, a dispatch, a sweep, a question of a set, passages embedded,
#: and two to spare.
_CONNECTIONS = 7


async def run(settings: KeeperSettings) -> None:
    """Run the keeper until SIGTERM or SIGINT.

    Raises: FleetError: the database cannot be reached at boot, or the port is taken.
    """
    database_url = settings.database_url.get_secret_value()
    address = ServerAddress(
        settings.livekit_url, settings.livekit_api_key, settings.livekit_api_secret.get_secret_value()
    )
    metrics = KeeperMetrics()
    leadership = Leadership(database_url, name=settings.keeper_id)
    name = f"voicefleet-{settings.keeper_id}"
    async with (
        await open_pool(
            database_url, role=Role.KEEPER, name=name, min_size=_CONNECTIONS, max_size=_CONNECTIONS
        ) as pool,
        connected(address) as server,
        _embedding(settings) as models,
    ):
        sender = None if settings.outbox_file is None else FileSender(settings.outbox_file)
        reports = None if settings.kb_reports_dir is None else ReportFolder(settings.kb_reports_dir)
        evaluations = NightlyEvaluations(
            pool, EvaluationMetrics(metrics.registry), tenant_from_json,
            embedders_of=models.for_questions, reports=reports,
        )  # fmt: skip
        keeper = Keeper(
            Rooms(server), pool, metrics, agent_name=settings.agent_name, sender=sender, evaluations=evaluations,
            embedders=models.for_texts(),
        )  # fmt: skip
        app = keeper_app(keeper, leadership, WebhookVerifier(address), pool, metrics)
        runner = await serve(app, port=settings.keeper_http_port, setting="VOICEFLEET_KEEPER_HTTP_PORT")
        try:
            await _until_stopped(leadership, keeper)
        finally:
            await runner.cleanup()


@asynccontextmanager
async def _embedding(settings: KeeperSettings) -> AsyncIterator[EmbeddingModels]:
    """The settings' models; the local one only over its socket, for a keeper loads none."""
    async with AsyncExitStack() as stack:
        client = None
        if settings.inference_socket is not None:
            client = await stack.enter_async_context(InferenceClient(settings.inference_socket))
        yield await stack.enter_async_context(open_models(settings, client))


async def _until_stopped(leadership: Leadership, keeper: Keeper) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    leading = asyncio.create_task(leadership.run(keeper.act), name="keeper.leadership")
    stopping = asyncio.create_task(stop.wait(), name="keeper.stop")
    try:
        await asyncio.wait((leading, stopping), return_when=asyncio.FIRST_COMPLETED)
        if leading.done():
            leading.result()
    finally:
        for task in (leading, stopping):
            task.cancel()
        await asyncio.gather(leading, stopping, return_exceptions=True)
