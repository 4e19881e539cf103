import pytest

from aido import neon


@pytest.mark.parametrize(
    "url, direct",
    [
        (
            "postgresql://u:p@ep-a-b-1-pooler.us-east-2.aws.neon.tech/d?sslmode=require",
            "postgresql://u:p@ep-a-b-1.us-east-2.aws.neon.tech/d?sslmode=require",
        ),
        (
            "postgresql://u:p@ep-a-b-1-pooler.c-2.us-east-2.aws.neon.tech:5432/d",
            "postgresql://u:p@ep-a-b-1.c-2.us-east-2.aws.neon.tech:5432/d",
        ),
        (
            "postgresql://u:p@ep-a-pooler.eu-1.aws.neon.tech./d",
            "postgresql://u:p@ep-a.eu-1.aws.neon.tech./d",
        ),
        (
            "postgresql://u:p@EP-A-POOLER.EU-1.AWS.NEON.TECH/d",
            "postgresql://u:p@EP-A.EU-1.AWS.NEON.TECH/d",
        ),
        (
            "postgresql://u-pooler:x-pooler@ep-a-pooler.eu-1.aws.neon.tech/d-pooler",
            "postgresql://u-pooler:x-pooler@ep-a.eu-1.aws.neon.tech/d-pooler",
        ),
        (
            "postgresql://u:p@ep-a-b-1.us-east-2.aws.neon.tech/d",
            "postgresql://u:p@ep-a-b-1.us-east-2.aws.neon.tech/d",
        ),
        (
            "postgresql://u:p@my-pooler.example.com/d",
            "postgresql://u:p@my-pooler.example.com/d",
        ),
        (
            "postgresql://u:p@ep-a-pooler.neon.tech.example.com/d",
            "postgresql://u:p@ep-a-pooler.neon.tech.example.com/d",
        ),
    ],
    ids=["pooled", "with a port", "trailing dot", "upper case", "-pooler elsewhere",
         "already direct", "another provider", "neon.tech is not the domain"],
)  # fmt: skip
def test_direct_url_removes_only_the_pooler_of_a_neon_host(url, direct):
    assert neon.direct_url(url) == direct


@pytest.mark.parametrize(
    "host, is_neon",
    [
        ("ep-a.us-east-2.aws.neon.tech", True),
        ("ep-a.us-east-2.aws.neon.tech.", True),
        ("EP-A.US-EAST-2.AWS.NEON.TECH", True),
        ("ep-a.neon.tech.example.com", False),
        ("ep-a.notneon.tech", False),
        ("localhost", False),
    ],
)
def test_neon_hosts_are_below_neon_tech(host, is_neon):
    assert neon.is_neon(host) is is_neon


@pytest.mark.parametrize(
    "host, is_pooled",
    [
        ("ep-a-pooler.c-2.us-east-2.aws.neon.tech", True),
        ("ep-a-pooler.c-2.us-east-2.aws.neon.tech.", True),
        ("EP-A-POOLER.US-EAST-2.AWS.NEON.TECH", True),
        ("ep-a.us-east-2.aws.neon.tech", False),
        ("ep-a.c-2-pooler.us-east-2.aws.neon.tech", False),
        ("ep-a-pooler.neon.tech.example.com", False),
    ],
)
def test_pooled_hosts_have_a_first_label_that_ends_in_pooler(host, is_pooled):
    assert neon.is_pooled(host) is is_pooled


@pytest.mark.parametrize(
    "text, masked",
    [
        ("postgresql://u:secret@h/d", "postgresql://u:***@h/d"),
        ("at postgres://u:se@cret/x@h/d!", "at postgres://u:***@h/d!"),
        (
            "postgresql://h/d?user=u&password=secret",
            "postgresql://h/d?user=u&password=***",
        ),
        (
            "postgresql://h/d?sslpassword=secret&sslmode=require",
            "postgresql://h/d?sslpassword=***&sslmode=require",
        ),
        (
            "postgresql://a:secret@h/d and postgresql://b:secret@h/d",
            "postgresql://a:***@h/d and postgresql://b:***@h/d",
        ),
        ("postgresql://h:5432/d", "postgresql://h:5432/d"),
    ],
    ids=["user and password", "special characters", "password parameter",
         "sslpassword parameter", "two URLs", "no password"],
)  # fmt: skip
def test_passwords_in_urls_are_masked(text, masked):
    assert neon.mask(text) == masked
