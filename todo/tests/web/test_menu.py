"""The menu of a list."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_the_colors_are_chosen_in_the_menu_of_a_list(open_page, site, user, script):
    page = open_page(f"{site}/inbox?q=milk", user, java_script_enabled=script)
    page.locator("summary[aria-label=Menu]").click()
    colors = page.get_by_role("group", name="Colors")
    expect(colors.get_by_role("button")).to_have_text(["Light", "Dark", "System"])

    colors.get_by_role("button", name="Dark").click()

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page).to_have_url(f"{site}/inbox?q=milk")
    page.locator("summary[aria-label=Menu]").click()
    dark = colors.get_by_role("button", name="Dark")
    expect(dark).to_have_attribute("aria-pressed", "true")
