"""The texts of mails: plain and as HTML, with the same words."""

import re
from html import unescape

import pytest
from allauth.account.adapter import get_adapter

URL = "https://todo.example.com/accounts/password/reset/key/1-a&b/"
CONTEXT = {
    "old": "o'brien&co@example.com",
    "new": "<b>@example.com",
    "url": URL,
    "password_reset_url": URL,
}
BUTTONS = {
    "password_reset_key": "Choose a new password",
    "confirm_address": "Confirm the address",
    "address_changed": None,
}
every_mail = pytest.mark.parametrize("name", BUTTONS)


def render(name):
    """Return the plain text and the HTML of a mail."""
    prefix = f"account/email/{name}"
    message = get_adapter().render_mail(prefix, "ann@example.com", CONTEXT)
    [alternative] = message.alternatives
    assert alternative.mimetype == "text/html"
    return message.body, alternative.content


def words(html):
    """Return the text of the body of a page, without decoration."""
    body = re.sub(r'(?s)<span aria-hidden="true".*?</span>', "", html.split("<body")[1])
    return unescape(re.sub(r"<[^>]*>", " ", body.partition(">")[2])).split()


@every_mail
def test_html_says_what_the_text_says(name):
    text, html = render(name)

    button = (BUTTONS[name] or "").split()
    paragraphs, url, footer = text.partition(URL) if button else text.partition("--")
    expected = ["aido", *paragraphs.split(), *button, *([url] * bool(button))]
    assert words(html) == [*expected, *footer.replace("--", "").split()]


@pytest.mark.parametrize("name", [name for name in BUTTONS if BUTTONS[name]])
def test_both_parts_have_the_link(name):
    text, html = render(name)

    escaped = URL.replace("&", "&amp;")
    assert f"\n{URL}\n" in text
    assert re.findall(r'href="([^"]*)"', html) == [escaped, escaped]
    assert f">{escaped}</a>" in html


@every_mail
def test_html_escapes_what_it_names_and_the_text_does_not(name):
    text, html = render(name)

    assert "<b>" not in html
    assert "o'brien" not in html
    assert not re.search(r"&(?!amp;|lt;|gt;|#x27;|#10003;)", html)
    assert "&amp;" not in text


@every_mail
def test_html_loads_nothing_and_keeps_the_colors_of_the_client(name):
    _, html = render(name)

    assert not re.search(r"<(img|link|style|script)|url\(|@import", html)
    assert 'name="color-scheme" content="light dark"' in html
    styles = re.findall(r'style="([^"]*)"', html)
    for style in styles:  # a text color only where the background is set, too
        sets_color = re.search(r"(?<![-\w])color: (?!inherit)", style)
        assert bool(sets_color) == ("background" in style)


@every_mail
def test_no_line_is_longer_than_a_mail_allows(name):
    _, html = render(name)

    assert max(map(len, html.splitlines())) < 900
