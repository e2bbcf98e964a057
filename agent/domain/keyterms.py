"""The words a business's callers say that a recogniser would otherwise take for others."""

from __future__ import annotations

import re

from agent.domain.tenant import Tenant

#: Deepgram takes 500 tokens of them in all; a term has three or four.
MOST_KEYTERMS = 50
_LONGEST_CHARACTERS = 40
#: Names in an address: "12 Elm Street, next to the public library" has one.
_NAMES = re.compile(r"\b[A-Z][\w'’-]*(?: [A-Z][\w'’-]*)*")


def keyterms_of(tenant: Tenant) -> tuple[str, ...]:
    """What recognisers are to expect in a tenant's calls, at most MOST_KEYTERMS: the tenant's own choice first."""
    terms = [*tenant.providers.keyterms, tenant.name]
    for service in tenant.services:
        terms += [service.name, *service.aliases]
    for person in tenant.staff:
        terms += [person.name, *person.aliases]
    terms += _NAMES.findall(tenant.knowledge.address)
    once = {term.casefold(): term for term in reversed(terms) if len(term) <= _LONGEST_CHARACTERS}
    return tuple(reversed(once.values()))[:MOST_KEYTERMS]
