"""`voicefleet kb ask`: one question put to a base, as a call would put it."""

from __future__ import annotations

import textwrap

from agent.bootstrap.knowledge.opened import embedding_models, opened, tenant_of
from agent.domain.passages import Finding, Verdict
from kb.deciding import decide, thresholds_of
from kb.retrieval import Library

#: Longer than a call would wait: what is shown must not depend on how far away an endpoint is.
_REMOTE_S = 5.0
#: What a call would do.
VERDICTS = {
    Verdict.ACCEPT: "is spoken",
    Verdict.CONFIRM: 'is asked about ("is this your question?")',
    Verdict.REFUSE: "nothing is spoken: the caller hears that we do not know",
}


async def ask(slug: str, question: str) -> int:
    """Print the passages found, their scores and the verdict. Raises: ConfigError: no such tenant."""
    async with opened() as pool, embedding_models() as models:
        tenant = await tenant_of(pool, slug)
        library = Library(pool, tenant.id, models.for_questions(tenant), remote_s=_REMOTE_S)
        finding = decide(await library.candidates(question), thresholds_of(tenant))
    print(shown(finding))
    return 0


def shown(finding: Finding) -> str:
    """A finding in lines: passages by score, the thresholds, the verdict."""
    lines = [
        f"{VERDICTS[finding.verdict]} (spoken from {finding.accept:.2f} on, asked about from {finding.confirm:.2f})"
    ]
    for found in finding.passages:
        lines.append(f"  {found.score:.3f}  {found.source}#{found.key}, version {found.version}: {found.title}")
        lines.append(textwrap.indent(textwrap.fill(found.spoken, 100), " " * 9))
    return "\n".join(lines)
