import pytest
import torch

from aeaug.data import MNISTDataModule, to_float
from aeaug.data.sets.mnist import MNIST
from aeaug.evaluation import Evaluator, load_feature_nets
from aeaug.evaluation.evaluator import numbers_of
from aeaug.evaluation.final import FinalEvaluator
from aeaug.evaluation.floors import real_samples
from aeaug.evaluation.metric import Measurement, Metric, Reference, Sample
from aeaug.evaluation.metrics import MEASUREMENTS
from aeaug.evaluation.metrics.frechet_gap import FrechetGap

KEYS = {"frechet_distance", "precision", "recall", "density", "coverage", "class_histogram", "class_kl", "modes"}
KEYS |= {"frechet_distance_infinity", "kernel_distance", "classifier_score", "accuracy_score", "confident_share"}
KEYS |= {"frechet_gap", "authenticity", "data_copying", "data_copying_cells"}
KEYS |= {"clipped_density", "clipped_coverage", "vendi_score", "feature_likelihood", "feature_likelihood_gap"}


EVERYWHERE = {"frechet_distance", "kernel_distance"}


@pytest.fixture(scope="module")
def nets():
    return load_feature_nets(MNIST)


@pytest.fixture(scope="module")
def evaluator(embedded, nets):
    splits = embedded.splits
    return FinalEvaluator(to_float(splits.test_images), splits.test_labels, to_float(embedded.train_images), nets)


@pytest.fixture(scope="module")
def images(embedded):
    """1,000 real images at random that are neither tested nor trained on."""
    return to_float(embedded.splits.unseen_images[real_samples(embedded, 1_000)[0]])


@pytest.fixture(scope="module")
def found(evaluator, images):
    return evaluator.evaluate(images)


@pytest.mark.parametrize("fives", [40, 100])
def test_what_stands_beside_the_training_images_has_their_classes_where_one_runs_out(fives, nets, monkeypatch):
    seen, whole = [], Reference

    def watched(*given, **named):
        seen.append(whole(*given, **named))
        return seen[-1]

    monkeypatch.setattr("aeaug.evaluation.final.Reference", watched)
    data = MNISTDataModule("mnist_5k", n_train=1_500)
    data.setup()
    splits = data.splits
    scarce = (splits.test_labels == 5).nonzero().squeeze(1)[fives:]
    kept = torch.ones(len(splits.test_labels), dtype=torch.bool).index_fill(0, scarce, False)
    test, labels = to_float(splits.test_images[kept]), splits.test_labels[kept]
    one = FinalEvaluator(test, labels, to_float(data.train_images), nets, classifier_steps=1)
    for reference in seen:
        beside, train = labels[reference.beside.cpu()].bincount(), data.train_labels[: len(reference.beside)].bincount()
        assert beside.equal(train)
        assert len(reference.beside) == 10 * fives
    gap = FrechetGap(seen[0].train[: 10 * fives], seen[0].features[seen[0].beside])
    found = one.evaluate(test)["classifier"]["frechet_gap"]
    assert found == pytest.approx(gap(seen[0].features), rel=1e-6)


def test_every_metric_is_there_and_two_of_them_in_both_spaces(embedded, nets, images, found):
    assert {space: set(metrics) for space, metrics in found.items()} == {
        "classifier": KEYS,
        "self_supervised": EVERYWHERE,
    }
    assert len({found[space][key] for space in found for key in EVERYWHERE}) == 4
    for space, (net, _) in nets.items():
        curve = Evaluator(to_float(embedded.splits.test_images), net).evaluate(images)
        assert found[space]["frechet_distance"] == curve["frechet_distance"]


def test_a_real_sample_a_copy_and_noise_are_told_apart(embedded, evaluator, found):
    copies = to_float(embedded.train_images[torch.arange(1_000) % 200])
    noise = torch.rand(1_000, 1, 28, 28, generator=torch.Generator().manual_seed(0)) * 2 - 1
    sets = [found, evaluator.evaluate(copies), evaluator.evaluate(noise)]
    real, copy, noise = (one["self_supervised"] for one in sets)
    assert noise["frechet_distance"] > 10 * copy["frechet_distance"] > 20 * real["frechet_distance"]
    real, copy, noise = (one["classifier"] for one in sets)
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


def test_a_balanced_test_split_does_not_bias_the_extrapolation(embedded, evaluator):
    """Of another real sample FD at infinitely many samples is 0, but for chance: about ±16 at 1,000 images."""
    splits = embedded.splits
    found = []
    for seed in range(6):
        drawn = torch.randperm(len(splits.pool_images), generator=torch.Generator().manual_seed(seed))[:1_000]
        images = to_float(splits.pool_images[drawn])
        features = evaluator.features(images)["classifier"]
        sample = Sample(images, features.features.double(), features.logits)
        found.append(evaluator.measures["classifier"]["frechet_infinity"](sample)["frechet_distance_infinity"])
    assert abs(sum(found) / len(found)) < 8


def test_numbers_repeat_and_the_global_stream_is_left_alone(images, evaluator, found):
    torch.manual_seed(5)
    before = torch.get_rng_state()
    assert evaluator.evaluate(images) == found
    assert torch.get_rng_state().equal(before)


def test_files_make_the_whole_and_what_they_declare(images, evaluator, found):
    features = evaluator.features(images)
    for space, measures in evaluator.measures.items():
        sample, merged = Sample(images, features[space].features.double(), features[space].logits), {}
        for name, measure in measures.items():
            measured = measure(sample)
            assert not merged.keys() & measured.keys()
            assert {metric.key for metric in MEASUREMENTS[name].metrics} <= measured.keys()
            merged |= measured
        assert merged == found[space]


def test_metrics_that_share_what_they_compute_measure_as_alone(images, evaluator, found):
    features = evaluator.features(images)["classifier"]
    for name in ("clipped", "prdc"):
        sample = Sample(images, features.features.double(), features.logits)
        alone = numbers_of({name: evaluator.measures["classifier"][name]}, sample)
        assert alone == {key: found["classifier"][key] for key in alone}


def test_another_number_of_images_is_refused(images, evaluator):
    with pytest.raises(ValueError, match="999 of them, but the reference has 1000"):
        evaluator.evaluate(images[:999])


def test_a_metric_that_measures_another_key_than_it_declares_is_named(embedded, nets, monkeypatch):
    metric = Metric("sharpness", "Sharpness", "higher", "natural", 2, "made up", "fidelity")
    wrong = Measurement((metric,), lambda reference: lambda sample: {"sharpnes": 1.0}, over_training=True)
    monkeypatch.setitem(MEASUREMENTS, "sharpness", wrong)
    images = to_float(embedded.splits.val_images[:50])
    with pytest.raises(ValueError, match=r"metrics/sharpness\.py: declares sharpness, but measures sharpnes$"):
        Evaluator(images, nets["classifier"][0]).evaluate(images)


def test_a_metric_that_another_file_measures_is_named(embedded, nets, monkeypatch):
    metric = Metric("sharpness", "Sharpness", "higher", "natural", 2, "made up", "fidelity")
    twice = Measurement(
        (metric,), lambda reference: lambda sample: {"sharpness": 1.0, "frechet_distance": 2.0}, over_training=True
    )
    monkeypatch.setitem(MEASUREMENTS, "sharpness", twice)
    images = to_float(embedded.splits.val_images[:50])
    with pytest.raises(ValueError, match=r"metrics/\w+\.py: it measures frechet_distance, which another file does$"):
        Evaluator(images, nets["classifier"][0]).evaluate(images)
