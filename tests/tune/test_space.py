import optuna
import pytest

from aeaug.tune.space import Choices, Range, read_space

GOOD = """\
gan.r1_gamma: {low: 0.5, high: 100, log: true}
gan.lr_generator: {low: 1e-4, high: 1e-2}
gan.discriminator_depth: {low: 1, high: 4}
autoencoder.latent_dim: {low: 8, high: 64, step: 8, arms: [append_gaussian]}
gan/loss: [hinge, non_saturating]
gan.spectral_norm: [true, false]
"""

WRONG = [
    ("", "no option in it"),
    ("- a", "no option in it"),
    ("gan.r1_gamma: {low: 1, high: [", "not readable as YAML"),
    ("gan.r1_gamma: 3", "gan.r1_gamma: 3 is no range"),
    ("gan.r1_gamma: {low: 2, high: 1}", "gan.r1_gamma.low=2: must be below high=1"),
    ("gan.r1_gamma: {low: 1, high: 1}", "gan.r1_gamma.low=1: must be below high=1"),
    ("gan.r1_gamma: {low: 0, high: 1, log: true}", "gan.r1_gamma.low=0: must be above 0, for log=true"),
    ("gan.r1_gamma: {low: 1, high: 9, log: true, step: 1}", "gan.r1_gamma.step=1: a logarithm has no steps"),
    ("gan.r1_gamma: {low: 1, high: 9, step: 10}", "gan.r1_gamma.step=10: larger than the range from 1 to 9"),
    ("gan.r1_gamma: {low: 1, high: 9, step: 0}", "gan.r1_gamma.step=0: input should be greater than 0"),
    ("gan.r1_gamma: {low: one, high: 9}", "gan.r1_gamma.low=one: input should be a number"),
    ("gan.r1_gamma: {low: .nan, high: 9}", "gan.r1_gamma.low=nan: input should be a finite number"),
    ("gan.r1_gamma: {low: 1}", "gan.r1_gamma.high: it is missing"),
    ("gan.r1_gamma: {low: 1, hihg: 9, high: 10}", "gan.r1_gamma.hihg=9: no such option; is it high?"),
    ("gan.r1_gamma: {low: 1, high: 10, integer: true}", "gan.r1_gamma.integer: no such option"),
    ("gan/loss: [hinge]", "gan/loss.choices=[hinge]: at least two"),
    ("gan/loss: [hinge, hinge]", "gan/loss.choices=[hinge, hinge]: one of them stands there twice"),
    ("gan/loss: [hinge, [a]]", "gan/loss.choices.1=['a']: a choice is a word"),
    ("gan.lr_generator: [1.0, .inf]", "gan.lr_generator.choices.1=inf: a choice is a word"),
    ("'gan r1': [1, 2]", "gan r1: not the key of an option"),
    ("seed: [1, 2]", "seed: trials that differ in it could not be compared"),
    ("arm: [none, ada]", "arm: trials that differ in it could not be compared"),
    ("data.n_train: [100, 500]", "data.n_train: trials that differ in it could not be compared"),
    ("evaluation.test: [true, false]", "evaluation.test: trials that differ in it could not be compared"),
    ("logger: [csv, tensorboard]", "logger: trials that differ in it could not be compared"),
    ("sweep.per_gpu: [1, 2]", "sweep.per_gpu: trials that differ in it could not be compared"),
    ("autoencoder.seed: [1, 2]", "autoencoder.seed: trials that differ in it could not be compared"),
    ("gan/loss: [hinge, non_saturating]\ngan.loss: [hinge, relativistic]", "gan.loss: gan/loss is the same option"),
    ("gan.r1_gamma: {low: 1, high: 2}\ngan.r1_gamma: {low: 1, high: 3}", "gan.r1_gamma stands there twice, in lines 1"),
    ("gan.r1_gamma: {low: 1, high: 2, low: 1}", "low stands there twice, in lines 1 and 1"),
    ("gan.r1_gamma: {low: 0.5, high: 2.0, step: 0.4}", "gan.r1_gamma.step=0.4: steps from low=0.5 miss high=2; "),
    ("gan.r1_gamma: {low: 0.5, high: 2.0, step: 0.4}", "the nearest that they meet is 2.1"),
    ("gan.discriminator_depth: {low: 1, high: 8, step: 3}", "the nearest that they meet is 7"),
    ("gan.discriminator_depth: {low: 0, high: 14, step: 10}", "the nearest that they meet is 10"),
    ("budget.images: [100, 200]", "budget.images: trials that differ in it could not be compared"),
]


@pytest.mark.parametrize(("text", "says"), WRONG)
def test_what_is_wrong_in_a_space_has_one_line_with_its_file_and_key(tmp_path, monkeypatch, text, says):
    monkeypatch.chdir(tmp_path)  # a long path would be cut
    (tmp_path / "space.yaml").write_text(text)
    with pytest.raises(ValueError, match=r"space\.yaml") as refused:
        read_space("space.yaml")
    (line,) = str(refused.value).splitlines()
    assert says in line


def test_every_line_that_is_wrong_is_said(tmp_path):
    file = tmp_path / "space.yaml"
    file.write_text("seed: [1, 2]\ngan.r1_gamma: {low: 2, high: 1}\ngan/loss: 3\n")
    with pytest.raises(ValueError, match="seed") as refused:
        read_space(str(file))
    assert len(str(refused.value).splitlines()) == 3


def test_a_space_that_is_not_there_names_those_that_are():
    with pytest.raises(ValueError, match=r"tune\.space=nowhere: No such file .*: gan, r1"):
        read_space("nowhere")


def test_values_are_of_the_type_in_the_range_and_on_the_steps_that_the_file_says(tmp_path):
    file = tmp_path / "space.yaml"
    file.write_text(GOOD)
    space = read_space(str(file))
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(0))
    found = [
        {key: one.suggested(key, trial) for key, one in space.items()} for trial in (study.ask() for _ in range(99))
    ]
    assert all(isinstance(one["gan.r1_gamma"], float) and 0.5 <= one["gan.r1_gamma"] <= 100 for one in found)
    assert sum(one["gan.r1_gamma"] < 7.1 for one in found) > 35, "half of them below the middle of the logarithms"
    assert all(1e-4 <= one["gan.lr_generator"] <= 1e-2 for one in found)
    assert {one["gan.discriminator_depth"] for one in found} == {1, 2, 3, 4}
    assert {one["autoencoder.latent_dim"] for one in found} == {*range(8, 65, 8)}
    assert {one["gan/loss"] for one in found} == {"hinge", "non_saturating"}
    assert {one["gan.spectral_norm"] for one in found} == {True, False}
    assert space["autoencoder.latent_dim"].arms == ("append_gaussian",)


@pytest.mark.parametrize("step", [{"low": 0.1, "high": 0.7, "step": 0.1}, {"low": 2, "high": 14, "step": 4}])
def test_the_upper_end_of_steps_is_tried(step):
    space, study = Range(**step), optuna.create_study(sampler=optuna.samplers.RandomSampler(0))
    found = {space.suggested("a", study.ask()) for _ in range(99)}
    assert {step["low"], step["high"]} == {min(found), max(found)}


def test_no_two_parameters_have_the_same_words():
    """A search is the same where they are."""
    several = [
        Range(low=0.1, high=0.3),
        Range(low=0.1, high=0.3000001),
        Range(low=0.1, high=0.3, log=True),
        Range(low=0.1, high=0.3, step=0.1),
        Range(low=1, high=3),
        Range(low=1.0, high=3.0),
        Range(low=1, high=3, arms=("none",)),
        Choices(choices=(1, 2)),
        Choices(choices=(1.0, 2.0)),
        Choices(choices=("1", "2")),
        Choices(choices=(True, None)),
        Choices(choices=("true", "null")),
        Choices(choices=("a, b", "c")),
        Choices(choices=("a", "b, c")),
    ]
    assert len({one.words for one in several}) == len(several)
