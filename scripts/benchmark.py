"""Print how fast the stages are, as a Markdown table: python scripts/benchmark.py [--help].

MNIST is read from the folder that AEAUG_DATA names (default: data), never downloaded; without it the embedded images
serve, and what needs MNIST is skipped. Takes about four minutes; an otherwise idle machine gives the best numbers.
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

import yaml

from aeaug.autoencoder.options import AutoencoderOptions
from aeaug.benchmark.suite import PARTS, Suite
from aeaug.benchmark.table import Row, machine, markdown
from aeaug.gan.options import GANOptions
from aeaug.training.threads import cpu_threads

CONF = Path(__file__).parents[1] / "conf"
QUICK = {"steps": 2, "pairs": 2, "samples": 200}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=Path(os.environ.get("AEAUG_DATA", "data")), help="of MNIST")
    parser.add_argument("--threads", type=int, default=1, help="of the CPU (default: 1)")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="some parts alone")
    parser.add_argument("--quick", action="store_true", help="a few steps of everything: to see that it works")
    args = parser.parse_args(arguments)
    if args.threads < 1:
        parser.error(f"--threads={args.threads}: must be at least 1")
    try:
        gan = GANOptions.model_validate(_read("gan/mlp.yaml"))
        steps = {"steps": QUICK["steps"]} if args.quick else {}
        encoder = AutoencoderOptions.model_validate(_read("autoencoder/mlp.yaml") | {"seed": 0} | steps)
        suite = Suite(args.root, gan, encoder, **(QUICK if args.quick else {}))
    except ValueError as error:
        parser.error(str(error))

    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", ".*does not have many workers.*")
    rows: list[Row] = []
    print(machine(args.threads), end="\n\n", flush=True)
    for name in args.only:
        print(f"measuring: {name}", file=sys.stderr, flush=True)
        with cpu_threads(args.threads), Path(os.devnull).open("w") as nowhere, redirect_stderr(nowhere):  # bars
            rows += getattr(suite, name)()
    print(markdown(rows))


def _read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((CONF / name).read_text())
    return content


if __name__ == "__main__":
    main()
