"""The example in CONTRIBUTING.md does what it says: in a copy of the project it is written, tested and trained with."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.conftest import REPOSITORY, tiny

TEXT = (REPOSITORY / "CONTRIBUTING.md").read_text()
BLOCKS = dict(re.findall(r"^`([\w/.]+)`:\n\n(```(?:python|yaml|diff)\n.*?)```$", TEXT, re.MULTILINE | re.DOTALL))
PROGRAM = """
import sys
import pytest
import torch
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf
from aeaug.run.options import parse_options
from aeaug.run.pipeline import Run
from aeaug.sweep.composition.overrides import CONF

flags = ["-q", "-o", "addopts=", "-p", "no:cacheprovider", "-p", "no:xdist", "-k", "shrink"]
tested = pytest.main([*flags, "tests/perturbation"])
assert tested == pytest.ExitCode.OK, tested
from aeaug.perturbation import LatentCodes
from aeaug.perturbation.shrink import shrink
from aeaug.signs.of_codes import OF_CODES
(sign,) = (one for one in OF_CODES if one.perturbation == "shrink")
z = torch.randn(50, 4, generator=torch.Generator().manual_seed(0))
seen = [sign.number(z.numpy(), shrink(z, z.mean(0), share).numpy(), LatentCodes(z)) for share in (0.5, 0.0)]
assert seen[0] > seen[1] == 0, seen
with initialize_config_dir(CONF, version_base="1.3"):
    config = compose("train", sys.argv[1:])
Run(parse_options(OmegaConf.to_container(config, resolve=True))).run()
"""


@pytest.fixture
def project(tmp_path):
    """A copy of what the example is written into."""
    for name in ("src", "conf", "tests"):
        shutil.copytree(REPOSITORY / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path, block in BLOCKS.items():
        kind, content = block.removeprefix("```").split("\n", 1)
        file = tmp_path / path
        if kind != "diff":
            assert not file.exists()
            file.write_text(content)
            continue
        text, after = file.read_text(), ""
        for line in content.splitlines():
            if line.startswith("+"):
                text = text.replace(f"{after}\n", f"{after}\n{line[1:]}\n", 1)
            else:
                after = line[1:]
                assert text.count(f"{after}\n") == 1
        file.write_text(text)
    return tmp_path


def test_the_example_is_tested_and_trained_with(project):
    assert len(BLOCKS) == 6
    # Of all that the copy has, so that the package is imported from there.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (project / "src", project)))}
    given = [*tiny("arm=append_shrink", "evaluation.test=false"), "variant=it", f"outputs={project / 'outputs'}"]
    command = [sys.executable, "-c", PROGRAM, *given]
    ended = subprocess.run(command, env=environment, cwd=project, capture_output=True, text=True, timeout=240)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "4 passed" in ended.stdout
    assert (project / "outputs" / "runs" / "adhoc" / "it" / "seed=0" / "metrics.json").is_file()
