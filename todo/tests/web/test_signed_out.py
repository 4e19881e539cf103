"""A session that ended changes nothing that is shown, and loses nothing typed."""

import pytest
from playwright.sync_api import expect

from todo.models import Session, Task
from todo.tests.conftest import PASSWORD
from todo.tests.helpers import HTMX
from todo.tests.web.helpers import get_items, get_titles, wait_until_saved

LIST_READS = ["/", "/active?q=milk", "/completed?sort=due_date", "/trash?cursor=x"]
LIST_READS += ["/", "/?q=milk", "/?sort=-created_at", "/?cursor=x"]


@pytest.mark.django_db
@pytest.mark.parametrize("url", LIST_READS)
def test_a_fragment_of_the_list_is_refused_in_a_sentence(client, url):
    response = client.get(url, headers=HTMX)

    assert response.status_code == 401
    assert response["Content-Type"].startswith("text/plain")
    assert response.text.startswith("You are signed out.")


def fill_in_sign_in(page, user):
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()


def sign_in_in_another_tab(page, user):
    with page.context.expect_page() as opened:
        page.locator("#toast").get_by_role("link", name="Sign in").click()
    fill_in_sign_in(opened.value, user)
    expect(opened.value.get_by_label("New task")).to_be_visible()
    opened.value.close()


def end_session(page):
    Session.objects.all().delete()
    page.context.clear_cookies(name="sessionid")


@pytest.fixture
def page(open_page, site, user):
    Task.objects.bulk_create(Task(owner=user, title=f"task {n}") for n in range(60))
    page = open_page(site, user)
    expect(get_titles(page)).to_have_count(50)
    end_session(page)
    return page


def expect_signed_out(page):
    expect(page.locator("#toast")).to_contain_text("You are signed out")
    expect(get_titles(page)).to_have_count(50)
    expect(get_titles(page).first).to_have_text("task 0")


@pytest.mark.browser
def test_a_search_leaves_the_list_and_works_again(page, user):
    page.get_by_label("Search").fill("task 1")
    expect_signed_out(page)
    expect(page.get_by_label("Search")).to_have_value("task 1")
    sign_in_in_another_tab(page, user)

    page.evaluate("window.dispatchEvent(new Event('focus'))")

    expect(get_titles(page)).to_have_count(15)  # all with a 1
    page.get_by_label("Search").fill("task 12")
    expect(get_titles(page)).to_have_text(["task 12"])


@pytest.mark.browser
def test_another_order_leaves_the_list_and_works_again(page, user):
    page.get_by_label("Order").select_option("-created_at")
    expect_signed_out(page)
    sign_in_in_another_tab(page, user)

    page.evaluate("window.dispatchEvent(new Event('focus'))")

    expect(get_titles(page).first).to_have_text("task 59")


@pytest.mark.browser
@pytest.mark.parametrize("way", ["focus", "click", "scroll"])
def test_more_misses_no_rows(page, user, way):
    page.mouse.wheel(0, 20_000)
    expect_signed_out(page)
    sign_in_in_another_tab(page, user)

    if way == "focus":
        page.evaluate("window.dispatchEvent(new Event('focus'))")
    elif way == "click":
        page.get_by_role("link", name="More").click()
    else:
        page.mouse.wheel(0, -20_000)
        page.wait_for_timeout(200)
        page.mouse.wheel(0, 20_000)

    expect(get_titles(page)).to_have_text([f"task {n}" for n in range(60)])


@pytest.mark.browser
def test_a_tick_waits_for_the_next_sign_in(page, user):
    box = get_items(page).first.get_by_role("checkbox")
    box.click()
    expect_signed_out(page)
    expect(box).to_be_checked()
    sign_in_in_another_tab(page, user)

    page.evaluate("window.dispatchEvent(new Event('focus'))")

    wait_until_saved(page)
    assert Task.objects.get(title="task 0").completed_at


@pytest.mark.browser
def test_mark_all_waits_for_the_next_sign_in(page, user):
    page.get_by_label("Mark all as complete").click()
    expect_signed_out(page)
    expect(page.get_by_label("Mark all as complete")).to_be_checked()
    sign_in_in_another_tab(page, user)

    page.evaluate("window.dispatchEvent(new Event('focus'))")

    wait_until_saved(page)
    assert not Task.objects.filter(completed_at=None).exists()


@pytest.mark.browser
def test_a_task_typed_without_script_survives_signing_in(open_page, site, user):
    page = open_page(f"{site}/active", user, java_script_enabled=False)
    end_session(page)
    page.get_by_label("New task").fill("Buy milk")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()

    fill_in_sign_in(page, user)

    assert page.url == f"{site}/active"
    expect(page.get_by_label("New task")).to_have_value("Buy milk")
    page.get_by_role("button", name="Add").click()
    expect(get_titles(page)).to_have_text(["Buy milk"])


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_description_survives_signing_in(open_page, site, user, make_task, script):
    task = make_task(title="Buy milk")
    page = open_page(f"{site}/tasks/{task.pk}", user, java_script_enabled=script)
    end_session(page)
    page.get_by_label("Description").fill("two litres")
    page.get_by_role("button", name="Save").click()

    if script:
        sign_in_in_another_tab(page, user)
    else:
        fill_in_sign_in(page, user)
        expect(page.get_by_label("Description")).to_have_value("two litres")
        page.get_by_role("button", name="Save").click()

    expect(get_titles(page)).to_have_text(["Buy milk"])
    task.refresh_from_db()
    assert task.description == "two litres"


@pytest.mark.browser
def test_a_task_typed_without_script_survives_signing_in_in_another_tab(
    open_page, site, user
):
    page = open_page(site, user, java_script_enabled=False)
    end_session(page)
    tab = page.context.new_page()
    tab.goto(f"{site}/accounts/login/")
    fill_in_sign_in(tab, user)
    page.get_by_label("New task").fill("Buy milk")
    page.get_by_role("button", name="Add").click()

    page.get_by_role("button", name="Send again").click()

    expect(get_titles(page)).to_have_text(["Buy milk"])


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_tab_from_before_a_new_sign_in_signs_out(open_page, site, user, script):
    page = open_page(site, user, java_script_enabled=script)
    end_session(page)
    tab = page.context.new_page()
    tab.goto(f"{site}/accounts/login/")
    fill_in_sign_in(tab, user)

    page.get_by_role("button", name="Sign out").click()
    if not script:
        page.get_by_role("button", name="Send again").click()

    expect(
        page.get_by_role("main").get_by_role("button", name="Sign in")
    ).to_be_visible()
