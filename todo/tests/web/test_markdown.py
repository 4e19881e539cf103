"""Descriptions as Markdown: safe, with links, and with the boxes of checklists."""

import re
from html.parser import HTMLParser
from time import perf_counter
from urllib.parse import urlsplit

import pytest
from django.utils.html import format_html
from hypothesis import given, settings
from hypothesis import strategies as st
from linkify_it import LinkifyIt
from markdown_it.parser_inline import ParserInline

from todo import checklists
from todo.tests.helpers import HTMX, page_url, web_client
from todo.web import markdown
from todo.web.markdown import printed_item, render, title_html

PIECES = [
    *("- [ ] a", "- [x] b", "  - [ ] c", "    - [ ] d", "1. [ ] e", "* [X] f", "text"),
    *("", "```", "~~~", "    code", "> q", "> - [ ] g", "# h", "\t- [ ] i", "-", "- "),
    *("---", "      - [ ] j", "10) [ ] k", "| a |", "|---|", "<div>", "- > - [ ] l"),
    *("- # [ ] m", "- - [ ] n", "-     [ ] o", "- [ ]", "[x]: http://x", "- [x] [x]"),
    *("- [ ] a | b", "- [ ] <b>", "+ [ ]\tp", "- \\[ ] q", "- `[ ] r`", "<!-- ", "-->"),
]
ALLOWED_TAGS = {
    *("a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr"),
    *("li", "ol", "p", "pre", "s", "strong", "table", "tbody", "td", "th", "thead"),
    *("tr", "ul", "i"),
}
ALLOWED_ATTRIBUTES = {"href", "title", "rel", "target", "class", "start"}
ATTACKS = {
    "script": "<script>alert(1)</script>",
    "handler": "<img src=x onerror=alert(1)>",
    "javascript": "[x](javascript:alert(1))",
    "entities": "[x](java&#115;cript:alert(1))",
    "upper case": "[x](JaVaScRiPt:alert(1))",
    "tab": "[x](<java\tscript:alert(1)>)",
    "autolink": "<javascript:alert(1)>",
    "reference": "[x][y]\n\n[y]: javascript:alert(1)",
    "data": "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "vbscript": "[x](vbscript:msgbox(1))",
    "image": "![x](javascript:alert(1))",
    "remote image": "![x](https://tracker.example/x.png)",
    "quote": '[x](https://x.y/"onmouseover="alert(1))',
    "title": '[x](https://x.y "\\"onmouseover=\\"alert(1)")',
    "bare": 'https://x.y/"onmouseover=alert(1)',
    "code": '```"><script>\nx\n```',
    "item": "- [ ] <script>alert(1)</script>",
    "comment": "<!-- <script> -->",
    "relative": "[x](/admin/logout)",
    "other site": "[x](//evil.example)",
    "file": "[x](file:///etc/passwd)",
}


class Tags(HTMLParser):
    """Collects tags with their attributes."""

    def __init__(self, html):
        super().__init__()
        self.tags = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))


def check_safe(html):
    for tag, attributes in Tags(html).tags:
        assert tag in ALLOWED_TAGS
        assert attributes.keys() <= ALLOWED_ATTRIBUTES
        if tag == "a":
            assert urlsplit(attributes["href"]).scheme in {
                *("http", "https", "mailto", "tel")
            }
            assert attributes["rel"] == "noopener nofollow"
            assert attributes["target"] == "_blank"


def item_html(item, html):
    return format_html("<i>{}:{}:{}</i>{}", item.line, item.text, item.done, html)


def rendered_items(text):
    found = re.findall(r"<i>(\d+):(.*?):(True|False)</i>", render(text, item_html))
    return [(int(line), done == "True") for line, _, done in found]


@pytest.mark.parametrize("text", ATTACKS.values(), ids=ATTACKS)
def test_markdown_is_safe(text):
    check_safe(render(text, printed_item))


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab<>&\"'[](){}!*_`~#-+.:/\\ \n\tjavscript|1", max_size=80))
def test_any_text_is_safe(text):
    check_safe(render(text, printed_item))
    check_safe(title_html(text))


@settings(max_examples=500, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=8),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_the_boxes_are_those_of_the_checklist(pieces, line_break):
    text = line_break.join(pieces)

    items = [(item.line, item.done) for item in checklists.lines(text)]

    assert rendered_items(text) == items
    for item in checklists.lines(text):
        ticked = checklists.tick(text, item.line, item.text, not item.done)
        assert (item.line, not item.done) in rendered_items(ticked)
        assert len(ticked) == len(text)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a\nb", "<p>a<br />\nb</p>"),
        ("~~a~~ **b** `c`", "<p><s>a</s> <strong>b</strong> <code>c</code></p>"),
        ("<b>x</b>", "<p>&lt;b&gt;x&lt;/b&gt;</p>"),
        ("README.md", "<p>README.md</p>"),
    ],
    ids=["line break", "marks", "HTML", "file name"],
)
def test_markdown_is_rendered(text, html):
    assert render(text, printed_item).strip() == html


def test_a_table_has_no_styles():
    html = render("|a|\n|:-:|\n|b|", printed_item)

    assert "<td>b</td>" in html
    assert "style" not in html


def test_items_are_named_with_their_list():
    html = render("- [x] milk\n- [ ] **bread**", printed_item)

    assert '<ul class="checklist">' in html
    assert '<li class="item done">' in html
    assert "☑ milk" in html
    assert "☐ <strong>bread</strong>" in html


HARD = {
    "quotes": ">" * 10_000,
    "bullets": "- " * 5_000,
    "brackets": "[" * 10_000,
    "stars": "*a_" * 3_333,
    "backticks": "`" * 9_999 + "a",
    "links": "[a](" * 2_500,
    "items": "- [ ] a\n" * 1_250,
    "addresses": "http://a.b " * 900,
    "references": "[a]: http\n" * 1_000,
}


@pytest.mark.parametrize("text", HARD.values(), ids=HARD)
def test_a_long_description_does_not_take_long(text):
    started = perf_counter()
    render(text, printed_item)

    assert perf_counter() - started < 5  # seconds, on a busy machine


TOO_HARD = {
    "lines that continue quotes": "> " * 80 + "[ ] a\n" + "b\n" * 4_900,
    "lines that continue quotes in a list": "- [ ] a\n  " + "> " * 80 + "b\nb" * 3_000,
    "short rows": "a|" * 1_200 + "\n" + "-|" * 1_200 + "\n" + "1\n" * 2_500,
}


@pytest.mark.parametrize("text", TOO_HARD.values(), ids=TOO_HARD)
def test_a_description_that_takes_too_long_is_plain_text(text):
    assert render(text, printed_item) == format_html("<pre>{}</pre>", text)
    assert checklists.lines(text) == []


def test_brackets_that_do_not_end_are_skipped_a_limited_number_of_times(monkeypatch):
    skipped = []
    skip_token = ParserInline.skipToken

    def skip(self, state):
        skipped.append(state.pos)
        skip_token(self, state)

    monkeypatch.setattr(ParserInline, "skipToken", skip)
    monkeypatch.setattr(markdown, "_parser", markdown._parser.__wrapped__)

    html = render("[" * 9_000 + " ~~a~~", printed_item)

    assert html == f"<p>{'[' * 9_000} <s>a</s></p>\n"
    assert len(skipped) == markdown.MAX_SKIPPED


def test_schemes_without_an_address_are_looked_at_a_limited_number_of_times(
    monkeypatch,
):
    looked = []
    monkeypatch.setattr(LinkifyIt, "match_at_start", lambda *_: looked.append(1))

    html = render("http://, " * 1_000 + "https://a.b", printed_item)

    assert len(looked) == markdown.MAX_ADDRESSES
    assert '<a href="https://a.b"' in html


def test_many_references_to_a_long_address_do_not_repeat_it():
    address = "https://a.b/" + "c" * 5_000

    html = render(f"[d]: {address}\n\n" + "[d]\n" * 1_200, printed_item)

    assert html.count(address) == markdown.MAX_LINKED // len(address)
    assert html.count(">d</a>") == 1_200


@pytest.mark.parametrize(
    ("title", "html"),
    [
        ("Buy milk", ""),
        ("Meet @ noon", ""),
        ("a javascript://x", ""),
        (
            'See <https://x.y/?a=1&b="> now',
            'See &lt;<a href="https://x.y/?a=1&amp;b=" rel="noopener nofollow"'
            ' target="_blank">https://x.y/?a=1&amp;b=</a>&quot;&gt; now',
        ),
    ],
    ids=["plain", "at", "javascript", "address"],
)
def test_addresses_in_a_title_are_links(title, html):
    assert title_html(title) == html


@pytest.mark.django_db
def test_the_details_have_forms_to_tick_items(user, make_task):
    task = make_task(description="**Shop**\n\n- [ ] milk <b>\n- [x] bread")
    web = web_client(user)

    for headers in ({}, HTMX):
        text = web.get(page_url("task_edit", task), headers=headers).text
        assert "<strong>Shop</strong>" in text
        assert text.count(f'action="{page_url("task_tick", task)}') == 2
        assert 'name="line" value="2"' in text
        assert "milk &lt;b&gt;" in text


@pytest.mark.django_db
def test_titles_have_links_in_lists_and_on_paper(user, make_task):
    make_task(title="Read https://x.y", description="- [ ] **milk**")
    web = web_client(user)

    link = (
        '<a href="https://x.y" rel="noopener nofollow" target="_blank">https://x.y</a>'
    )
    assert link in web.get("/inbox").text
    assert "☐ <strong>milk</strong>" in web.get("/inbox?print=1").text
