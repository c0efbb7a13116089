"""What is composed once is what Hydra composes, whoever changes a copy of it, and is of the folder it was found in."""

import hydra
import pytest
from omegaconf import OmegaConf

from aeaug.sweep.composition.once import composition, fresh
from aeaug.sweep.composition.overrides import CONF


@pytest.fixture
def here():
    with hydra.initialize_config_dir(CONF, version_base="1.3"):
        yield


@pytest.mark.usefixtures("here")
def test_it_is_what_hydra_composes():
    given = ["arm=append_gaussian", "gan=dcgan", "gan/penalty=[lecam]"]
    config = hydra.compose("train", given, return_hydra_config=True)
    whole = OmegaConf.to_container(config, resolve=False)
    assert OmegaConf.to_container(fresh("train", given, hydra=True), resolve=False) == whole
    choices = whole.pop("hydra")["runtime"]["choices"]
    assert OmegaConf.to_container(fresh("train", given), resolve=False) == whole
    assert composition("train", given) == ({key.replace("/", "."): one for key, one in choices.items()}, whole)
    assert composition("train", given)[0]["gan"] == "dcgan"


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("own", [True, False])
def test_a_copy_may_be_changed_and_no_other_is(own):
    one, before = fresh("train", ["arm=none"], hydra=own), fresh("train", ["arm=none"], hydra=own)
    one.seed = 77
    one.gan.lr_generator = 0.5
    assert fresh("train", ["arm=none"], hydra=own) == before != one
    assert composition("train", ["arm=none"])[1]["seed"] == before.seed


@pytest.mark.usefixtures("here")
def test_a_copy_takes_no_key_that_there_is_not():
    with pytest.raises(Exception, match="sead"):
        fresh("train", ["arm=none"]).sead = 1


def test_an_option_file_of_that_name_elsewhere_is_another(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine.yaml").write_text(f"word: {name}\n")
        with hydra.initialize_config_dir(str(tmp_path / name), version_base="1.3"):
            assert fresh("mine", []) == {"word": name}
            assert composition("mine", [])[1] == {"word": name}
