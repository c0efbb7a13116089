"""A finished run, rebuilt from its folder and measured again exactly as it was measured at its end.

Data, autoencoder and source are built from the recorded config by what built them for training, the generator comes
from the last checkpoint, and seed, threads and device are the run's own. Its folder is only read. Nothing that was kept
is taken for granted: features, floors and all else are computed anew, into a store that is thrown away. An unfinished
run is refused: arms compare at equal work, and its test set is measured once, at the end.
"""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from aeaug.artifacts import ArtifactStore, file_sha256
from aeaug.autoencoder.artifact import KIND, load_autoencoder
from aeaug.classifier import STEPS
from aeaug.data.folder.folder import FOLDER
from aeaug.data.options import OWN
from aeaug.evaluation.assess import assess, curves
from aeaug.evaluation.kept import Kept
from aeaug.evaluation.leading_metric import leading_metric
from aeaug.evaluation.modes import SAMPLES
from aeaug.faults import Fault, one_line
from aeaug.gan import GANModule
from aeaug.options import choice_of
from aeaug.run.again.agreement import agreement, remarks
from aeaug.run.again.evaluation import Evaluation
from aeaug.run.again.options import ReevaluationOptions
from aeaug.run.best import best_of, module_of
from aeaug.run.files import files_of
from aeaug.run.folder.writable import require_writable
from aeaug.run.folders import run_path
from aeaug.run.identity.provenance import versions
from aeaug.run.monitor import STATE_KEY
from aeaug.run.options import RunOptions, parse_options
from aeaug.run.parts import autoencoder_of, data_of, fed_of, source_of, spaces_of_run
from aeaug.run.resumption import untrained
from aeaug.training.checkpoint import read_checkpoint, restore
from aeaug.training.threads import cpu_threads

__all__ = ["FinishedRun"]


class FinishedRun:
    """The run in ``asked.run``, checked and its generator loaded; nothing is measured before :meth:`measure`.

    Of what is asked for besides, ``data.root`` and ``trainer.progress`` count, and of a copy of a run's folder
    ``outputs``, in whose ``artifacts`` its autoencoder is looked for; a run in its place has its own.

    Raises ``ValueError``, in one line, for a folder that holds no finished run, and for one that cannot be measured by
    the same feature net on the same data.
    """

    def __init__(self, asked: ReevaluationOptions) -> None:
        assert asked.run is not None
        self.folder = Path(asked.run)
        self.checkpoint = self.folder / "checkpoints" / "last.ckpt"
        try:
            files = files_of(self.folder)
            self.stored, self.status = files.metrics, files.status
            self._check_finished()
            self.options = self._rebuilt(files.config, asked)
            self.data = data_of(self.options)
            store = ArtifactStore(Path(self.options.outputs) / "artifacts")
            self._nets = spaces_of_run(self.options, self.data, store).nets
            for space, (_, sha256) in self._nets.items():
                self._check_same(f"feature_nets.{space}", sha256, (self.stored.get("feature_nets") or {}).get(space))
            stored = self.stored.get("data") or {}
            self._check_same("data.sha256", self.data.splits.sha256, stored.get("sha256"))
            self._check_same("data.subset_sha256", self.data.subset_sha256, stored.get("subset_sha256"))
            self._generators = self._load()
            self._autoencoder = (self.stored.get("autoencoder") or {}).get("key")
            self._remarks = self._look_for_autoencoder(asked)
        except ValueError as error:
            raise Fault(f"run={self.folder}: {'; '.join(str(error).splitlines())}") from error

    def measure(self) -> Evaluation:
        """What the run measured at its end, once more, and whether it is the same."""
        options, data, artifact = self.options, self.data, None
        trained_on = fed_of(options, data)
        with cpu_threads(options.trainer.threads), tempfile.TemporaryDirectory(prefix="aeaug-") as folder:
            fed, device = options.augmentation.name != "none", torch.device("cpu")
            if (self.status.get("device") or "").startswith("cuda") and torch.cuda.is_available():
                device = torch.device("cuda", 0)  # beside the GAN, as it was
            if fed or options.evaluation.autoencoder:
                artifact = autoencoder_of(options, trained_on, device, self._autoencoder)
            skipped = (self.stored.get("gate") or {}).get("passed") is False  # then nothing was injected
            store = ArtifactStore(Path(folder))
            measured = assess(
                self._generators,
                data,
                self._nets,
                curves(data, self._nets, Kept(store)),
                options.seed,
                store=store,
                best_of=self._of,
                source=source_of(options, artifact, trained_on, self._generators["end"])
                if artifact and not skipped
                else None,
                artifact=artifact,
                fed=trained_on,
                classifier_steps=options.evaluation.classifier_steps,
                draws=options.evaluation.floor_draws,
                mode_samples=len(data.splits.test_images) if options.debug else SAMPLES,
                progress=options.trainer.progress,
            )
        found = agreement(self.stored, measured)
        what, n = {"name": options.name, "variant": options.variant, "seed": options.seed}, len(data.splits.test_images)
        where = {"kind": "run", "path": str(self.folder), "checkpoint_sha256": file_sha256(self.checkpoint)}
        return Evaluation(
            name=f"{options.name}/{options.variant}/seed={options.seed}",
            title=(
                f"{options.name}/{options.variant}, seed {options.seed}, "
                f"trained on {len(trained_on.train_images):,} images of {options.data.name}:\n"
                f"{n:,} generated images against the {n:,} of the test split"
            ),
            columns=_columns(measured["readings"], "spaces"),
            modes=_columns(measured["readings"], "modes"),
            record={
                "measured": where | what,
                "data": self.stored["data"],
                "feature_nets": self.stored["feature_nets"],
                "versions": versions(),
                **measured,
                "agreement": found,
            },
            first={space: leading_metric(n, net.num_features) for space, (net, _) in self._nets.items()},
            remarks=(*remarks(found, self.status.get("versions", {})), *self._remarks),
        )

    def _look_for_autoencoder(self, asked: ReevaluationOptions) -> tuple[str, ...]:
        """Whether the one that the run recorded is there and can be read; if it is gone, a remark on that."""
        if not self._autoencoder:
            return ()
        store = ArtifactStore(Path(self.options.outputs) / "artifacts")
        if (folder := store.find(KIND, self._autoencoder)) is not None:
            load_autoencoder(folder)
            return ()
        try:
            require_writable(store.root, self.options.outputs)
        except Fault:  # on a medium that is read only
            self.options = self.options.model_copy(update={"outputs": asked.outputs})
        return (f"Its autoencoder {self._autoencoder} was not in {store.root} any more, and was trained anew.",)

    def _check_finished(self) -> None:
        if not self.status:
            raise ValueError("status.json is missing; its command rebuilds it")
        state = self.status.get("state")
        if state == "diverged":
            raise ValueError("state=diverged, there is no generator to measure")
        if state != "done":
            raise ValueError(f"state={state}, the run is not finished; its command goes on with it")
        if not self.stored:
            raise ValueError("metrics.json is missing; its command measures it again")
        if "test" in self.stored:
            raise ValueError("an earlier version measured it, by other rules: run it again")
        if not self.stored.get("readings"):
            raise ValueError("evaluation.test=false, it was not measured at its end")
        if not self.checkpoint.is_file():
            raise ValueError(f"no generator, checkpoints/last.ckpt is missing: {self._train_again}")

    def _check_same(self, key: str, here: str, stored: object) -> None:
        if stored != here:
            raise ValueError(f"measured with {key}={stored!s:.12}…, here it is {here:.12}…: numbers would not compare")

    def _rebuilt(self, config: Mapping[str, Any], asked: ReevaluationOptions) -> RunOptions:
        # Runs from before these keys.
        earlier = {"autoencoder": False, "classifier_steps": STEPS, "floor_draws": 20, "test": True}
        evaluation = earlier | (config.get("evaluation") or {})
        budget = {"match": "shown", "extend": None, **(config.get("budget") or {})}
        own = {"evaluation": evaluation, "budget": budget}
        try:
            # A claim is not measured, and one of an earlier version may have no words today.
            options = parse_options({**self._found(config, asked), "claims": [], **own})
        except ValueError as error:
            raise ValueError(f"config.yaml: {error}") from None
        here = self.folder.resolve()
        home = str(here.parents[min(3, len(here.parents) - 1)])
        changes = {
            "outputs": home if run_path(options.model_copy(update={"outputs": home})) == here else asked.outputs,
            "data": options.data if options.data.choice in OWN else options.data.at(asked.data.place),
            "trainer": options.trainer.model_copy(update={"progress": asked.trainer.progress}),
        }
        return options.model_copy(update=changes)

    def _found(self, config: Mapping[str, Any], asked: ReevaluationOptions) -> Mapping[str, Any]:
        """The ``config`` with a user's own images where they are by now, if they were moved, and decoded into the
        ``artifacts`` of the run, or where it is a copy, of the outputs that are asked for."""
        data = config.get("data")
        if not isinstance(data, Mapping) or choice_of(data) not in OWN:
            return config
        changes: dict[str, Any] = {}
        where_it_began = f"{_full(config, str(config.get('outputs')))}/artifacts"
        if data.get("cache") == where_it_began:
            changes["cache"] = self._cache(config, asked)
        if choice_of(data) == FOLDER:
            changes["root"] = root = str(data.get("root")) if asked.root is None else asked.root
            if not Path(root).is_dir():
                root = str(data.get("root"))
                raise ValueError(
                    f"data.root={root}: no such folder any more; data.root=… says where its images are now"
                )
        return {**config, "data": {**data, **changes}}

    def _cache(self, config: Mapping[str, Any], asked: ReevaluationOptions) -> str:
        here = self.folder.resolve()
        places = [path.name for path in here.parents[:3]]
        if places == [str(config.get("variant")), str(config.get("name")), "runs"]:
            home = _full(config, str(here.parents[3]))
            try:
                require_writable(Path(home) / "artifacts", home)
                return f"{home}/artifacts"
            except Fault:  # on a medium that is read only
                pass
        return f"{asked.outputs}/artifacts"

    @property
    def _train_again(self) -> str:
        """The way out of a lost generator; a finished run has no checkpoint from before."""
        lost = f"{self.folder / 'metrics.json'} and the folder {self.checkpoint.parent}"
        return f"delete {lost} and repeat the run's command, which trains it again"

    def _load(self) -> dict[str, GANModule]:
        """The GAN by reading: at its end, from the last checkpoint, and at its best, from the file beside it."""
        checkpoint = read_checkpoint(self.checkpoint, self._train_again)
        end, trial = self._untrained(), self._untrained()
        try:
            restore(checkpoint, end)
        except (RuntimeError, ValueError, KeyError, TypeError) as error:
            raise ValueError(f"checkpoints/last.ckpt is not of this run or this version ({one_line(error)})") from None
        seen, budget = end.images_seen, self.options.images_shown
        if seen != budget:
            raise ValueError(f"checkpoints/last.ckpt is of {seen} images, but budget.images={budget}")
        state = checkpoint["callbacks"].get(STATE_KEY)
        try:
            best = best_of(state, self.checkpoint.with_name("best.ckpt"), trial)
        except ValueError as error:
            raise ValueError(f"checkpoints/{one_line(error)}: {self._train_again}") from None
        assert state is not None
        assert best is not None  # a finished run was read at its end
        self._of = len(state["entries"])
        return {"end": end, "best": module_of(best)}

    def _untrained(self) -> GANModule:
        return untrained(self.options)


def _full(config: Mapping[str, Any], outputs: str) -> str:
    """The outputs of a run in full, where those of the run with this ``config`` are ``outputs``: one in small has a
    folder in them."""
    return outputs.removesuffix("/debug") if config.get("debug") else outputs


def _columns(readings: Mapping[str, Any], key: str) -> dict[str, Any]:
    """What the readings have of ``key``, if anything, by what they are called in the table, a single one where all are
    the same."""
    found = {reading: one[key] for reading, one in readings.items() if key in one}
    if len({json.dumps(one["spaces"]) for one in readings.values()}) == 1:
        return {"generated": found["end"]} if found else {}
    return {f"generated, {reading}": one for reading, one in found.items()}
