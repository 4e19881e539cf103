"""Neon: host names, connection strings and the API client. Does not import Django."""

import re

WEAK_SSLMODES = frozenset({"disable", "allow", "prefer"})
POOLER = re.compile(r"-pooler((?:\.[\w-]+)*\.neon\.tech\.?(?=[:/?#]|$))", re.I)


def is_neon(host: str) -> bool:
    """Return whether the host belongs to Neon.

    Neon's hosts are named `ep-NAME[-pooler][.c-N].REGION.aws.neon.tech`.
    """
    return host.lower().rstrip(".").endswith(".neon.tech")


def is_pooled(host: str) -> bool:
    """Return whether the host is Neon's PgBouncer: its first label ends in -pooler."""
    return is_neon(host) and host.split(".")[0].lower().endswith("-pooler")


def direct_url(url: str) -> str:
    """Remove -pooler from a Neon host; return any other URL unchanged."""
    return POOLER.sub(r"\1", url, count=1)


def mask(text: str) -> str:
    """Replace the passwords of all URLs in the text with ***, except in examples."""
    text = re.sub(r"(://(?!USER:PASSWORD@HOST)[^:/?#\s]*:)\S*@", r"\1***@", text)
    return re.sub(r"([?&]\w*password=)[^&\s]*", r"\1***", text)
