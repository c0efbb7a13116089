"""Print how fast the stages are, as a Markdown table: python scripts/benchmark.py [--help].

MNIST is read from the folder that AEAUG_DATA names (default: data), never downloaded; without it the embedded images
serve, and what needs MNIST is skipped. Takes about half an hour, a quarter of it for --only arms and more for --only
sweeps; an otherwise idle machine gives the best numbers.
"""

import argparse
import logging
import os
import sys
import warnings
from collections.abc import Sequence
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

import aeaug.openmp  # noqa: F401  # isort: skip

import hydra
import torch
from omegaconf import OmegaConf

from aeaug.autoencoder.options import PlainOptions
from aeaug.benchmark.suite import ON_ACCELERATOR, PARTS, Suite
from aeaug.benchmark.table import line, machine, markdown
from aeaug.gan.networks import NETWORKS
from aeaug.gan.options import GANOptions
from aeaug.run.options import RunOptions, parse_options
from aeaug.sweep.composition.overrides import CONF
from aeaug.training.machine import check_machine
from aeaug.training.threads import cpu_threads

ARMS = (
    *("none", "append_gaussian", "replace_gaussian", "two_sided_gaussian", "consistency_gaussian"),
    *("append_consistency_gaussian", "replace_consistency_gaussian", "two_sided_consistency_gaussian", "append_hard"),
    *("append_score", "append_manifold", "append_labels"),
    *("diffaugment", "ada", "ada_r_v", "apa", "apa_r_v", "bcr", "lecam", "instance_noise"),
    *("spectral_norm", "dropout", "r3gan", "wgan_gp"),
)
QUICK = {"steps": 2, "pairs": 2, "samples": 200, "draws": 2, "classifier_steps": 20}
QUICK |= {"swept": (640, 20, 20)}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=Path(os.environ.get("AEAUG_DATA", "data")), help="of MNIST")
    parser.add_argument("--threads", type=int, default=1, help="of the CPU (default: 1)")
    parser.add_argument("--only", nargs="+", choices=PARTS, help="some parts alone")
    where = f"where GANs are trained; gpu: {' and '.join(ON_ACCELERATOR)} alone (default: cpu)"
    parser.add_argument("--accelerator", choices=("cpu", "gpu"), default="cpu", help=where)
    parser.add_argument("--gan", choices=NETWORKS, default="mlp", help="default: mlp")
    parser.add_argument("--quick", action="store_true", help="a few steps of everything: to see that it works")
    args = parser.parse_args(arguments)
    if args.threads < 1:
        parser.error(f"--threads={args.threads}: must be at least 1")
    on_gpu = args.accelerator == "gpu"
    parts = args.only or (ON_ACCELERATOR if on_gpu else PARTS)
    if on_gpu and not set(parts) <= set(ON_ACCELERATOR):
        parser.error(f"--only={' '.join(parts)}: with --accelerator=gpu, {' and '.join(ON_ACCELERATOR)} alone")
    try:
        check_machine(args.accelerator, devices=1, strategy="auto")
        composed = _composed(f"gan={args.gan}", "autoencoder=mlp")
        gan = GANOptions.model_validate(composed["gan"])
        steps = {"steps": QUICK["steps"]} if args.quick else {}
        encoder = PlainOptions.model_validate(composed["autoencoder"] | steps)
        arms = {name: _arm(name, args.gan) for name in ARMS} if {"arms", "operations"} & set(parts) else {}
        suite = Suite(args.root, gan, encoder, arms, **(QUICK if args.quick else {}), accelerator=args.accelerator)
    except ValueError as error:
        parser.error(str(error))

    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", ".*does not have many workers.*")
    gpu = f"; gan={args.gan} on one {torch.cuda.get_device_name()}" if on_gpu and torch.cuda.is_available() else ""
    print(machine(args.threads) + gpu, end="\n\n")
    print(markdown([]), flush=True)
    for name in parts:
        print(f"measuring: {name}", file=sys.stderr, flush=True)
        with cpu_threads(args.threads), Path(os.devnull).open("w") as nowhere, redirect_stderr(nowhere):  # bars
            rows = list(getattr(suite, name)())
        print(*map(line, rows), sep="\n", flush=True)  # what is measured stays, whatever happens to the rest


def _arm(name: str, gan: str) -> RunOptions:
    """The options of a run of that arm; what is to be looked up has a number, for nothing is trained to an end."""
    return parse_options(_composed(f"arm={name}", f"gan={gan}", "autoencoder.steps=1", "variant=benchmark"))


def _composed(*overrides: str) -> dict[str, Any]:
    """What a run with these choices is composed of."""
    with hydra.initialize_config_dir(CONF, version_base="1.3"):
        content: Any = OmegaConf.to_container(hydra.compose("train", list(overrides)), resolve=True)
    return dict(content)


if __name__ == "__main__":
    main()
