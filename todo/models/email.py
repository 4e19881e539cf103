"""Which email addresses are accepted."""

from django.core.exceptions import ValidationError


def validate_reachable(address: str) -> None:
    """Raise ValidationError if mail cannot be sent to an otherwise valid address.

    The part before the @ must be ASCII. The domain must be the same after it was
    encoded for DNS: that refuses invisible characters and look-alikes.
    """
    name, _, domain = address.rpartition("@")
    if not name.isascii() or not _survives_idna(domain.lower()):
        message = "Mail cannot reach this address. Check it for unusual characters."
        raise ValidationError(message, code="invalid")


def _survives_idna(domain: str) -> bool:
    try:
        encoded = domain.encode("idna")
        return domain.isascii() or encoded.decode("idna") == domain
    except UnicodeError:
        return False
