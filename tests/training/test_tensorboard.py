import numpy as np
import pytest
import torch
from google.protobuf import text_format
from PIL import Image
from pydantic import BaseModel
from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.context import RequestContext
from tensorboard.plugins.base_plugin import TBContext
from tensorboard.plugins.custom_scalar.layout_pb2 import Layout
from tensorboard.plugins.hparams import api_pb2, backend_context, get_experiment, list_session_groups
from tensorboard.plugins.hparams.json_format_compat import is_serializable_value
from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig

from aeaug.training.tensorboard import (
    log_classes,
    log_codes,
    log_hparams,
    run_logger,
)
from tests.conftest import options

CORE = {
    "n": 500,
    "frechet_distance": 40.5,
    "precision": 0.8,
    "recall": 0.5,
    "density": 0.9,
    "coverage": 0.7,
    "class_histogram": [0.1] * 10,
    "class_kl": 0.01,
    "modes": 10,
}
NAMES = {"frechet_distance": "FD", "precision": "precision", "recall": "recall", "coverage": "coverage"}
NAMES |= {"class_kl": "class KL", "accuracy_score": "accuracy score", "data_copying": "C_T", "modes": "modes"}
CHARTS = {"Images": {"distance": ["Multiline", ["distance/frechet_distance", "floor/frechet_distance"]]}}


# ---- HPARAMS, read by TensorBoard's own backend


def table(folder):
    """The tab's columns in the order in which it shows them, its metrics, and its lines by run."""
    runs = EventMultiplexer()
    runs.AddRunsFromDirectory(str(folder))
    runs.Reload()
    provider = MultiplexerDataProvider(runs, str(folder))
    backend = backend_context.Context(TBContext(data_provider=provider, logdir=str(folder)))
    everything = {"allowed_statuses": [api_pb2.STATUS_SUCCESS, api_pb2.STATUS_FAILURE, api_pb2.STATUS_UNKNOWN]}
    asked = api_pb2.ListSessionGroupsRequest(**everything, slice_size=100)
    found = get_experiment.Handler(RequestContext(), backend, "", api_pb2.GetExperimentRequest()).run()
    groups = list_session_groups.Handler(RequestContext(), backend, "", asked).run().session_groups
    columns = {info.name: api_pb2.DataType.Name(info.type) for info in found.hparam_infos}
    return columns, [info.display_name for info in found.metric_infos], {group.name: group for group in groups}


def values(group):
    kinds = {key: value.WhichOneof("kind") for key, value in group.hparams.items()}
    return {key: getattr(group.hparams[key], kind) for key, kind in kinds.items()}


def metrics(group):
    return {one.name.tag: one.value for one in group.metric_values}


RUNS = {
    "a": (["arm=append_gaussian", "seed=0", "data.n_train=100"], CORE | {"accuracy_score": None, "data_copying": -1.5}),
    "b": (["arm=append_gaussian", "seed=1", "data.n_train=null"], CORE | {"frechet_distance": 20.25}),
    "c": (["arm=replace_interpolate", "seed=0"], CORE | {"frechet_distance": 80.5}),
    "d": (["arm=none", "seed=12"], {}),
}


@pytest.fixture(scope="module", params=["abcd", "dcba"], ids=["forwards", "backwards"])
def sweep(request, tmp_path_factory):
    """Four runs, the last of which diverged, named so that TensorBoard reads either first."""
    root = tmp_path_factory.mktemp("sweep")
    for name, (overrides, measured) in RUNS.items():
        folder = root / f"{request.param.index(name)}{name}"
        logger = run_logger(folder, None)
        logger.log_metrics({"training/loss_generator": 0.7}, 100)
        logger.finalize("success")  # the end of a training closes it
        unused = ("perturbation", "autoencoder") if "arm=none" in overrides else ()
        log_hparams(logger, options(root, *overrides), measured, NAMES, 400, unused)
        logger.finalize("success")
    columns, shown, groups = table(root)
    return columns, shown, {name.split("/")[0][1]: group for name, group in groups.items()}, root


def test_every_run_has_one_line(sweep):
    _, _, lines, root = sweep
    assert set(lines) == set(RUNS)
    assert all(len(line.sessions) == 1 for line in lines.values())
    assert len({path.parent for path in root.rglob("events.*")}) == len(RUNS), "no folders beside the runs' own"


def test_a_run_is_called_as_its_folder_is_and_leaves_nothing_but_events_there(sweep):
    _, _, _, root = sweep
    assert {path.parent.name[1:] for path in root.rglob("*") if path.is_file()} == set(RUNS)
    assert all(path.name.startswith("events.") for path in root.rglob("*") if path.is_file())


def test_arms_that_differ_in_their_perturbation_alone_are_told_apart(sweep):
    columns, _, lines, _ = sweep
    assert "perturbation.name" in list(columns)[:5]
    assert values(lines["a"])["perturbation.name"] == "gaussian"
    assert values(lines["c"])["perturbation.name"] == "interpolate"
    assert not any(key.startswith(("perturbation.", "autoencoder.")) for key in values(lines["d"])), "it uses none"


def test_arm_and_seed_are_among_the_five_columns_that_are_shown(sweep):
    columns, shown, _, _ = sweep
    assert {"variant", "seed", "data.n_train"} <= set(list(columns)[:5])
    assert shown[:5] == ["FD", "precision", "recall", "coverage", "class KL"]


def test_columns_are_those_of_all_arms_whichever_run_is_read_first(sweep):
    columns, shown, lines, _ = sweep
    assert {"augmentation.ratio", "augmentation.probability", "perturbation.gamma", "perturbation.neighbours"} <= set(
        columns
    )
    assert len(shown) == len(NAMES)
    assert {key for line in lines.values() for key in line.hparams} <= set(columns)
    assert not {"claims", "question", "outputs", "resume", "data.root", "trainer.progress"} & set(columns)


def test_values_keep_their_types(sweep):
    columns, _, lines, _ = sweep
    assert columns["gan.lr_generator"] == columns["seed"] == columns["data.n_train"] == "DATA_TYPE_FLOAT64"
    assert columns["variant"] == "DATA_TYPE_STRING"
    assert columns["evaluation.autoencoder"] == "DATA_TYPE_BOOL"
    first = values(lines["a"])
    assert (first["variant"], first["seed"], first["data.n_train"]) == ("append_gaussian,data.n_train=100", 0.0, 100.0)
    assert type(first["gan.lr_generator"]) is float
    assert type(first["evaluation.autoencoder"]) is bool
    assert values(lines["c"])["augmentation.name"] == "replace"
    assert values(lines["d"])["seed"] == 12.0
    assert "data.n_train" not in values(lines["b"]), "None is an empty cell"
    assert all(is_serializable_value(value) for line in lines.values() for value in line.hparams.values())


def test_metrics_are_those_of_the_test(sweep):
    _, _, lines, _ = sweep
    first = metrics(lines["a"])
    assert first["test/frechet_distance"] == 40.5
    assert first["test/data_copying"] == -1.5
    assert not {"test/accuracy_score", "test/n", "test/class_histogram", "training/loss_generator"} & set(first)
    assert metrics(lines["b"])["test/frechet_distance"] == 20.25


def test_a_run_that_diverged_has_its_line_without_metrics(sweep):
    _, _, lines, _ = sweep
    assert metrics(lines["d"]) == {}
    assert lines["d"].sessions[0].status == api_pb2.STATUS_FAILURE
    assert {lines[name].sessions[0].status for name in "abc"} == {api_pb2.STATUS_SUCCESS}


def test_lists_are_text(tmp_path):
    class Listing(BaseModel):
        seed: int
        gammas: list[float]
        threshold: float | None
        flag: bool | None

    logger = run_logger(tmp_path, None)
    log_hparams(logger, Listing(seed=1, gammas=[0.5, 1.0], threshold=None, flag=True), {"modes": 3}, NAMES)
    columns, _, lines = table(tmp_path)
    assert columns == {
        "seed": "DATA_TYPE_FLOAT64",
        "flag": "DATA_TYPE_BOOL",
        "gammas": "DATA_TYPE_STRING",
        "threshold": "DATA_TYPE_FLOAT64",
    }
    (line,) = lines.values()
    assert values(line) == {"seed": 1.0, "gammas": "[0.5, 1.0]", "flag": True}


# ---- a resumed run


def test_what_was_logged_beyond_the_checkpoint_is_replaced_at_every_resumption(tmp_path):
    """As TensorBoard reads it: what it takes for the first start replaces nothing."""

    def log(resume_at, values):
        logger = run_logger(tmp_path, resume_at)
        for step, value in values.items():
            logger.log_metrics({"loss": value}, step)
        logger.finalize("success")
        runs = EventMultiplexer()
        runs.AddRunsFromDirectory(str(tmp_path))
        runs.Reload()
        (run,) = runs.Runs()
        return [event.step for event in runs.Tensors(run, "loss")]

    assert log(None, {100: 1.0, 200: 2.0, 300: 3.0}) == [100, 200, 300]
    assert log(200, {250: 4.0, 350: 5.0}) == [100, 200, 250, 350]
    assert log(250, {260: 6.0}) == [100, 200, 250, 260]


# ---- pictures, charts, codes


def test_the_layout_is_read_back(tmp_path):
    run_logger(tmp_path, None, CHARTS).finalize("success")
    events = EventAccumulator(str(tmp_path)).Reload()
    (stored,) = events.Tensors("custom_scalars__config__")
    layout = Layout.FromString(stored.tensor_proto.string_val[0])
    assert {c.title: [chart.title for chart in c.chart] for c in layout.category} == {
        title: list(charts) for title, charts in CHARTS.items()
    }


@pytest.mark.parametrize("counts", [[7, 0, 3, 0, 0, 0, 0, 0, 0, 10], [0, 0, 0, 20, 0, 0, 0, 0, 0, 0], [2] * 10])
def test_the_class_histogram_has_a_bar_a_class(tmp_path, counts):
    logger = run_logger(tmp_path, None)
    log_classes(logger.experiment, [count / 20 for count in counts], 20, 300)
    logger.finalize("success")
    (event,) = EventAccumulator(str(tmp_path)).Reload().Histograms("samples/class histogram")
    stored = event.histogram_value
    found = {limit - 0.5: count for limit, count in zip(stored.bucket_limit, stored.bucket, strict=True) if count}
    assert event.step == 300
    assert found == {float(c): count for c, count in enumerate(counts) if count}


CLASSES = [f"class {c}" for c in range(10)]


@pytest.fixture
def sets():
    draw = torch.Generator().manual_seed(0)
    sizes = {"real": 3, "decoded": 2, "generated": 4}
    codes = {kind: torch.randn(n, 5, generator=draw) for kind, n in sizes.items()}
    classes = {kind: torch.randint(10, (n,), generator=draw) for kind, n in sizes.items()}
    images = {kind: torch.full((n, 1, 28, 28), -1.0) for kind, n in sizes.items()}
    images["decoded"][1] = 1.0  # the fifth of all: white
    return codes, classes, images


def test_codes_are_one_embedding_with_class_kind_and_picture(tmp_path, sets):
    codes, classes, images = sets
    logger = run_logger(tmp_path, None)
    log_codes(logger.experiment, codes, classes, images, CLASSES, 400)
    folder = tmp_path
    config = text_format.Parse((folder / "projector_config.pbtxt").read_text(), ProjectorConfig())
    (embedding,) = config.embeddings
    header, *rows = [line.split("\t") for line in (folder / embedding.metadata_path).read_text().splitlines()]
    assert header == ["class", "kind"]
    assert rows == [[CLASSES[c], kind] for kind in codes for c in classes[kind].tolist()]
    vectors = [list(map(float, line.split("\t"))) for line in (folder / embedding.tensor_path).read_text().splitlines()]
    together = torch.cat(list(codes.values()))
    limit = 5e-4 * float(together.abs().max())  # four digits of the largest: the file is text
    torch.testing.assert_close(torch.tensor(vectors), together, rtol=0, atol=limit)
    assert list(embedding.sprite.single_image_dim) == [14, 14]
    sprite = torch.tensor(np.array(Image.open(folder / embedding.sprite.image_path).convert("L")))
    assert sprite.shape == (42, 42)
    tiles = sprite.unfold(0, 14, 14).unfold(1, 14, 14).reshape(9, -1).float()
    assert tiles.mean(1).tolist() == [0.0 if tile == 4 else 255.0 for tile in range(9)]  # dark on light


def test_codes_of_other_kinds_or_counts_than_their_images_are_refused(tmp_path, sets):
    codes, classes, images = sets
    writer = run_logger(tmp_path, None).experiment
    with pytest.raises(ValueError, match=r"codes: .*'decoded': 2.*, but images: \{'real': 3\}"):
        log_codes(writer, codes, classes, {"real": images["real"]}, CLASSES, 0)
    with pytest.raises(ValueError, match=r"codes: .*, but classes: .*'real': 2"):
        log_codes(writer, codes, classes | {"real": classes["real"][:2]}, images, CLASSES, 0)
    assert not list(tmp_path.rglob("*.tsv"))
