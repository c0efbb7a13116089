import pytest

from aeaug.gan.controllers import RealSign, Watch
from aeaug.gan.schedules import ByRealSign, share_of


def test_the_share_is_what_the_controller_of_that_name_decides():
    watch = Watch()
    share = share_of(ByRealSign(name="r_t", target=0.4, images=1_000), watch, "it")
    assert share(0) == 0
    assert watch.rates == {"it": 0.0}
    watch.load_state_dict({"rates": {"it": 0.3}})
    assert share(10**6) == pytest.approx(0.3)
    assert watch._controllers == {"it": RealSign(target=0.4, images=1_000)}
    assert not watch.judges
