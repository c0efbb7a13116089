import pytest
from pydantic import ValidationError

from aeaug.run.claims import EQUAL_SECONDS, LEVEL, READINGS, Claim, arm_name, is_named, pairs_needed, read_claims
from aeaug.run.metrics import METRICS
from tests.report.synthetic import CLAIM


def refusal(**changes):
    with pytest.raises(ValueError, match=r"config\.yaml") as error:
        read_claims({"claims": [CLAIM, CLAIM | changes]}, "runs/a/config.yaml")
    message = str(error.value)
    assert message.startswith("runs/a/config.yaml: claims.1")
    assert "\n" not in message
    return message


def test_a_claim_survives_the_way_through_a_config():
    claim = Claim(**CLAIM)
    assert read_claims({"claims": [claim.model_dump()]}, "config.yaml") == (claim,)
    assert (claim.measure, claim.sign) == (METRICS["frechet_distance"], -1)
    assert Claim(**CLAIM | {"direction": "higher"}).sign == 1


def test_no_claims_are_none():
    assert read_claims({}, "config.yaml") == read_claims({"claims": None}, "config.yaml") == ()


def test_claims_are_equal_when_all_their_fields_are():
    assert {Claim(**CLAIM), Claim(**CLAIM)} == {Claim(**CLAIM)}
    assert Claim(**CLAIM) != Claim(**CLAIM | {"smallest_effect": 0.06})
    with pytest.raises(ValidationError):
        Claim(**CLAIM).seeds = 3


def test_an_unknown_metric_is_told_the_known_ones():
    message = refusal(metric="fid")
    assert "metric='fid'" in message
    assert all(key in message for key in METRICS)


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("statement", " ", "statement=' '"),
        ("direction", "better", "direction='better'"),
        ("treatment", "", "treatment=''"),
        ("treatment", "append,data.n_train=100", "treatment='append,data.n_train=100'"),
        ("control", "append", "control='append'"),
        ("smallest_effect", 0, "smallest_effect=0"),
        ("smallest_effect", -0.1, "smallest_effect=-0.1"),
        ("smallest_effect", float("inf"), "smallest_effect=inf"),
        ("smallest_effect", 5, "smallest_effect=5"),
        ("seeds", 0, "seeds=0"),
        ("seeds", 2.5, "seeds=2.5"),
        ("certainty", 0.9, "certainty=0.9"),
    ],
)
def test_what_is_wrong_is_named_with_its_value(key, value, shown):
    assert shown in refusal(**{key: value})


def test_a_missing_key_is_named():
    with pytest.raises(ValueError, match=r"claims\.0\.seeds"):
        read_claims({"claims": [{key: value for key, value in CLAIM.items() if key != "seeds"}]}, "config.yaml")


@pytest.mark.parametrize("claims", ["all is well", {"statement": "one"}, 3])
def test_claims_are_a_list(claims):
    with pytest.raises(ValueError, match=r"^config\.yaml: claims=.*not a list"):
        read_claims({"claims": claims}, "config.yaml")
    with pytest.raises(ValueError, match=r"^config\.yaml: claims\.0="):
        read_claims({"claims": ["one"]}, "config.yaml")


def test_an_effect_above_one_is_one_on_a_natural_scale():
    assert Claim(**CLAIM | {"metric": "modes", "smallest_effect": 2}).smallest_effect == 2


def test_what_a_claim_is_of_is_read_on_its_own_scale():
    plain, at_equal = Claim(**CLAIM), Claim(**CLAIM | {"reading": "equal_seconds"})
    spread = Claim(**CLAIM | {"of": "spread", "smallest_effect": 1.5})
    assert plain.quantity is plain.measure
    assert (at_equal.quantity.label, at_equal.bounds) == ("validation FD at equal processor seconds", plain.bounds)
    assert (spread.quantity.label, spread.bounds) == ("spread of FD", (-1.5, 1.5))
    assert spread.measure is at_equal.measure is plain.measure
    assert not {*READINGS} & {EQUAL_SECONDS}  # no run has a number there


def test_what_a_claim_does_not_say_of_its_test_is_the_default():
    claim = Claim(**CLAIM)
    assert (claim.reading, claim.space, claim.sizes, claim.differs) == ("end", "classifier", None, None)
    assert claim.of == "centre"
    stated = CLAIM | {"sizes": [100, None], "differs": ["augmentation"], "reading": "best", "space": "self_supervised"}
    claim = Claim(**stated)
    assert claim != Claim(**CLAIM)
    assert Claim.model_validate_json(claim.model_dump_json()) == claim
    assert (claim.sizes, claim.differs) == ((100, None), ("augmentation",))


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"reading": "last"}, "reading='last'"),
        ({"space": "inception"}, "claims.space='inception': no feature space 'inception'; there are classifier, "),
        ({"reading": "best", "metric": "seconds_gan"}, "claims.reading=best: seconds_gan is read at the end alone"),
        ({"reading": "best", "metric": "leak_share"}, "claims.reading=best: leak_share is read at the end alone"),
        (
            {"reading": "equal_seconds", "metric": "recall"},
            "claims.reading=equal_seconds: recall in the classifier's features has no curve over training, only ",
        ),
        ({"reading": "equal_seconds", "metric": "seconds_gan"}, "claims.reading=equal_seconds: seconds_gan in"),
        ({"of": "median"}, "of='median'"),
        ({"of": "spread", "metric": "diverged"}, "claims.of=spread: diverged is 0 or 1"),
        ({"of": "spread", "reading": "equal_seconds"}, "claims.of=spread: with claims.reading=equal_seconds every"),
        ({"of": "spread", "reading": "best", "metric": "r_v"}, "claims.reading=best: r_v is read at the end alone"),
        ({"sizes": []}, "claims.sizes=[]"),
        ({"sizes": [100, 100]}, "claims.sizes=[100, 100]: each once"),
        ({"sizes": [5]}, "sizes.0=5"),
        ({"differs": ["seed"]}, "differs.0='seed'"),
        ({"differs": ["gan", "gan"]}, "claims.differs=['gan', 'gan']: each once"),
    ],
)
def test_a_test_that_there_cannot_be_is_refused(changes, shown):
    assert shown in refusal(**changes)


def test_pairs_needed_are_the_fewest_that_can_decide_one_of_so_many_claims():
    assert [pairs_needed(tests) for tests in (1, 2, 6, 12, 25, 102, 103)] == [6, 7, 8, 9, 10, 12, 13]
    for tests in range(1, 200):
        pairs = pairs_needed(tests)
        assert tests * 2 ** (1 - pairs) <= LEVEL < tests * 2 ** (2 - pairs)


@pytest.mark.parametrize(
    ("variant", "arm"),
    [
        ("append_gaussian,data.n_train=100", "append_gaussian"),
        ("append_gaussian", "append_gaussian"),
        ("none,data.n_train=100,gan=dcgan", "none,gan=dcgan"),
        ("data.n_train=100", "default"),
        ("default", "default"),
        ("none,data.name=mnist", "none,data.name=mnist"),
    ],
)
def test_an_arm_is_the_same_at_every_size(variant, arm):
    assert arm_name(variant) == arm


@pytest.mark.parametrize(
    ("variant", "arm", "named"),
    [
        ("none", "none", True),
        ("none,data.n_train=500", "none", True),
        ("append_gaussian,perturbation.gamma=0.1", "append_gaussian", True),
        ("evaluation.floor_draws=2,trainer.precision=bf16-mixed", "trainer.precision=bf16-mixed", True),
        ("append_gaussian", "append_gaussian,perturbation.gamma=0.1", False),
        ("append_gaussian_2", "append_gaussian", False),
        ("trainer.precision=32-true", "trainer.precision=bf16-mixed", False),
    ],
)
def test_a_claim_names_a_variant_by_some_of_its_parts(variant, arm, named):
    assert is_named(variant, arm) is named
