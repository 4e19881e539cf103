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
    ],
)
def test_the_direct_url_is_that_without_the_pooler(url, direct):
    assert neon.direct_url(url) == direct


def test_only_the_first_label_tells_a_pooled_host():
    assert neon.is_pooled("ep-a-pooler.c-2.us-east-2.aws.neon.tech")
    assert not neon.is_pooled("ep-a.c-2-pooler.us-east-2.aws.neon.tech")
    assert not neon.is_pooled("ep-a-pooler.neon.tech.example.com")


@pytest.mark.parametrize(
    "text, masked",
    [
        ("postgresql://u:secret@h/d", "postgresql://u:***@h/d"),
        ("at postgres://u:se@cret/x@h/d!", "at postgres://u:***@h/d!"),
        (
            "postgresql://h/d?user=u&password=secret",
            "postgresql://h/d?user=u&password=***",
        ),
        ("postgresql://h:5432/d", "postgresql://h:5432/d"),
    ],
)
def test_a_password_is_masked(text, masked):
    assert neon.mask(text) == masked
