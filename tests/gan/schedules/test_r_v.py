import pytest

from aeaug.gan.controllers import HeldOut, Watch
from aeaug.gan.schedules import ByHeldOut, share_of


def test_the_share_is_what_the_controller_of_that_name_decides():
    watch = Watch()
    share = share_of(ByHeldOut(name="r_v", target=0.4, images=1_000, hold_out=0.1), watch, "it")
    assert share(0) == 0
    watch.load_state_dict({"rates": {"it": 0.3}})
    assert share(10**6) == pytest.approx(0.3)
    assert watch._controllers == {"it": HeldOut(target=0.4, images=1_000)}
    assert watch.judges
