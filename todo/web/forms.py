"""The forms of the pages."""

from allauth.account import forms as allauth
from django import forms
from django.contrib import messages

from todo.accounts.adapter import BackgroundMailMixin
from todo.models import User
from todo.models.email import validate_reachable
from todo.models.task import WRITABLE_TASK_FIELDS
from todo.models.user import time_zones
from todo.transfer.imports import MAX_FILE
from todo.transfer.readers import READERS
from todo.web import drafts
from todo.web.addresses import is_page

COLUMNS = [*WRITABLE_TASK_FIELDS, "completed"]  # that people write by hand
NOT_SAVED = "You are signed in again. What you typed is not saved yet: send it again."
REGIONS = (
    *("Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/"),
    *("Australia/", "Europe/", "Indian/", "Pacific/", "UTC"),
)
UNKNOWN_ZONE = "There is no such time zone. Name a large city near you."
PASSWORD_RULE = "At least 8 characters. Not a common password, and not only digits."


class PlainFieldsMixin:
    """Write labels and rules as other forms do; no placeholders repeat the labels."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
            field.label = field.label and field.label.capitalize()
        if "password1" in self.fields:
            self.fields["password1"].help_text = PASSWORD_RULE


class SignupForm(PlainFieldsMixin, allauth.SignupForm):
    """The browser reports its time zone. An unknown one is ignored."""

    time_zone = forms.CharField(required=False, widget=forms.HiddenInput)

    def save(self, request):
        user = super().save(request)
        zone = self.cleaned_data["time_zone"]
        if user and zone in time_zones():
            user.time_zone = zone
            user.save()
        return user


class ChangePasswordForm(PlainFieldsMixin, allauth.ChangePasswordForm):
    pass


class ResetPasswordForm(
    PlainFieldsMixin, BackgroundMailMixin, allauth.ResetPasswordForm
):
    pass


class ResetPasswordKeyForm(PlainFieldsMixin, allauth.ResetPasswordKeyForm):
    pass


class LoginForm(PlainFieldsMixin, allauth.LoginForm):
    """`draft` is what was typed before, see `todo.web.drafts`."""

    draft = forms.CharField(required=False, widget=forms.HiddenInput)

    def login(self, request, redirect_url=None):
        draft = drafts.load(self.cleaned_data["draft"])
        if draft and is_page(request, draft["page"]):
            redirect_url = draft["page"]
        response = super().login(request, redirect_url=redirect_url)
        if draft and request.user.is_authenticated:
            drafts.keep(request, draft)
            messages.info(request, NOT_SAVED)
        return response


class TimeZoneField(forms.CharField):
    """A name as people write it: `tokyo`, `New York` or `Asia/Tokyo`."""

    def clean(self, value):
        text = super().clean(value).replace(" ", "_").lower()
        zones = sorted(time_zones())
        for zone in zones:
            if text == zone.lower():
                return zone
        for zone in zones:
            if zone.lower().endswith(f"/{text}"):
                return zone
        raise forms.ValidationError(UNKNOWN_ZONE)


class ProfileForm(forms.ModelForm):
    time_zone = TimeZoneField(
        widget=forms.TextInput(
            attrs={"list": "time-zones", "autocomplete": "off", "spellcheck": "false"}
        ),
        help_text="Type a city. Tasks are due in this time zone.",
    )

    class Meta:
        model = User
        fields = ["name", "time_zone", "shortcuts"]

    @property
    def zones(self):
        """Names to choose from, without old ones such as `US/Pacific`."""
        names = (zone for zone in sorted(time_zones()) if zone.startswith(REGIONS))
        return [name.replace("_", " ") for name in names]


class ImportForm(forms.Form):
    file = forms.FileField(
        help_text=(
            "JSON or CSV: an exported file, or any of these columns, of which only "
            f"title is needed: {', '.join(COLUMNS)}. Dates look like 2026-12-01."
        )
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        self.kind = file.name.rpartition(".")[2].lower()
        if self.kind not in READERS:
            raise forms.ValidationError("The file name must end in .json or .csv.")
        if file.size > MAX_FILE:
            raise forms.ValidationError("The file is too large: the limit is 64 MiB.")
        return file


class PasswordForm(forms.Form):
    """Asks for the password of the user who is signed in."""

    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def __init__(self, user, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self):
        if not self.user.check_password(self.cleaned_data["password"]):
            raise forms.ValidationError("This is not your password.")
        return self.cleaned_data["password"]


class EmailChangeForm(PasswordForm):
    field_order = ["email", "password"]

    email = forms.EmailField(
        label="New address",
        max_length=254,
        validators=[validate_reachable],
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def clean_email(self):
        email = User.objects.normalize_email(self.cleaned_data["email"])
        if email == self.user.email:
            raise forms.ValidationError("This is your address already.")
        return email
