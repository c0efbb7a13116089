"""What everything that replaces images has: a file, an option file, a test, and a place in the options."""

from aeaug.gan.pseudo import PseudoOptions
from tests.gan.views.test_every import stems

NAMES = set(PseudoOptions.model_fields)


def test_each_has_its_files():
    assert stems("conf/gan/pseudo", "*.yaml") == NAMES
    assert stems("src/aeaug/gan/pseudo", "*.py") - {"__init__", "pseudo"} == NAMES
    assert {f"test_{name}" for name in NAMES} <= stems("tests/gan/pseudo", "*.py")
