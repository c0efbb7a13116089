"""A finished run, rebuilt from its folder and measured again exactly as it was measured at its end.

Data, autoencoder and source are built from the recorded config by what built them for training, the generator comes
from the last checkpoint, and seed, threads and device are the run's own. Its folder is only read. An unfinished run is
refused: arms compare at equal work, and its test set is measured once, at the end.
"""

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import yaml

from aeaug.artifacts import file_sha256
from aeaug.autoencoder.training import AutoencoderArtifact
from aeaug.data import to_float
from aeaug.evaluation import Evaluator, load_feature_net
from aeaug.evaluation.assess import assess
from aeaug.evaluation.classifier import STEPS
from aeaug.gan import GANModule
from aeaug.run.again.agreement import agreement, remarks
from aeaug.run.again.evaluation import Evaluation
from aeaug.run.folder import run_path, versions
from aeaug.run.options import RunOptions, parse_options
from aeaug.run.parts import autoencoder_of, data_of, source_of
from aeaug.training.threads import cpu_threads

__all__ = ["FinishedRun"]


class FinishedRun:
    """The run in ``folder``, checked and its generator loaded; nothing is measured before :meth:`measure`.

    Args:
        folder: ``<outputs>/runs/<name>/<variant>/seed=<s>``, or a copy of one.
        outputs: in whose ``artifacts`` a copy's autoencoder is looked for; a run in its place has its own outputs.
        data_root: where MNIST's files are here.
        progress: show bars.

    Raises:
        ValueError: in one line, for a folder that holds no finished run, and for one that cannot be measured by the
            same feature net on the same data.
    """

    def __init__(self, folder: Path, outputs: Path, data_root: str, progress: bool = False) -> None:
        self.folder, self.checkpoint = folder, folder / "checkpoints" / "last.ckpt"
        try:
            self.options = self._rebuilt(self._config(), outputs, data_root, progress)
            self.stored, self.status = (self._read(name, json.loads) for name in ("metrics.json", "status.json"))
            self._check_finished()
            self._net, feature_net = load_feature_net()
            self._check_same("feature_net", feature_net, self.stored.get("feature_net"))
            self.data = data_of(self.options)
            stored = self.stored.get("data", {})
            self._check_same("data.sha256", self.data.splits.sha256, stored.get("sha256"))
            self._check_same("data.subset_sha256", self.data.subset_sha256, stored.get("subset_sha256"))
            self._module = self._generator()
        except ValueError as error:
            raise ValueError(f"run={folder}: {'; '.join(str(error).splitlines())}") from None

    def measure(self) -> Evaluation:
        """What the run measured at its end, once more, and whether it is the same."""
        options = self.options
        with cpu_threads(options.trainer.threads):
            artifact, remark = self._autoencoder()
            measured = assess(
                self._module,
                self.data,
                self._net,
                Evaluator(to_float(self.data.splits.val_images), self._net),
                options.seed,
                source=source_of(options, artifact, self.data) if artifact else None,
                artifact=artifact,
                classifier_steps=options.evaluation.classifier_steps,
                progress=options.trainer.progress,
            )
        found = agreement(self.stored, measured)
        run = {"name": options.name, "variant": options.variant, "seed": options.seed}
        checkpoint = {"checkpoint_sha256": file_sha256(self.checkpoint)}
        n, n_train = measured["test"]["n"], len(self.data.train_images)
        return Evaluation(
            name=f"{options.name}/{options.variant}/seed={options.seed}",
            title=(
                f"{options.name}/{options.variant}, seed {options.seed}, trained on {n_train:,} images of "
                f"{options.data.name}:\n{n:,} generated images against the {n:,} of the test split"
            ),
            column="generated",
            record={
                "measured": {"kind": "run", "path": str(self.folder), **run, **checkpoint},
                "data": self.stored["data"],
                "feature_net": self.stored["feature_net"],
                "versions": versions(),
                **measured,
                "agreement": found,
            },
            remarks=(*remarks(found, self.status.get("versions", {})), *remark),
        )

    def _read(self, name: str, parse: Callable[[str], Any]) -> dict[str, Any]:
        """Empty where there is no such file."""
        file = self.folder / name
        try:
            content = parse(file.read_text()) if file.is_file() else {}
        except (ValueError, yaml.YAMLError) as error:
            raise ValueError(f"{name} is not readable ({_one_line(error)})") from None
        if not isinstance(content, dict):
            raise ValueError(f"{name} is not readable (it holds {type(content).__name__}, not keys and values)")
        return content

    def _config(self) -> dict[str, Any]:
        if not self.folder.is_dir():
            raise ValueError("no such folder")
        if config := self._read("config.yaml", yaml.safe_load):
            # Runs from before these keys.
            evaluation = {"autoencoder": False, "classifier_steps": STEPS, **(config.get("evaluation") or {})}
            return {"claims": [], **config, "evaluation": evaluation}
        below = sorted(path.parent for path in self.folder.glob("**/config.yaml"))
        there = f"; there are {len(below)} below it, such as {below[0]}" if below else ""
        raise ValueError(f"this folder is no run (it has no config.yaml){there}")

    def _rebuilt(self, config: dict[str, Any], outputs: Path, data_root: str, progress: bool) -> RunOptions:
        try:
            options = parse_options(config)
        except ValueError as error:
            raise ValueError(f"config.yaml: {error}") from None
        here = self.folder.resolve()
        home = here.parents[min(3, len(here.parents) - 1)]
        if run_path(options.model_copy(update={"outputs": str(home)})) != here:  # a copy, somewhere else
            home = outputs
        data = options.data.model_copy(update={"root": data_root})
        trainer = options.trainer.model_copy(update={"progress": progress})
        return options.model_copy(update={"outputs": str(home), "data": data, "trainer": trainer})

    def _check_finished(self) -> None:
        state = self.status.get("state")
        if state == "diverged":
            raise ValueError("state=diverged, there is no generator to measure")
        if state != "done":
            raise ValueError(f"state={state}, the run is not finished; its command with resume=true goes on with it")

    def _check_same(self, key: str, here: str, stored: object) -> None:
        if stored != here:
            raise ValueError(f"measured with {key}={stored!s:.12}…, here it is {here:.12}…: numbers would not compare")

    def _generator(self) -> GANModule:
        if not self.checkpoint.is_file():
            raise ValueError("no generator, checkpoints/last.ckpt is missing")
        try:
            module = GANModule.load_from_checkpoint(self.checkpoint, map_location="cpu", weights_only=True)
        except (RuntimeError, KeyError, EOFError, OSError, pickle.UnpicklingError) as error:
            raise ValueError(f"checkpoints/last.ckpt is not readable ({_one_line(error):.200})") from None
        seen, budget = module.images_seen, self.options.budget.images
        if seen != budget:
            raise ValueError(f"checkpoints/last.ckpt is of {seen} images, but budget.images={budget}")
        return module

    def _autoencoder(self) -> tuple[AutoencoderArtifact | None, tuple[str, ...]]:
        """The one that the run recorded, on the device it was on; trained anew, and said so, where it is no more."""
        options, device = self.options, torch.device("cpu")
        if options.augmentation.name == "none":
            if not options.evaluation.autoencoder:
                return None, ()
        elif torch.device(self.status.get("device") or "cpu").type == "cuda" and torch.cuda.is_available():
            device = torch.device("cuda", 0)
        key = (self.stored.get("autoencoder") or {}).get("key")
        store = Path(options.outputs) / "artifacts"
        if key is not None and (folder := store / "autoencoder" / key).is_dir():
            artifact = AutoencoderArtifact(folder, self.data.subset_sha256)
            artifact.module.to(device)
            return artifact, ()
        remark = f"Its autoencoder {key} was not in {store} any more, and was trained anew."
        return autoencoder_of(options, self.data, device), (remark,) if key is not None else ()


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
