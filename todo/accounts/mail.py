"""Mail is sent in a background thread.

A request that sends mail must not take longer than one that sends none: the time would
reveal whether an address has an account. Nor may slow mail servers keep the threads
busy that serve requests.
"""

import email.policy
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.db import connections

logger = logging.getLogger(__name__)

MAX_LINE = 998  # characters, by RFC 5322

THREADS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="mail")


class WholeLinesMessage(EmailMultiAlternatives):
    """A message whose links are not broken into lines.

    They would be, as quoted-printable text, where a mail is printed or logged as it is.
    """

    def message(self, *, policy: email.policy.EmailPolicy = email.policy.default):
        return super().message(policy=policy.clone(max_line_length=MAX_LINE))


def in_background(function: Callable, *args: Any) -> None:
    """Call a function that looks up an account and sends mail. Log its errors."""
    THREADS.submit(copy_context().run, _call, function, *args)


def _call(function: Callable, *args: Any) -> None:
    try:
        function(*args)
    except Exception:
        logger.exception("An email could not be sent.")
    finally:
        connections.close_all()
