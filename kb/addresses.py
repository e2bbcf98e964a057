"""Addresses of pages and mailboxes, which are no use to an ear: a sentence is said without them."""

from __future__ import annotations

import re

#: A host without a scheme is taken for one by its last part; any other full stop between letters is a missing space.
_TLD = r"(?:com|org|net|edu|gov|biz|info|co|io|us|app|dev|shop|dental|salon|example|test)"
_PATH = r"(?:[/?#][^\s()<>]*[\w/])?"
_HOST = rf"(?<![\w.-])(?:[a-z0-9-]{{1,63}}\.){{1,6}}{_TLD}\b(?![\w@])"
_URL = rf"<?(?:https?://[^\s()<>]*[\w/]|{_HOST}{_PATH})>?"
_MAILBOX = r"<?(?:mailto:)?(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,6}[A-Za-z]{2,24}>?"
_MAY_BE_ADDRESS = re.compile(r"@|://|\w\.[a-z]", re.IGNORECASE)
_SITE = r"our (?:web ?site|site|web ?page|home ?page|page)"

_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), said)
    for pattern, said in (
        (rf" ?[(\[](?:e-?mail:? |(?:see|at|visit) )?(?:{_MAILBOX}|{_URL})[)\]]", ""),
        # mailboxes
        (rf"\bour e-?mail(?: address)? is {_MAILBOX}", "You can reach us by e-mail"),
        (rf"\b(?P<lead>e-?mail|contact)(?: us)?(?: at| to)? {_MAILBOX}", r"\g<lead> us"),
        (rf"\b(?P<lead>write)(?: to)?(?: us)?(?: at| to)? {_MAILBOX}", r"\g<lead> to us by e-mail"),
        (rf"(?P<lead>\be-?mail(?: us)?\b[^.!?]*?) (?:at|to) {_MAILBOX}", r"\g<lead> to us"),
        (rf"\b(?:at|via|using|under) {_MAILBOX}", "by e-mail"),
        (rf"\bto {_MAILBOX}", "to us by e-mail"),
        (rf"\be-?mail: ?{_MAILBOX}", "e-mail"),
        (_MAILBOX, "our e-mail address"),
        # pages
        (rf"\b(?P<lead>{_SITE}|online),?(?: at|:|,| is)? {_URL}(?:,(?= [a-z]))?", r"\g<lead>"),
        (rf"\b(?P<lead>visit|see|check|browse|go to|head to) (?:us )?(?:at |on )?{_URL}", r"\g<lead> our website"),
        (rf"\b(?P<lead>from|to|of|with) {_URL}", r"\g<lead> our website"),
        (rf"\b(?:over )?(?:at|on|via|through|under|using) {_URL}", "on our website"),
        (rf"\bweb ?site: ?{_URL}", "website"),
        (_URL, "our website"),
    )
)


def without_addresses(text: str) -> str:
    """The text with "on our website" or "by e-mail" where an address stood; applying it again changes nothing."""
    if not _MAY_BE_ADDRESS.search(text):
        return text
    for pattern, said in _RULES:
        text = pattern.sub(said, text)
    return text
