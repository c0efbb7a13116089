"""How the parts of a report are to be read: the paragraphs under their tables, the same in HTML and Markdown.

`code` and *emphasis* are marked as in Markdown.
"""

__all__ = [
    "ARMS",
    "AUTOENCODER",
    "COPYING",
    "COST",
    "FIDELITY",
    "LABELS_KEPT",
    "LEAK",
    "LEAK_DISTANCE",
    "NUMBERS",
    "OTHER_METRICS",
    "OVERFITTING",
    "PAIRS",
    "RATES",
    "STABILITY",
]

ARMS = (
    "Only settings that differ between arms that use them; – where an arm does not. Everything else is equal, and "
    "stands in each run's `config.yaml`."
)
NUMBERS = (
    "Numbers are medians over the seeds that are done, with [smallest–largest] under them; an arrow points to the "
    "better side. Read each against its floors: {floors}. × floor is FD over that of the other real sample in the "
    "same run. A diverged run has no number here: read an arm that has any together with that count."
)
PAIRS = (
    "A pair is one seed: same training subset, initial weights, order of real images and evaluation latents in both "
    "arms. Changes of FD are taken on its logarithm; − means that the arm's FD is lower than its control's. From 6 "
    "pairs on, the interval is a 95% percentile bootstrap of the median and p an exact two-sided sign-flip test, "
    "Holm-corrected over the comparisons of this report. Below 6 pairs no such p can reach 0.05, whatever the data, "
    "and none is given."
)
OTHER_METRICS = (
    "Every other metric is compared on its own scale, seconds and rates in percent, the rest in their units; beside "
    "the median stands its interval, or below 6 pairs its smallest and largest. With so many metrics some move by "
    "chance: this describes, and tests nothing."
)
STABILITY = (
    "Over the seeds that are done in both arms: the worst FD with its seed, and the spread, which is the standard "
    "deviation of log FD over seeds (0.1 is about 10%). A ratio below 1 speaks for the arm. p is that of the "
    "Pitman–Morgan test of equal spread in pairs, from 6 pairs on, Holm-corrected. Diverged runs have no FD: an arm "
    "that lost any is not stable, whatever its survivors show."
)
FIDELITY = (
    "Precision and density tell whether images look real, recall and coverage whether the variety is there, class "
    "KL and modes whether all digits are. Better than another real sample is noise, or copying."
)
COPYING = (
    "Another real sample shows what not copying looks like, the copied subset what copying does. A generator that "
    "copies has a gap clearly below that of the real sample, low authenticity and a negative C_T; far from real "
    "images, where FD is large, the gap says little. C_T compares images within cells of similar ones; where too "
    "few images fall into every cell it has no value, and the table says so."
)
OVERFITTING = (
    "A discriminator that learns its training images by heart stops telling the generator what images are like. "
    "Validation images are as real as training images and were never shown to it, so whatever it says of them "
    "differently is memory."
)
RATES = (
    "*r_t* is E sign D(train): near 1, all training images are called real. *r_v* is (E D(train) − E D(validation)) "
    "/ (E D(train) − E D(generated)): 0 without overfitting, 1 where validation images are judged like generated "
    "ones, above 1 where they are judged less real still. The table has both after the last evaluation. What the "
    "discriminator says of decoded images, which it is shown as real ones, tells whether it accepts them."
)
LEAK = (
    "How much of the autoencoder's smoothing the generator learnt in place of the data. A classifier learns to tell "
    "real training images from their reconstructions; the table gives the share of generated images that it takes "
    "for decoded ones, then, as floors, what it says of held-out real images, their reconstructions and the decoded "
    "images that the arm was fed, and how often it is right on held-out images. Generated images differ from real "
    "ones in other ways too: read a share beside that of the arm that injects nothing."
)
LEAK_DISTANCE = (
    "The difference is FD to the reconstructed training subset minus FD to test images, at equal numbers: negative, "
    "the generated images are closer to the reconstructions than to real images. Memorising the training images does "
    "that too, without any autoencoder: read it beside the arm that injects nothing."
)
AUTOENCODER = (
    "Everything here is measured against the validation slice, so FD is not that of the other tables: its floor, "
    "another real sample, stands beside it. Held-out error is the mean squared error of intensities in [0, 1]. "
    "Random latents are drawn with the mean and spread of the codes. The probe is a linear classifier trained on "
    "the codes of the training subset, its floor one trained on the pixels: codes are features worth having where "
    "they do better. An intrinsic dimension far below the number of latent dimensions says that codes fill a small "
    "part of their space, which noise in all directions leaves."
)
LABELS_KEPT = (
    "Labels kept is the share of decoded images to which the feature net gives the digit they were made from; γ = 0 "
    "is plain reconstruction."
)
COST = (
    "Wall-clock seconds of the runs that are done, median and [smallest–largest]. An autoencoder's seconds are "
    "those of its training, whichever run did it: runs on the same subset share one, so that a sweep spends less "
    "than their sum. Images a second counts images shown to the discriminator over the seconds of GAN training and "
    "augmentation. Runs that shared a machine slowed each other down: these are not benchmark times."
)
