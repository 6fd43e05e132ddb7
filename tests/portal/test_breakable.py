"""Long addresses break where their parts meet."""

import pytest

from portal.templatetags.palier import breakable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("awa.traore@mail.example", "awa<wbr>.traore@<wbr>mail<wbr>.example"),
        ("+33 6 39 98 44 94", "+33 6 39 98 44 94"),
        ("…@", "…@"),
        ('<b>"@x.fr', "&lt;b&gt;&quot;@<wbr>x<wbr>.fr"),
    ],
)
def test_an_address_breaks_at_its_joints_only_and_stays_escaped(text, shown):
    assert breakable(text) == shown
