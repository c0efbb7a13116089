import pytest
import torch

from aeaug.augmentation.gates import labels as module
from aeaug.augmentation.gates.labels import LabelsGate, halves
from aeaug.perturbation.reconstruct import Reconstruct


def gate(bar=0.5, steps=60):
    return LabelsGate(name="labels", bar=bar, below="refuse", steps=steps)


class Elsewhere(Reconstruct):
    """Codes of images of the next class."""

    def moved(self, of, codes, generator):
        classes = torch.arange(10).repeat_interleave(20)
        place = codes.labels.argsort(stable=True)
        assert codes.labels[place].equal(classes)
        return codes.z[place.roll(-20)][place.argsort()]


def test_halves_have_of_every_class_as_many_and_nothing_in_common(embedded):
    for seed in range(5):
        for labels in (embedded.train_labels, embedded.train_labels[:37], torch.tensor([3, 3, 5])):
            one, other = halves(labels, seed)
            assert torch.cat([one, other]).sort().values.equal(torch.arange(len(labels)))
            counts = [labels[part].bincount(minlength=10) for part in (one, other)]
            assert (counts[0] - counts[1]).abs().max() <= 1
    assert not halves(embedded.train_labels, 0)[0].equal(halves(embedded.train_labels, 1)[0])


def test_of_perfect_reconstructions_it_is_all_that_the_judge_knows(judged):
    """As long as he knows some of each class, however few they are."""
    found = gate().measured(judged(1.0))
    assert found["value"] == 1
    assert 0.5 < found["real"] < 1


class Constant:
    """Says the same of everything."""

    def __init__(self, *given):
        pass

    def classes(self, images):
        return torch.full((len(images),), 3)


@pytest.mark.parametrize("quality", [1.0, 0.0])
def test_a_judge_who_says_the_same_of_everything_lets_nothing_pass(quality, judged, monkeypatch):
    """He knows a tenth of the images, and all of these keep their class."""
    monkeypatch.setattr(module, "train_classifier", Constant)
    assert gate().measured(judged(quality)) == {"value": pytest.approx(0.1), "real": pytest.approx(0.1)}
    verdict = gate(bar=0.8).verdict(judged(quality))
    assert not verdict["passed"]
    assert "knows 10% of the images themselves" in gate(bar=0.8).said(verdict)


def test_of_images_of_another_class_hardly_one_keeps_its_label(judged, embedded):
    found = gate().measured(judged(1.0, decoded=labelled(judged, embedded)))
    assert found["value"] < 0.2 < found["real"]


def labelled(judged, embedded):
    """A source whose perturbation knows the labels."""
    source = judged(1.0).decoded
    source.codes.labels = embedded.train_labels
    source.perturbation = Elsewhere(name="reconstruct")
    return source


def test_of_black_images_it_is_a_class_at_most_of_each_judge(judged):
    assert gate().measured(judged(0.0))["value"] == pytest.approx(0.1, abs=0.05)


def test_no_judge_has_seen_an_image_that_it_judges_and_both_together_all_of_the_subset(judged, embedded, monkeypatch):
    """A judge that knows the images it was trained on, and nothing else, knows none."""
    seen = []

    class Memory:
        def __init__(self, images, targets):
            self.known = {image.numpy().tobytes(): int(target) for image, target in zip(images, targets, strict=True)}

        def classes(self, images):
            return torch.tensor([self.known.get(image.numpy().tobytes(), -1) for image in images])

    def train(images, targets, *given):
        seen.append(Memory(images, targets))
        return seen[-1]

    monkeypatch.setattr(module, "train_classifier", train)
    assert gate().measured(judged(1.0)) == {"value": 0, "real": 0}
    subset = {image.numpy().tobytes() for image in judged(1.0).decoded.real(torch.arange(200))}
    assert set(seen[0].known) | set(seen[1].known) == subset
    assert not set(seen[0].known) & set(seen[1].known)


def test_it_is_a_function_of_the_seed(judged):
    first, again, other = (gate(steps=5).measured(judged(0.9, seed=seed)) for seed in (0, 0, 1))
    assert first == again
    assert first != other


def test_the_bar_itself_is_passed_and_what_is_below_is_not(judged):
    value = gate(steps=5).measured(judged(0.9))["value"]
    found = gate(value, steps=5).verdict(judged(0.9))
    assert (found["kind"], found["value"], found["bar"], found["passed"]) == ("labels", value, value, True)
    assert not gate(value + 0.001, steps=5).verdict(judged(0.9))["passed"]
