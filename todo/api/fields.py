"""Fields of input about accounts."""

from rest_framework import serializers

from todo.fields import StrictCharField
from todo.models.email import validate_reachable

MAX_PASSWORD = 1000  # characters


class PasswordField(StrictCharField):
    def __init__(self, **kwargs):
        # Surrounding blanks are stripped, as allauth does.
        super().__init__(write_only=True, max_length=MAX_PASSWORD, **kwargs)


class EmailAddressField(serializers.EmailField, StrictCharField):
    def __init__(self, **kwargs):
        super().__init__(max_length=254, **kwargs)


class NewEmailAddressField(EmailAddressField):
    """An address that mail can reach. Signing in accepts others, which exist."""

    def __init__(self, **kwargs):
        super().__init__(validators=[validate_reachable], **kwargs)
