"""A finished run, rebuilt from its folder and measured again exactly as it was measured at its end.

Data, autoencoder and source are built from the recorded config by what built them for training, the generator comes
from the last checkpoint, and seed, threads and device are the run's own. Its folder is only read. An unfinished run is
refused: arms compare at equal work, and its test set is measured once, at the end.
"""

import json
import pickle
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
from aeaug.run.again.agreement import compare
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
        self.folder, self._said = folder, f"run={folder}"
        config = self._read_config()
        self.stored, self.status = self._read_record("metrics.json"), self._read_record("status.json")
        self._check_state()
        self.options = self._rebuilt(config, outputs, data_root, progress)
        self._net, feature_net = load_feature_net()
        self._check_same("feature_net", feature_net, self.stored.get("feature_net"))
        self.data = data_of(self.options)
        stored = self.stored.get("data", {})
        self._check_same("data.sha256", self.data.splits.sha256, stored.get("sha256"))
        self._check_same("data.subset_sha256", self.data.subset_sha256, stored.get("subset_sha256"))
        self._module = self._load_generator()
        self._retrained: tuple[str, ...] = ()

    def measure(self) -> Evaluation:
        """What the run measured at its end, once more, and whether it is the same."""
        options = self.options
        with cpu_threads(options.trainer.threads):
            artifact = self._autoencoder()
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
        agreement = compare(self.stored, measured)
        record = {
            "measured": {
                "kind": "run",
                "path": str(self.folder),
                "name": options.name,
                "variant": options.variant,
                "seed": options.seed,
                "checkpoint_sha256": file_sha256(self._checkpoint),
            },
            "data": self.stored["data"],
            "feature_net": self.stored["feature_net"],
            "versions": versions(),
            **measured,
            "agreement": agreement.as_json(),
        }
        n = measured["test"]["n"]
        return Evaluation(
            name=f"{options.name}/{options.variant}/seed={options.seed}",
            title=(
                f"{options.name}/{options.variant}, seed {options.seed}, trained on "
                f"{len(self.data.train_images):,} images of {options.data.name}:\n"
                f"{n:,} generated images against the {n:,} of the test split"
            ),
            column="generated",
            record=record,
            remarks=(*agreement.remarks(self.status.get("versions", {})), *self._retrained),
        )

    def _read_config(self) -> dict[str, Any]:
        if not self.folder.is_dir():
            raise ValueError(f"{self._said}: no such folder")
        file = self.folder / "config.yaml"
        if not file.is_file():
            below = sorted(path.parent for path in self.folder.glob("**/config.yaml"))
            there = f"; there are {len(below)} below it, such as {below[0]}" if below else ""
            raise ValueError(f"{self._said}: this folder is no run (it has no config.yaml){there}")
        try:
            config = yaml.safe_load(file.read_text())
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise ValueError(f"{self._said}: config.yaml is not readable ({_one_line(error)})") from None
        if not isinstance(config, dict):
            raise ValueError(f"{self._said}: config.yaml holds no options")
        return config

    def _read_record(self, name: str) -> dict[str, Any]:
        """Empty where there is no such file."""
        file = self.folder / name
        if not file.is_file():
            return {}
        try:
            record = json.loads(file.read_text())
        except ValueError as error:
            raise ValueError(f"{self._said}: {name} is not readable ({error})") from None
        return record if isinstance(record, dict) else {}

    def _check_state(self) -> None:
        state = self.status.get("state")
        if state == "diverged":
            raise ValueError(f"{self._said}: state=diverged, there is no generator to measure")
        if state != "done":
            raise ValueError(
                f"{self._said}: state={state}, the run is not finished; its command with resume=true goes on with it"
            )
        self._checkpoint = self.folder / "checkpoints" / "last.ckpt"
        if not self._checkpoint.is_file():
            raise ValueError(f"{self._said}: no generator, checkpoints/last.ckpt is missing")

    def _rebuilt(self, config: dict[str, Any], outputs: Path, data_root: str, progress: bool) -> RunOptions:
        # Runs from before these keys.
        config = {
            "claims": [],
            **config,
            "evaluation": {"autoencoder": False, "classifier_steps": STEPS, **(config.get("evaluation") or {})},
        }
        try:
            options = parse_options(config)
        except ValueError as error:
            raise ValueError(f"{self._said}: config.yaml: {'; '.join(str(error).splitlines())}") from None
        here = self.folder.resolve()
        home = here.parents[3] if len(here.parents) > 3 else outputs
        if run_path(options.model_copy(update={"outputs": str(home)})) != here:  # a copy, somewhere else
            home = outputs
        return options.model_copy(
            update={
                "outputs": str(home),
                "data": options.data.model_copy(update={"root": data_root}),
                "trainer": options.trainer.model_copy(update={"progress": progress}),
            }
        )

    def _check_same(self, key: str, here: str, stored: object) -> None:
        if stored != here:
            raise ValueError(
                f"{self._said}: measured with {key}={stored!s:.12}…, here it is {here:.12}…: numbers would not compare"
            )

    def _load_generator(self) -> GANModule:
        try:
            module = GANModule.load_from_checkpoint(self._checkpoint, map_location="cpu", weights_only=True)
        except (RuntimeError, KeyError, EOFError, OSError, pickle.UnpicklingError) as error:
            raise ValueError(f"{self._said}: checkpoints/last.ckpt is not readable ({_one_line(error):.200})") from None
        if module.images_seen != self.options.budget.images:
            raise ValueError(
                f"{self._said}: checkpoints/last.ckpt is of {module.images_seen} images, "
                f"but budget.images={self.options.budget.images}"
            )
        return module

    def _autoencoder(self) -> AutoencoderArtifact | None:
        """The run's, on the device it was on; trained anew, and said so, where it is no more."""
        options = self.options
        key = (self.stored.get("autoencoder") or {}).get("key")
        store = Path(options.outputs) / "artifacts"
        if key is not None and not (store / "autoencoder" / key).is_dir():
            self._retrained = (f"Its autoencoder {key} was not in {store} any more, and was trained anew.",)
        if options.augmentation.name == "none":
            device = torch.device("cpu")
            return autoencoder_of(options, self.data, device) if options.evaluation.autoencoder else None
        recorded = torch.device(self.status.get("device") or "cpu")
        on_gpu = recorded.type == "cuda" and torch.cuda.is_available()
        return autoencoder_of(options, self.data, torch.device("cuda", 0) if on_gpu else torch.device("cpu"))


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
