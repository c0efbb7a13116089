"""Lightning's own flags, those of ``Trainer``, as this project takes them under ``trainer.…``: which are passed on,
which only ``debug=true`` may have, and which another option decides.

Names and words alone, for the command line is checked by them before Lightning is imported.
"""

__all__ = ["DECIDED", "PASSED", "SHORTENING", "is_flag"]

PASSED = (
    *("profiler", "detect_anomaly", "deterministic", "benchmark", "inference_mode", "sync_batchnorm"),
    "enable_model_summary",
)
"""They make no other run; last digits may change."""

SHORTENING = ("fast_dev_run", "limit_train_batches", "max_steps", "max_time")
"""They cut a training short, whose numbers would be taken for those of a whole one. ``max_steps`` counts those of both
optimizers."""

_BY_HAND = "the GAN steps its optimizers by hand"
_WHOLE = "the validation slice is read whole, by evaluation.every"
DECIDED = {
    **dict.fromkeys(("max_epochs", "min_epochs", "min_steps"), "budget.images decides it"),
    **dict.fromkeys(("accumulate_grad_batches", "gradient_clip_val", "gradient_clip_algorithm"), _BY_HAND),
    **dict.fromkeys(("limit_val_batches", "val_check_interval", "check_val_every_n_epoch"), _WHOLE),
    **dict.fromkeys(("limit_test_batches", "limit_predict_batches", "num_sanity_val_steps"), _WHOLE),
    "log_every_n_steps": "a GAN logs every 200 steps, and once an epoch at least",
    "overfit_batches": "every epoch is drawn anew; data.n_train=… takes few images",
    "num_nodes": "a run is one machine's",
    "logger": "logger=… chooses it",
    "callbacks": "a run has its own",
    "plugins": "a run has its own",
    "enable_checkpointing": "a run keeps its checkpoints, and goes on from them",
    "enable_progress_bar": "trainer.progress decides it",
    "default_root_dir": "outputs decides it",
    "model_registry": "a run keeps its weights in its folder",
    "reload_dataloaders_every_n_epochs": "every epoch is drawn anew as it is",
    "use_distributed_sampler": "the loader gives every process its share",
    "enable_autolog_hparams": "options are logged once a run",
    "barebones": "a run without its readings would have no numbers",
}
"""Why a flag is none of this project's."""


def is_flag(key: str) -> bool:
    """Whether a dotted ``key`` is of a flag that Lightning may be given."""
    return key.startswith("trainer.") and key.removeprefix("trainer.") in (*PASSED, *SHORTENING)
