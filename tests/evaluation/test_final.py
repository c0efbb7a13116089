import pytest
import torch

from aeaug.data import to_float
from aeaug.evaluation import Evaluator, load_feature_net
from aeaug.evaluation.final import FinalEvaluator
from aeaug.evaluation.floors import real_sample
from aeaug.evaluation.metric import Measurement, Metric
from aeaug.evaluation.metrics import MEASUREMENTS

KEYS = {"n", "frechet_distance", "precision", "recall", "density", "coverage", "class_histogram", "class_kl", "modes"}
KEYS |= {"frechet_distance_infinity", "kernel_distance", "classifier_score", "accuracy_score", "confident_share"}
KEYS |= {"frechet_gap", "authenticity", "data_copying", "data_copying_cells"}
KEYS |= {"clipped_density", "clipped_coverage", "vendi_score", "feature_likelihood", "feature_likelihood_gap"}


@pytest.fixture(scope="module")
def net():
    return load_feature_net()[0]


@pytest.fixture(scope="module")
def evaluator(embedded, net):
    splits = embedded.splits
    return FinalEvaluator(to_float(splits.test_images), splits.test_labels, to_float(embedded.train_images), net)


def outside(embedded):
    """1,000 real images at random that are neither tested nor trained on."""
    return to_float(embedded.splits.unseen_images[real_sample(embedded, 1_000)])


def test_every_metric_is_there_and_the_core_is_the_curves(embedded, net, evaluator):
    images = outside(embedded)
    found = evaluator.evaluate(images)
    assert set(found) == KEYS
    core = Evaluator(to_float(embedded.splits.test_images), net).evaluate(images)
    assert {key: found[key] for key in core} == core


def test_a_real_sample_a_copy_and_noise_are_told_apart(embedded, evaluator):
    real = evaluator.evaluate(outside(embedded))
    copy = evaluator.evaluate(to_float(embedded.train_images[torch.arange(1_000) % 200]))
    noise = evaluator.evaluate(torch.rand(1_000, 1, 28, 28, generator=torch.Generator().manual_seed(0)) * 2 - 1)
    assert abs(real["frechet_distance_infinity"]) < 0.5 * real["frechet_distance"]
    assert copy["authenticity"] == 0 < 0.3 < real["authenticity"]
    assert copy["frechet_gap"] < -20 < real["frechet_gap"]
    assert copy["data_copying"] < -5 < real["data_copying"]
    assert real["classifier_score"] > 8 > noise["classifier_score"]
    assert real["accuracy_score"] > 0.93
    assert real["confident_share"] > 0.95
    assert noise["frechet_distance"] > 10 * copy["frechet_distance"] > 10 * real["frechet_distance"]
    assert noise["kernel_distance"] > 100 * copy["kernel_distance"]
    assert copy["kernel_distance"] > 1.5 * abs(real["kernel_distance"])
    assert noise["kernel_distance"] < 100  # features have the scale that the kernel is made for


def test_a_balanced_test_split_does_not_bias_the_extrapolation(embedded, net, evaluator):
    """Of another real sample FD at infinitely many samples is 0, but for chance: about ±16 at 1,000 images."""
    splits = embedded.splits
    found = []
    for seed in range(6):
        drawn = torch.randperm(len(splits.pool_images), generator=torch.Generator().manual_seed(seed))[:1_000]
        sample = evaluator.sample(to_float(splits.pool_images[drawn]))
        found.append(evaluator.measures["frechet_infinity"](sample)["frechet_distance_infinity"])
    assert abs(sum(found) / len(found)) < 8


def test_numbers_repeat_and_the_global_stream_is_left_alone(embedded, evaluator):
    images = outside(embedded)
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first = evaluator.evaluate(images)
    assert torch.get_rng_state().equal(before)
    torch.rand(3)
    assert evaluator.evaluate(images) == first


def test_files_make_the_whole_and_what_they_declare(embedded, evaluator):
    images = outside(embedded)
    sample, merged = evaluator.sample(images), {"n": len(images)}
    for name, measure in evaluator.measures.items():
        measured = measure(sample)
        assert not merged.keys() & measured.keys()
        assert {metric.key for metric in MEASUREMENTS[name].metrics} <= measured.keys()
        merged |= measured
    assert merged == evaluator.evaluate(images)


def test_another_number_of_images_is_refused(embedded, evaluator):
    with pytest.raises(ValueError, match="999 of them, but the reference has 1000"):
        evaluator.evaluate(outside(embedded)[:999])


def test_a_metric_that_measures_another_key_than_it_declares_is_named(embedded, net, monkeypatch):
    metric = Metric("sharpness", "Sharpness", "higher", "natural", 2, "made up", "fidelity")
    wrong = Measurement((metric,), lambda reference: lambda sample: {"sharpnes": 1.0}, over_training=True)
    monkeypatch.setitem(MEASUREMENTS, "sharpness", wrong)
    images = to_float(embedded.splits.val_images[:50])
    with pytest.raises(ValueError, match=r"metrics/sharpness\.py: declares sharpness, but measures sharpnes$"):
        Evaluator(images, net).evaluate(images)
