"""Every page with a form works when it is opened by its address."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import NamedTuple

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.core import mail, signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLResolver
from django.utils import timezone
from playwright.sync_api import expect

from todo.accounts import email_change
from todo.accounts.sessions import list_sessions
from todo.models import List, Task, User
from todo.tests.conftest import PASSWORD
from todo.tests.helpers import web_client
from todo.tests.web.helpers import get_titles, wait_until_saved

NEW_PASSWORD = "staple battery horse"
FILE = b'[{"title": "Imported"}]'


class Form(NamedTuple):
    """A page with a form, what is typed there, and what comes of it."""

    path: Callable
    fields: dict
    shown: str  # on the page that follows
    is_saved: Callable
    button: str
    is_signed_in: bool = True


def has_password(user, password):
    return User.objects.get(pk=user.pk).check_password(password)


def reset_path(user, task):
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    return f"/accounts/password/reset/key/{key}/"


def confirm_path(user, task):
    content = [str(user.pk), email_change._state(user), "new@example.com"]
    token = signing.dumps(content, salt=email_change.SALT)
    return f"/profile/email/{token}"


def sessions_path(user, task):
    web_client(user)  # signs in elsewhere
    return "/profile/sessions"


def list_path(user, task):
    task_list, _ = List.objects.get_or_create(owner=user, name="Garden")
    return f"/lists/{task_list.pk}/edit"


def trash(task):
    task.deleted_at = timezone.now()
    task.save()
    return task


FORMS = {
    "list": Form(
        lambda user, task: "/active?sort=-created_at",
        {"title": "Call Ann"},
        "Call Ann",
        lambda user: Task.objects.filter(title="Call Ann").exists(),
        "Add",
    ),
    "edit": Form(
        lambda user, task: f"/tasks/{task.pk}",
        {"title": "Buy bread", "description": "rye", "due_date": "2026-12-24"},
        "Buy bread",
        lambda user: Task.objects.filter(title="Buy bread", description="rye").exists(),
        "Save",
    ),
    "new list": Form(
        lambda user, task: "/lists/new",
        {"name": "Home"},
        "Home",
        lambda user: List.objects.filter(name="Home").exists(),
        "Save",
    ),
    "list's name": Form(
        list_path,
        {"name": "Work"},
        "Work",
        lambda user: List.objects.filter(name="Work").exists(),
        "Save",
    ),
    "delete list": Form(
        lambda user, task: list_path(user, task).replace("edit", "delete"),
        {},
        "The list was deleted.",
        lambda user: not List.objects.exists(),
        "Delete the list",
    ),
    "delete task": Form(
        lambda user, task: f"/tasks/{trash(task).pk}/delete",
        {},
        "Deleted permanently.",
        lambda user: not Task.objects.exists(),
        "Delete permanently",
    ),
    "empty trash": Form(
        lambda user, task: trash(task) and "/trash/empty",
        {},
        "1 task deleted permanently.",
        lambda user: not Task.objects.exists(),
        "Empty the trash",
    ),
    "profile": Form(
        lambda user, task: "/profile",
        {"name": "Ann Lee"},
        "Saved.",
        lambda user: User.objects.get(pk=user.pk).name == "Ann Lee",
        "Save",
    ),
    "import": Form(
        lambda user, task: "/profile/import",
        {"file": FILE},
        "1 task added.",
        lambda user: Task.objects.filter(title="Imported").exists(),
        "Import",
    ),
    "change address": Form(
        lambda user, task: "/profile/email",
        {"email": "new@example.com", "password": PASSWORD},
        "Open the link in the mail to new@example.com",
        lambda user: True,
        "Send the link",
    ),
    "confirm address": Form(
        confirm_path,
        {},
        "Your address is new@example.com now.",
        lambda user: User.objects.get(pk=user.pk).email == "new@example.com",
        "Change the address",
    ),
    "sessions": Form(
        sessions_path,
        {},
        "All other sessions were ended.",
        lambda user: len(list(list_sessions(user, None))) == 1,
        "End all other sessions",
    ),
    "delete account": Form(
        lambda user, task: "/profile/delete",
        {"password": PASSWORD},
        "were deleted",
        lambda user: not User.objects.filter(pk=user.pk).exists(),
        "Delete permanently",
    ),
    "change password": Form(
        lambda user, task: "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
        "Password",
        lambda user: has_password(user, NEW_PASSWORD),
        "Save the password",
    ),
    "sign out": Form(
        lambda user, task: "/accounts/logout/",
        {},
        "Sign in",
        lambda user: True,
        "Sign out",
    ),
    "sign in": Form(
        lambda user, task: "/accounts/login/?next=/active",
        {"login": "ann@example.com", "password": PASSWORD},
        "Buy milk",
        lambda user: True,
        "Sign in",
        is_signed_in=False,
    ),
    "sign up": Form(
        lambda user, task: "/accounts/signup/",
        {"email": "new@example.com", "password1": PASSWORD},
        "new@example.com",
        lambda user: User.objects.filter(email="new@example.com").exists(),
        "Sign up",
        is_signed_in=False,
    ),
    "ask for a new password": Form(
        lambda user, task: "/accounts/password/reset/",
        {"email": "ann@example.com"},
        "Check your mail",
        lambda user: True,
        "Send the link",
        is_signed_in=False,
    ),
    "set a new password": Form(
        reset_path,
        {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
        "The password was changed",
        lambda user: has_password(user, NEW_PASSWORD),
        "Save the password",
        is_signed_in=False,
    ),
}


class Parser(HTMLParser):
    """Collects the forms of a page: their attributes and the values of their fields."""

    def __init__(self, text):
        super().__init__()
        self.forms, self.select = [], None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        name, value = attributes.get("name"), attributes.get("value", "")
        if tag == "form":
            self.forms.append((attributes, {}))
        elif tag == "select":
            self.select = name
        elif tag == "option" and "selected" in attributes:
            self.forms[-1][1][self.select] = value
        elif tag == "input" and name and attributes.get("type") != "checkbox":
            self.forms[-1][1][name] = value


def form_with(text, names):
    """Return the action and the values of the form that has these fields."""
    for attributes, values in Parser(text).forms:
        text_fields = set(names) - {"description"}
        if attributes.get("method") == "post" and text_fields <= values.keys():
            return attributes.get("action"), values
    raise AssertionError(f"no form with {names}")


@pytest.mark.django_db
@pytest.mark.parametrize("name", FORMS)
def test_a_form_works_by_its_address(user, make_task, name):
    form = FORMS[name]
    path = form.path(user, make_task())
    client = Client(enforce_csrf_checks=True)
    if form.is_signed_in:
        client.force_login(user)

    page = client.get(path, follow=True)
    path = page.redirect_chain[-1][0] if page.redirect_chain else path
    main = page.text.partition("<main")[2]
    action, values = form_with(main, form.fields)
    fields = form.fields
    if "file" in fields:
        fields = {"file": SimpleUploadedFile("tasks.json", FILE)}
    response = client.post(action or path, values | fields, follow=True)

    assert response.status_code == 200
    assert form.shown in response.text
    assert form.is_saved(user)


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("name", FORMS)
def test_a_form_works_by_its_address_in_a_browser(
    open_page, site, user, make_task, name, script
):
    form = FORMS[name]
    path = form.path(user, make_task())
    somebody = user if form.is_signed_in else None
    page = open_page(site + path, somebody, java_script_enabled=script)

    main = page.get_by_role("main")
    for field, value in form.fields.items():
        box = main.locator(f"[name={field}]:visible")
        if field == "file":
            file = {"name": "tasks.json", "mimeType": "text/plain", "buffer": value}
            box.set_input_files(file)
        else:
            box.fill(value)
    if script and name == "list":
        page.keyboard.press("Enter")
    else:
        main.get_by_role("button", name=form.button, exact=True).click()

    expect(page.get_by_text(form.shown).first).to_be_visible()
    if script:
        wait_until_saved(page)
    assert form.is_saved(user)
    if script:
        assert page.problems == []


def form_pages(resolver):
    """Yield the names of the pages without arguments, but for the admin and the API."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            if not re.match("api|admin", str(pattern.pattern)):
                yield from form_pages(pattern)
        elif not pattern.pattern.regex.groups:
            yield pattern.name


@pytest.mark.django_db
@pytest.mark.parametrize("is_signed_in", [True, False])
def test_these_are_all_the_pages_with_a_form(user, make_task, is_signed_in):
    client, task = Client(), make_task()
    if is_signed_in:
        client.force_login(user)
    paths = {form.path(user, task).partition("?")[0] for form in FORMS.values()}

    for name in form_pages(get_resolver()):
        path = reverse(name)
        response = client.get(path)
        main = (
            getattr(response, "text", "").partition("<main")[2].partition("</main")[0]
        )
        # Lists have several forms; that of the offline page needs script.
        is_list = name.startswith("list_") and name != "list_new" or name == "offline"
        assert 'method="post"' not in main or is_list or path in paths, path


@pytest.mark.django_db
def test_a_new_password_can_be_asked_for(client, user):
    client.post("/accounts/password/reset/", {"email": user.email})

    assert "/accounts/password/reset/key/" in mail.outbox[0].body


@pytest.mark.browser
def test_a_task_is_saved_in_a_tab_of_its_own(open_page, site, user, make_task):
    make_task(title="Buy milk")
    page = open_page(f"{site}/active?q=milk", user)
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Details of Buy milk").click(button="middle")
    tab = opened.value

    tab.get_by_label("Title").fill("Buy more milk")
    tab.get_by_role("button", name="Save").click()

    expect(get_titles(tab)).to_have_text(["Buy more milk"])
    assert tab.url == f"{site}/active?q=milk"
    expect(tab.get_by_role("button", name="Undo")).to_be_visible()


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_an_edit_that_is_not_valid_is_shown_and_can_be_corrected(
    open_page, site, user, make_task, script
):
    task = make_task(title="Buy milk")
    page = open_page(f"{site}/tasks/{task.pk}", user, java_script_enabled=script)
    Task.objects.get().save()

    page.get_by_label("Title").fill("Buy bread")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("was changed in another window")).to_be_visible()
    page.get_by_role("button", name="Save").click()

    expect(get_titles(page)).to_have_text(["Buy bread"])
