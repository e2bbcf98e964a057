"""The ear: a caller that dials over SIP, holds a conversation and measures what it hears.

It judges from outside: it imports nothing of the product, speaks plain SIP and RTP over UDP, and takes its
times from the kernel's receive stamps. One process and one epoll loop carry all its calls.

Reading order: ``cli`` → ``loop`` → ``call`` → ``conversation`` (what to say when) and ``dialog`` (SIP).
"""
