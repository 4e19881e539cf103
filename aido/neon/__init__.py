"""All that aido knows of Neon. Imports no Django."""

import re

WEAK_SSLMODES = frozenset({"disable", "allow", "prefer"})


def is_neon(host: str) -> bool:
    """Whether a host is Neon's: `ep-NAME[-pooler][.c-N].REGION.aws.neon.tech`."""
    return host.lower().rstrip(".").endswith(".neon.tech")


def is_pooled(host: str) -> bool:
    """Whether a host leads to Neon's PgBouncer: `-pooler` ends its first label."""
    return is_neon(host) and host.split(".")[0].lower().endswith("-pooler")


def direct_url(url: str) -> str:
    """The URL past the pooler; any URL that is not of a pooled Neon host as it is."""
    return re.sub(
        r"-pooler((?:\.[\w-]+)*\.neon\.tech(?=[:/?#]|$))",
        r"\1",
        url,
        count=1,
        flags=re.IGNORECASE,
    )


def mask(text: str) -> str:
    """The text with the password of each URL in it replaced by ***."""
    text = re.sub(r"(://[^:/?#\s]*:)\S*@", r"\1***@", text)
    return re.sub(r"([?&]\w*password=)[^&\s]*", r"\1***", text)
