"""Print how both feature spaces react to what can be wrong with images, the tables of docs/feature_net.md, as Markdown.

    python scripts/feature_reactions.py                       # MNIST's: 2 minutes on one CPU thread
    python scripts/feature_reactions.py --data fashion_mnist  # another data set's
    python scripts/feature_reactions.py --data mnist_5k --spaces classifier self_supervised random  # any, any data set

Images come from training images 0 to 24,999, the reference is 25,000 to 29,999: neither net has seen them. They are
read from the folder AEAUG_DATA names (default: data). Labels serve to drop classes, and to check what the
features know. With --spaces images come from the pool that no net has seen, and the reference is the validation slice:
how alike any feature spaces order what is wrong, and how few images FD still tells it of.
"""

import argparse
import os
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import torch
from scipy.stats import spearmanr
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from torch import Tensor
from torch.nn.functional import max_pool2d, pad

from aeaug.artifacts import ArtifactStore
from aeaug.data.idx import IDXFiles
from aeaug.data.images import to_float
from aeaug.data.sets import DATA_SETS
from aeaug.data.splits import FEATURE_NETS_SAW, SUBSETS, VALIDATION, Splits
from aeaug.evaluation.corruptions import blurred, noisy
from aeaug.evaluation.features import SPACES, FeatureNet, Features, extract, load_feature_nets
from aeaug.evaluation.metric import Reference, Sample
from aeaug.evaluation.metrics import MEASUREMENTS
from aeaug.evaluation.metrics.frechet import FrechetDistance, frechet_distance
from aeaug.evaluation.metrics.kernel_distance import KernelDistance
from aeaug.evaluation.pixel_gaussian import pixel_gaussian
from aeaug.evaluation.spaces import fault_of_name
from aeaug.evaluation.spaces.nets import FeatureSpaces
from aeaug.one_thread import one_thread
from aeaug.randomness import generator

Nets = Mapping[str, FeatureNet]
IN_BOTH = {"frechet": ("frechet_distance",), "kernel_distance": ("kernel_distance",)}
FEW, FEW_BLUR = (48, 96, 192, 288, 480, 960, 2_400), 0.6  # images; pixels
IN_FIRST = {"prdc": ("precision", "recall", "density", "coverage"), "histogram": ("class_kl",)}


def reactions(images: Tensor, labels: Tensor, n: int) -> Iterator[tuple[str, Tensor]]:
    """Names and sets of ``n`` images ``(n, 1, H, W)`` in [-1, 1] with one thing wrong, the unchanged ones first.

    Args:
        images: ``(N, H, W)`` uint8, the real ones they are made of; N >= 2 n, of all classes.
        labels: ``(N,)`` int64.
        n: at least 10.
    """
    draw = partial(generator, 0)
    order = torch.randperm(len(images), generator=draw("reactions: images"))
    real, others = to_float(images[order[:n]]), to_float(images[order[n : 2 * n]])
    kept = labels[order]
    yield "unchanged (the floor)", real
    for sigma in (0.4, 0.6, 0.8, 1.0):
        yield f"blur, σ = {sigma:g} pixels", blurred(real, sigma)
    yield "32 principal components", _principal_components(real, 32)
    for sigma in (0.1, 0.2):
        yield f"pixel noise, σ = {sigma:g}", noisy(real, seed=0, sigma=sigma)
    for factor in (0.9, 0.8):
        yield f"contrast × {factor:g}", (real + 1) * factor - 1
    yield "bright parts wider by a pixel", max_pool2d(pad(real, (0, 1, 0, 1), value=-1.0), kernel_size=2, stride=1)
    yield "shifted by one pixel", _shifted(real, draw("reactions: directions"))
    yield "a square of 8 pixels erased", _erased(real, 8, draw("reactions: squares"))
    yield "none of class 1", to_float(images[order[kept != 1][:n]])
    yield "five classes", to_float(images[order[kept < 5][:n]])
    yield "10 copies of a tenth", real[: n // 10].repeat(10, 1, 1, 1)
    yield "one image", real[:1].expand(n, -1, -1, -1)
    yield "means of two images", (real + others) / 2
    yield "Gaussian fitted to pixels", pixel_gaussian(real, n, seed=0)
    yield "uniform noise", 2 * torch.rand(real.shape, generator=draw("reactions: uniform noise")) - 1


def _principal_components(images: Tensor, k: int) -> Tensor:
    pixels = images.flatten(1).double()
    mean = pixels.mean(0)
    directions = torch.linalg.eigh((pixels - mean).T.cov()).eigenvectors[:, -k:]
    return (mean + (pixels - mean) @ directions @ directions.T).float().clamp(-1, 1).view_as(images)


def _shifted(images: Tensor, draw: torch.Generator) -> Tensor:
    """Each image moved by one pixel upwards, downwards, left or right, over background."""
    side = images.shape[-1]
    padded = pad(images, (1,) * 4, value=-1.0)
    corners = torch.tensor([[0, 1], [2, 1], [1, 0], [1, 2]])
    drawn = corners[torch.randint(4, (len(images),), generator=draw)].tolist()
    return torch.stack([padded[i, :, y : y + side, x : x + side] for i, (y, x) in enumerate(drawn)])


def _erased(images: Tensor, size: int, draw: torch.Generator) -> Tensor:
    """Each image without ink in a square whose centre lies in the middle half, where the strokes are."""
    side = images.shape[-1]
    images = images.clone()
    corners = torch.randint(side // 4 - size // 2, 3 * side // 4 - size // 2 + 1, (len(images), 2), generator=draw)
    for image, (y, x) in zip(images, corners.tolist(), strict=True):
        image[:, y : y + size, x : x + size] = -1
    return images


def probe(train: Tensor, labels: Tensor, test: Tensor, answers: Tensor) -> tuple[float, float]:
    """Accuracy on ``test (M, F)`` of a linear and a 5-nearest-neighbours classifier fitted to features ``(N, F)``."""
    mean, deviation = train.mean(0), train.std(0)
    with one_thread():
        linear = LogisticRegression(max_iter=500).fit((train - mean) / deviation, labels)
        nearest = KNeighborsClassifier(5).fit(train, labels)
        return linear.score((test - mean) / deviation, answers), nearest.score(test, answers)


def directions(features: Tensor, share: float = 0.9) -> int:
    """How many principal directions hold ``share`` of the variance of ``features (N, F)``."""
    variances = torch.linalg.eigvalsh(features.double().T.cov()).flip(0)
    return int((variances.cumsum(0) < share * variances.sum()).sum()) + 1


def linear_cka(first: Tensor, second: Tensor) -> float:
    """How alike two spaces are, by features ``(N, F)`` and ``(N, G)`` of the same images: from 0 to 1.

    1 for spaces that differ by rotation, scale and translation alone (Kornblith et al. 2019, arXiv:1905.00414).
    """
    first, second = (features.double() - features.double().mean(0) for features in (first, second))
    common = (first.T @ second).square().sum()
    return (common / ((first.T @ first).norm() * (second.T @ second).norm())).item()


def row(*cells: object) -> None:
    print("|", " | ".join(map(str, cells)), "|", flush=True)


def heading(*cells: str) -> None:
    print()
    row(*cells)
    row(*["---"] * len(cells))


def print_knowledge(files: IDXFiles, nets: Nets) -> None:
    """Accuracies of classifiers on the features, and how alike the spaces are."""
    heading("space", "linear probe", "5 nearest neighbours", "directions with 90% of the variance")
    found = []
    fitted, asked = slice(SUBSETS.start, SUBSETS.stop), slice(VALIDATION.start, VALIDATION.stop)
    for space, net in nets.items():
        train, test = (extract(to_float(files.train_images[part]), net).features for part in (fitted, asked))
        linear, nearest = probe(train, files.train_labels[fitted], test, files.train_labels[asked])
        row(space.replace("_", "-"), f"{linear:.2%}", f"{nearest:.2%}", directions(test))
        found.append(test)
    print(f"\nLinear CKA of both spaces: {linear_cka(*found):.2f}", end="; ")
    pixels = files.train_images[asked].flatten(1)
    print("with pixels", ", ".join(f"{linear_cka(features, pixels):.2f}" for features in found))


def print_reactions(files: IDXFiles, nets: Nets, n: int) -> None:
    """FD and kernel distance in both spaces, then the other metrics of features in the classifier's."""
    real = to_float(files.train_images[VALIDATION][:: (VALIDATION.stop - VALIDATION.start) // n][:n])
    references = {space: Reference(real, extract(real, net).features.double()) for space, net in nets.items()}
    measures = {
        space: [MEASUREMENTS[name].prepare(reference) for name in (*IN_BOTH, *(IN_FIRST if space == SPACES[0] else ()))]
        for space, reference in references.items()
    }
    heading("images", *(f"{what}, {space}" for space in ("classifier", "self-s.") for what in ("FD", "× floor", "KD")))
    found: dict[str, dict[str, dict[str, float]]] = {}
    for name, images in reactions(files.train_images[SUBSETS], files.train_labels[SUBSETS], n):
        found[name] = {space: {} for space in nets}
        for space, net in nets.items():
            sample = _sample(images, extract(images, net))
            for measure in measures[space]:
                found[name][space] |= measure(sample)
        floor, cells = next(iter(found.values())), []
        for space in nets:
            distance, kernel = (found[name][space][keys[0]] for keys in IN_BOTH.values())
            cells += [f"{distance:,.2f}", f"{distance / floor[space]['frechet_distance']:,.1f}", f"{kernel:,.4f}"]
        row(name, *cells)
    keys = [key for some in IN_FIRST.values() for key in some]
    heading("images", *keys)
    for name, values in found.items():
        row(name, *(f"{values[SPACES[0]][key]:.3f}" for key in keys))
    agreement = {
        keys[0]: spearmanr(*[[values[space][keys[0]] for values in list(found.values())[1:]] for space in nets])
        for keys in IN_BOTH.values()
    }
    print(f"\nRank correlation of both spaces over the {len(found) - 1} changes:", end=" ")
    print(", ".join(f"{key} {result.statistic:.2f}" for key, result in agreement.items()))


def _sample(images: Tensor, found: Features) -> Sample:
    return Sample(images, found.features.double(), found.logits)


def print_real(files: IDXFiles, nets: Nets) -> None:
    """FD between real images."""
    train, test = files.train_images, files.test_images

    def shuffled(images: Tensor) -> Tensor:
        return images[torch.randperm(len(images), generator=generator(0, "reactions: real images"))]

    subsets, validation, seen = shuffled(train[SUBSETS]), shuffled(train[VALIDATION]), shuffled(train[FEATURE_NETS_SAW])
    tested = shuffled(test)
    pairs = {
        "1,000 from 0–24,999 and 1,000 of the validation slice": (subsets[:1000], validation[:1000]),
        "5,000 from 0–24,999 and the validation slice": (subsets[:5000], validation),
        "5,000 from 0–24,999 and 5,000 of the test set": (subsets[:5000], tested[:5000]),
        "10,000 from 0–24,999 and the test set": (subsets[:10_000], tested),
        "training images 0–4,999 and 5,000–9,999": (train[:5000], train[5000:10_000]),
        "5,000 and 5,000 others from 0–24,999": (subsets[:5000], subsets[5000:10_000]),
        "5,000 and 5,000 others that the nets were trained on": (seen[:5000], seen[5000:10_000]),
        "random halves of the test set": (tested[:5000], tested[5000:]),
        "first and second half of the test set": (test[:5000], test[5000:]),
    }
    heading("FD between real images", *(space.replace("_", "-") for space in nets))
    for name, pair in pairs.items():
        distances = (
            frechet_distance(*(extract(to_float(part), net).features for part in pair)) for net in nets.values()
        )
        row(name, *(f"{distance:.2f}" for distance in distances))


def print_orders(splits: Splits, nets: Nets, n: int) -> None:
    """FD in multiples of its floor in every space, and rank correlations of all spaces, of FD and kernel distance."""
    pool = slice(splits.pool_unseen)
    real = to_float(splits.val_images[:n])
    names = list(nets)
    measures = {
        space: [MEASUREMENTS[name].prepare(Reference(real, extract(real, net).features.double())) for name in IN_BOTH]
        for space, net in nets.items()
    }
    heading("FD × floor", *names)
    found: dict[str, dict[str, dict[str, float]]] = {key: {} for keys in IN_BOTH.values() for key in keys}
    for what, images in reactions(splits.pool_images[pool], splits.pool_labels[pool], n):
        for space, net in nets.items():
            sample = _sample(images, extract(images, net))
            for measure in measures[space]:
                for key, value in measure(sample).items():
                    found[key].setdefault(what, {})[space] = value
        floor, *_ = found["frechet_distance"].values()
        row(what, *(f"{value / floor[space]:,.1f}" for space, value in found["frechet_distance"][what].items()))
    for key, of_key in found.items():
        _, *changes = of_key.values()
        heading(f"rank correlation over {len(changes)} changes, {key}", *names)
        for one in names:
            order = [[values[space] for values in changes] for space in names]
            row(one, *(f"{spearmanr(order[names.index(one)], other).statistic:.2f}" for other in order))


def print_few(splits: Splits, net: FeatureNet, n: int, draws: int = 100) -> None:
    """With how few images both distances tell slightly altered images from unchanged ones."""
    real = extract(to_float(splits.val_images[:n]), net).features.double()
    images = splits.pool_images[: splits.pool_unseen]
    unseen = to_float(images[torch.randperm(len(images), generator=generator(0, "reactions: few images"))[:n]])
    sets = [extract(some, net).features.double() for some in (unseen, blurred(unseen, FEW_BLUR))]
    scale = real.square().mean().sqrt()
    heading("images", "an image a feature", "FD of unchanged ones", f"blur of {FEW_BLUR:g} farther, FD", "the same, KD")
    for few in (count for count in FEW if count <= n // 2):
        floors, told = [], [0, 0]
        for draw in range(draws):
            order = generator(draw, "reactions: few images", few)
            reference, same, changed = (of[torch.randperm(n, generator=order)[:few]] for of in (real, *sets))
            to_real, kernel = FrechetDistance(reference), KernelDistance(reference / scale)
            floors.append(to_real(same))
            told[0] += to_real(changed) > floors[-1]
            told[1] += kernel(changed / scale) > kernel(same / scale)
        floor = sum(floors) / draws
        row(few, f"{few / net.num_features:g}", f"{floor:,.1f}", *(f"{count / draws:.0%}" for count in told))


def compare_spaces(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    """The tables of any spaces, on any data set of grey images."""
    data = DATA_SETS[args.data]
    torch.set_num_threads(args.threads)
    if wrong := [fault for space in args.spaces if (fault := fault_of_name(space))]:
        parser.error(f"--spaces: {wrong[0]}")
    if not data.grey:
        parser.error(f"--data={args.data}: its images are in colour, and what is done to them is of grey ones")
    try:
        splits, store = data.load(args.root), ArtifactStore(args.outputs / "artifacts")
        nets = FeatureSpaces(args.spaces, data, splits, store, "--spaces", progress=True).nets
    except ValueError as error:
        parser.error(str(error))
    for space, (_, sha256) in nets.items():
        print(f"{space}: SHA-256 {sha256}")
    n = min(args.images, len(splits.val_images))
    print_orders(splits, {space: net for space, (net, _) in nets.items()}, n)
    print_few(splits, next(iter(nets.values()))[0], n)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    own_files = [name for name, one in DATA_SETS.items() if one.files and one.grey]
    parser.add_argument("--data", choices=list(DATA_SETS), default="mnist")
    parser.add_argument("--root", type=Path, default=Path(os.environ.get("AEAUG_DATA", "data")))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--images", type=int, default=5000, help="in every altered set and its reference, 500 to 5000")
    parser.add_argument("--spaces", nargs="+", help="any feature spaces, docs/feature_net.md")
    parser.add_argument("--outputs", type=Path, default=Path("outputs"), help="where nets that are trained are kept")
    args = parser.parse_args()
    if args.spaces:
        compare_spaces(parser, args)
        return
    if args.data not in own_files:
        parser.error(f"--data={args.data}: it needs --spaces, or one of {', '.join(own_files)}")
    if not 500 <= args.images <= 5000:
        parser.error(f"--images={args.images}: must be from 500 to 5000")
    data = DATA_SETS[args.data]
    assert data.files is not None
    torch.set_num_threads(args.threads)
    try:
        files = data.files.load(args.root, download=False)
        loaded = load_feature_nets(data)
    except ValueError as error:
        parser.error(str(error))
    for space, (_, sha256) in loaded.items():
        print(f"{space}: SHA-256 {sha256}")
    nets = {space: net for space, (net, _) in loaded.items()}
    print_knowledge(files, nets)
    print_reactions(files, nets, args.images)
    print_real(files, nets)


if __name__ == "__main__":
    main()
