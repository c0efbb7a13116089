"""Write docs/strategies.md: every strategy, rival and control, from its option file and the docstring of its module.

python scripts/strategies.py
"""

import ast
import csv
import re
from collections.abc import Iterator
from pathlib import Path
from runpy import run_path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
CONF, PACKAGE, TARGET = ROOT / "conf", ROOT / "src" / "aeaug", ROOT / "docs" / "strategies.md"
SIGNS = ROOT / "docs" / "results" / "signs.csv"
SHARED = CONF / "experiment" / "signs.yaml"  # what the other experiments of signs begin with
PROTOTYPED = ROOT / "docs" / "results" / "prototype.md"

as_markdown = run_path(str(ROOT / "docs" / "docstrings.py"))["as_markdown"]

# Title, group of options, folder of modules that have the group's names.
GROUPS = (
    ("Autoencoders", "autoencoder", "autoencoder/objectives"),
    ("Perturbations of codes", "perturbation", "perturbation"),
    ("Injections", "augmentation", "augmentation"),
    ("Sources of what is injected, and controls", "source", "augmentation/sources"),
    ("Filters of synthetic images", "filter", "augmentation/filters"),
    ("Gates: is the autoencoder good enough?", "gate", "augmentation/gates"),
    ("Schedules of an injection's rate, or weight", "schedule", "augmentation/schedules"),
    ("Schedules of the weight of R1", "gan/r1_schedule", None),
    ("Schedules of the weights of other penalties", "gan/penalty_schedule", None),
    ("Views of the discriminator", "gan/view", "gan/views"),
    ("Schedules of the rates of views", "gan/view_schedule", None),
    ("Penalties on the discriminator, beside R1", "gan/penalty", "gan/penalties"),
    ("The generator's images among the real ones", "gan/pseudo", "gan/pseudo"),
    ("Schedules of their rate", "gan/pseudo_schedule", None),
    ("Losses", "gan/loss", "gan/losses"),
    ("Pairs of networks", "gan", "gan/networks"),
)
# What autoencoders are trained for, where that has another name than they.
OBJECTIVES = {"conv_vae": "vae", "article": "plain", "mlp": "plain", "conv": "plain"}
CLOSED_FORM = ("pca", "identity")
BY_ITSELF = {  # keys of the GAN's that are no group, and where they are described
    "The discriminator's layers": ("`gan.spectral_norm=true`, `gan.dropout=0.3`", "gan/regularised.py"),
    "R1, which every arm has": ("`gan.r1_gamma`, `gan.r1_every`, `gan.r1_on`", "gan/penalties/r1.py"),
}
DOUBTS = """What was not seen, and what was seen for another reason (`python scripts/signs_of_life.py --why`, and for
minimax `python scripts/train.py -m experiment=signs_trained arm=none gan/loss=minimax gan.r1_gamma=0`):

- **Autoencoders.** With 500 images 32 principal components return unseen ones with less squared error than `mlp`
  does, which is trained for cross-entropy; a GAN's images are farther off with them all the same ([claim
  14](results/ledger.md#claim-14)). The codes of `rae` are larger than those of `mlp`, not smaller: a spectrally
  normalised decoder may need them so, and at weight 0.001 their penalty does not outweigh it. It does at weight 0.1,
  after as many steps: mean square 473, 99, 13 and 0.3 at weights 0.001, 0.01, 0.1 and 1 (means of three subsets),
  where `mlp` has 38; unseen images come back with 23%, 22%, 51% and 91% of the mean image's error, by `mlp` with 31%.
  So the penalty does what it says, at a price. Over a step as long as its codes are wide the decoder is smoother at any
  of them. Draws of `conv_vae`'s prior are closer to images than those of a Gaussian as wide as `conv`'s codes on two
  subsets and farther on one; after 500 steps that nobody had tuned they were farther on all three.
- `consistency_gaussian` and `bcr` at their default weight 10 close the gap because their discriminators say the same
  of everything: beside R1 with weight 1 these GANs have hardly begun at this budget (FD 9,000 to 10,800, where `none`
  has 2,600 to 3,300). It is the weight and the budget: with weight 1 they have FD 2,200 to 2,380 and 2,510 to
  2,810, and the gap is still smaller. Larger budgets are **not measured** here.
- **r_t** of a reading is of raw training images at a single moment. What a controller goes by, as its authors' does,
  is of images as the discriminator sees them, over four batches: its own. Where it has the means, that is held: after
  128,000 images its means over epochs are 0.58 to 0.61 with `ada`, 0.56 to 0.61 with R1 of weight 100 and
  `gan/r1_schedule=r_t`, and 0.61 to 0.73 with `apa`, which is at its clamp 0.8 by then. Of raw images r_t is higher
  with `ada` than without, 0.86 to 0.92 where `none` has 0.74, 0.85 and 0.75, while p stays at 0.02 to 0.06: at p =
  0.03 or 0.04 some transform changes 17% to 23% of the images, and that is enough for the discriminator to call fewer
  of those real. `append_gaussian_r_t` is at its upper clamp, ratio 1, before half of the budget is spent, and its own
  r_t is 0.77 to 0.85: decoded images are no means to lower it (FD is lower, 1,212 to 1,535, where `none` has 2,072 to
  2,507). After 76,800 images too few were shown to say whether r_t is held. `gan/view=geometric` with
  `gan/view_schedule=r_t` is the same thing as `ada`, and so is what is seen of it: its own r_t is 0.58 to 0.61, p 0.02
  to 0.05 of at most 0.8. `gan/pseudo=generated` with `gan/pseudo_schedule=r_t` is `apa`: the share is at its clamp, and
  its own r_t 0.62 to 0.77.
- **r_v.** The three controllers of images raise their rate while r_v is above 0.5. With `ada_r_v` that is enough: its
  own r_v, of the images that it holds out, is 0.41 to 0.67 (means over epochs), and the rate goes up and down. That
  it does not go by the readings' r_v from one to the next on two subsets is no wonder with ten held-out images: at
  the end theirs has a standard error of 0.14 to 0.19, and was 0.39, 0.62 and 0.48 where the validation slice's was
  0.64, 0.56 and 0.63. With `append_gaussian_r_v` and `apa_r_v` the rate comes to its clamp halfway, and r_v stays at
  1 as without it, or above: neither keeps a discriminator from knowing 90 images by heart.
- **minimax** does not saturate here: beside R1 the discriminator is no surer of fakes than with `none`, and the first
  FD is lower on all three subsets. Nor does it without R1: the first FD is 10,666, 10,795 and 9,943, that of `none`
  9,631, 10,845 and 10,059. This discriminator is not sure of fakes early enough for the source's case.
- **least_squares**: the mean logit leaves its labels in single readings (-3.07 in one of subset 9002), and its
  generator is slower than others, which on subset 9000 is a hundredth short of the factor that was asked for.
- **wgan_gp**: at the end the mean slope is 1.20, 1.31 and 1.16, above 1, and on subset 9001 a little beyond what was
  asked for.
- **gan=resnet** learns faster than the first reading comes: on subset 9002 it has FD 3,114 by then. It is best at the
  third, 1,394, 1,387 and 1,203, and overfits from then on (r_v 0.9 to 1.3), with the weight 1 of R1 that all have here.
- **Rates that follow the discriminator.** By `gan/view_schedule=r_v` the view's p goes up and down, between 0.3 and
  0.8, and holds its own r_v at 0.36 to 0.63; by `gan/pseudo_schedule=r_v` that of the generator's images is at its
  clamp, 0.8, halfway, and its own r_v at 0.7 to 1.0: with p at 0.8 from the first image on the readings' r_v is lower.
- **Weights that follow the discriminator.** With `gan/r1_schedule=r_t` and `gan.r1_gamma=100` the weight stays at 0.2
  to 0.4 of that, and r_t at 0.69 to 0.76, where all of it all the time has 0.17 to 0.32; from one reading to the next
  it goes by the signal of its batches, and not by single readings of r_t. That of LeCam comes to its clamp, and holds
  r_t on two subsets. By r_v both come to their clamp halfway, and r_v stays at 0.6 to 1.2, farther from 0.5 than with
  the whole weight from the first image on (R1: 0.2 to 0.5 in most readings): what a discriminator has learnt by heart
  while the weight rose, it keeps.
- **gan.discriminator_steps=5**: the steps are as many as they should be; with a fifth of the generator's, wgan_gp's
  critic is no further ahead on two subsets of three.
- **gan=dcgan** falls to 0.42 to 0.55 of its first FD, a little short of half on two subsets; **gan=article**, with the
  learning rates and without the R1 of a listing, has hardly begun after 76,800 images (0.63 to 0.85 of its first FD,
  and few classes).
- **perturbation.within=class** of `extrapolate`: codes that move away from a neighbour stay with their class either
  way, 0 of 1,000 by any neighbour, 0 to 12 by one of the class.
- **gan.r1_on=real**: decoded images lie near the real ones, and what R1 smooths there it smooths here: without their
  own penalty the squared slope at them is 2% to 8% higher, and the gap to generated ones is no larger.
- **Doses** of `noise`, `blur` and `shift` were first found by one draw of each image; of 100 images that varies by 3%
  to 4% (its standard deviation), and on fresh draws each control was more than 5% off on one subset of three, by up to
  8%. By 4,000 draws, as now, they are off by at most 2%.
- `two_sided_noise`: noise of decoding's dose in three of ten images, real and generated alike, draws raw ones no
  closer, where `instance_noise`, of a standard deviation of 0.5 in all of them at first, does.
- Of decoded pixels a fifth are -1, where the sigmoid comes to its end in float32; of rounded ones three quarters.
- The instrument for the hull was mended after a first look: it had counted points on an edge, which interpolate and
  mixup make, as outside where rounding put them there.
- Arms of `signs` that came later (hard codes, filters, schedules, weight 1) ran with later code; `none`, `lecam`,
  `r3gan`, `spectral_norm` and `wgan_gp` were run again for `signs_trained`, and what both have is the same to the
  last digit.
"""
PROTOTYPE = """## The order of a prototype

A prototype of other networks, 500 images, no R1, 4,000 steps of 64 images, had FD of about 700 without augmentation,
630 with `append_reconstruct`, 325 to 390 with `append_gaussian`, 190 with consistency at weight 10 and 190 with
translation. Here, with `gan=mlp`, as many images and steps, three tuning subsets of `mnist_5k` and validation FD
(`python scripts/train.py -m experiment=prototype`, the same with `arm=diffaugment gan.view.diffaugment.cutout=0`,
translation alone, and `python scripts/validation_table.py prototype`; 2026-11-27 and 30, where runs of `none` made
again had the same FD):

{table}

- **Without R1** the order is the prototype's: reconstructed images change little, perturbed ones help much, and
  translation of both kinds of images most; cutout beside it, DiffAugment's default, takes some of that back;
  `two_sided` lies between. `consistency` is the exception: on one subset of three it is about as good as translation
  (1,029), and on the other two its GAN does not learn. All are several times farther from real images than the
  prototype's, whose networks and feature net were others.
- **With R1**, at the weight that suits `none`, nothing of this is left: `none` is eight times better than without,
  better than every arm without R1, and beside R1 every arm is worse in the mean, all but `append_reconstruct` in each
  of the three subsets. What the injections brought was what R1 brings, and at this weight they cost something. Their
  own best weights may be others ([tuning.md](tuning.md#an-arm-that-appends-decoded-images)), which is not what was
  asked here.
"""
HEAD = """# Strategies, rivals and controls

By `python scripts/strategies.py`, from the option files and the sources: do not edit. A name is chosen by `group=name`,
several views or penalties by a list, `gan/penalty=[r2,lecam]`; an option by its dotted key, `perturbation.gamma=1.0`.
"""


def text() -> str:
    """The whole page."""
    parts = [*_arms(), *_signs(), *(line for group in GROUPS for line in _group(*group)), *_by_itself()]
    return "\n".join([HEAD, *parts])


def _arms() -> Iterator[str]:
    yield "## Arms\n"
    yield "One name for what tells an arm from the others, `arm=name`; whatever else is chosen is the same for all.\n"
    yield "| arm | chooses | |\n| --- | --- | --- |"
    for file in sorted((CONF / "arm").glob("*.yaml")):
        content = yaml.safe_load(file.read_text())
        chosen = {
            key.removeprefix("override /"): value for one in content.pop("defaults") for key, value in one.items()
        }
        given = [f"{key}={_typed(value)}" for key, value in (*chosen.items(), *_flat(content))]
        yield f"| `{file.stem}` | {' '.join(f'`{one}`' for one in given)} | {_comment(file).strip()} |"
    yield ""


def _signs() -> Iterator[str]:
    """What was measured of what each is to do, from the table that ``scripts/signs_of_life.py`` keeps."""
    with SIGNS.open(newline="") as file:
        rows = list(csv.DictReader(file))
    subsets = [key.removeprefix("subset ") for key in rows[0] if key.startswith("subset ")]
    yield "## Signs of life\n"
    yield (
        f"Does each do what its source says? On subsets {', '.join(subsets)} of `mnist_5k`, with weight 1 of R1 where "
        "no other is named; what is to be seen was written into `aeaug.signs` before it was measured. These are signs "
        "that a thing works as it is meant to, on three pairs, and no verdicts on what it is good for. A choice is "
        "called as the folder of its run, a comma for a space and `gan_` for `gan/`. D is the discriminator, r_t the "
        "mean sign of D on training images, r_v where validation images lie between training ones (0) and generated "
        "ones (1) by D, the leak share how many generated images a small classifier takes for decoded ones (in "
        "`signs` those of the test, else 1,000 others), dose the mean squared change of an image, over that of "
        "decoding ([more of them](evaluation.md)). `python scripts/signs_of_life.py` makes the tables of the runs of "
        "these commands:\n"
    )
    for experiment in dict.fromkeys(row["experiment"] for row in rows):
        yield _measured_by(experiment)
        yield "| choice | to be seen | on the three subsets | wanted | seen |\n| --- | --- | --- | --- | ---: |"
        yield from (_sign(row, subsets) for row in rows if row["experiment"] == experiment)
        yield ""
    yield DOUBTS
    yield PROTOTYPE.format(table=PROTOTYPED.read_text().strip())


def _sign(row: dict[str, str], subsets: list[str]) -> str:
    values, others = (
        ", ".join(f"{float(row[f'{name} {one}']):.3g}" for one in subsets) for name in ("subset", "other")
    )
    than = row["than"] if row["than"].replace(".", "").replace("e-", "").isdigit() else f"`{row['than']}`: {others}"
    return f"| `{row['choice']}` | {row['what']} | {values} | {row['wanted']} than {than} | {row['seen']} |"


def _measured_by(experiment: str) -> str:
    """The commands, as the experiment's file lists them."""
    if not experiment:
        of = "of autoencoders of 500 images, by themselves and for gates, of 100 for codes and sources"
        return f"**Without runs**, {of}: `python scripts/signs_of_life.py`\n"
    file = CONF / "experiment" / f"{experiment}.yaml"
    budget = yaml.safe_load(file.read_text()).get("budget") or yaml.safe_load(SHARED.read_text())["budget"]
    comment = "\n".join(line.removeprefix("# ") for line in file.read_text().splitlines() if line.startswith("# "))
    more = re.findall(r"^ {5,}(\S*=.*)$", comment, re.MULTILINE)
    also = "; the same with " + ", ".join(f"`{one}`" for one in more) if more else ""
    command = f"python scripts/train.py -m experiment={experiment}"
    return f"**100 images, {budget['images']:,} shown**: `{command}`{also}\n"


def _flat(content: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in content.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _typed(value: Any) -> str:
    return f"[{','.join(value)}]" if isinstance(value, list) else str(value).lower()


def _by_itself() -> Iterator[str]:
    for title, (keys, file) in BY_ITSELF.items():
        yield f"## {title}\n\n### {keys}\n"
        yield _docstring(PACKAGE / file)


def _group(title: str, group: str, folder: str | None) -> Iterator[str]:
    yield f"## {title}\n"
    for file in sorted((CONF / group).glob("*.yaml")):
        yield f"### `{group}={file.stem}`\n"
        if folder is None or group in ("autoencoder", "gan"):  # what its networks are, before what they are trained for
            yield _comment(file)
        if folder is not None:
            yield _docstring(_module(folder, file.stem))
        if options := _options(file):
            yield f"```\n{options}\n```\n"


def _module(folder: str, name: str) -> Path:
    if name == "auto":  # no injection: what it stands for is looked up
        return PACKAGE / "run" / "recommended.py"
    if name in CLOSED_FORM:
        return PACKAGE / "autoencoder" / "closed_form.py"
    if folder == "autoencoder/objectives":
        name = OBJECTIVES.get(name, name)
    rooms = (folder, f"gan/{Path(folder).name}", Path(folder).name)  # what others have, too, is not an augmentation's
    return next(file for room in rooms if (file := PACKAGE / room / f"{name}.py").is_file())


def _comment(file: Path) -> str:
    lines = [line for line in file.read_text().splitlines() if line.startswith("# ") and "@package" not in line]
    return " ".join(line.removeprefix("# ") for line in lines) + "\n"


def _options(file: Path) -> str:
    text = re.sub(r"^defaults:\n(  .*\n)+\n", "", file.read_text(), flags=re.MULTILINE)
    lines = [line for line in text.splitlines() if not line.startswith(("#", "name:", "network:"))]
    return "" if len(lines) < 1 or lines[0].startswith("loss:") else "\n".join(lines)


def _docstring(file: Path) -> str:
    """As Markdown, names of modules without their markup."""
    found = ast.get_docstring(ast.parse(file.read_text()))
    assert found, f"{file} has no docstring"
    found = re.sub(r":\w+:`([^`]+)`", lambda one: f"`{one[1]}`", as_markdown(found))
    return found.replace("``", "`").strip() + "\n"


if __name__ == "__main__":
    TARGET.write_text(text())
