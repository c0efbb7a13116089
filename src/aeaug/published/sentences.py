"""The words of what the verdicts come to; :mod:`aeaug.published.in_short` fills in the numbers and says how a place for
one is written. A test says which sentence is no longer true: then somebody has to write another one."""

__all__ = ["BESIDE_ADVICE", "LEAD", "SENTENCES"]

LEAD = (
    "**The answer so far.** With 500 training images, and each arm at the weight of R1, a penalty on the "
    "discriminator's gradient, that suits it best, appending images decoded from perturbed codes changes FD in a "
    "classifier's features by {rivals:1 supported} on MNIST and by "
    "{fashion_rivals:1 supported in the classifier's features alone} on Fashion-MNIST, and in those of a net that "
    "learnt no labels by {rivals:1@500/label_free lower} and {fashion_rivals:2 refuted in label-free features alone}. "
    "DiffAugment, which needs no autoencoder, comes to {rivals:2@500/control_against_all lower} and "
    "{fashion_rivals:3@500/control_against_all higher} of the former. With 2,000 images of MNIST appending harms "
    "({own_weight:1 refuted}).",
)

SENTENCES = (
    "**With few training images it helps a little, with many it harms.** At the weight of R1, a penalty on the "
    "discriminator's gradient, that suits the GAN without it, appending images decoded from perturbed codes changes "
    "FD by {ledger:1@100 supported} with 100 training images, {ledger:1@500 supported} with 500 (label-free FD by "
    "{ledger:1@100/label_free lower} and {ledger:1@500/label_free lower}), {ledger:1@2000 refuted} with 2,000 and "
    "{large:1 refuted} with 25,000, of one training set. At a weight that suits it, which was not looked for with "
    "25,000, it harms with 2,000, too, by {own_weight:1 refuted}. With 100 images the help fades while training goes "
    "on ({ledger:13 supported}, its end against a fifth of it); with 500 it "
    "{ledger:1@500/course harms early, helps late}. In the classifier's features the perturbation is shown to help "
    "with 100 images alone: against plain reconstructions {ledger:8@100 supported}, with 500 {ledger:8@500 no effect} "
    "(label-free {ledger:8@500/label_free lower}), with 2,000 {ledger:8@2000 refuted}.",
    "**Most of what it does is regularising.** With 500 images and without R1, where the GAN without it collapses, it "
    "changes FD by {regularised:1 supported} (at the best reading by {regularised:1/best lower}), to "
    "{regularised:1@500/treatment itself}; R1 alone comes to {ledger:1@500/control itself}, and DiffAugment, which "
    "needs neither, to {regularised:3@500/control itself}. With R1 tuned for each arm {rivals:1 supported} is left of "
    "it. Whether it is ahead of DiffAugment then depends on when one looks (against that it "
    "{rivals:2@500/course helps early, harms late}), and at the end on what is measured: "
    "{rivals:2 refuted in the classifier's features alone} of FD in a classifier's features, "
    "{rivals:2@500/label_free lower} in those of a net that learnt no labels, {rivals:2@500/coverage higher} of "
    "coverage.",
    "**Decoded images need not become targets.** To ask the discriminator for the same logit of an image and its "
    "decoded one (consistency) changes FD, against appending that, by {regularised:2 supported} without R1, by "
    "{ledger:10@2000 supported} with R1 and 2,000 images, by {ledger:10@500 no effect} with 500, where it has no "
    "effect on it, and with 100 by {ledger:10@100 refuted}. Where appending harms, that is less harm and no help: "
    "against none {ledger:10@2000/against_all higher} with 2,000 and {large:2 refuted} with 25,000; without R1 it "
    "comes to {regularised:2@500/treatment itself}, which R1 alone surpasses.",
    "**An autoencoder whose decoded images are poor harms.** With 500 images, against the default one, FD changes by "
    "{quality:1 supported} with a tenth of its training, by {quality:2 supported} with 2 dimensions in place of 32, "
    "and by {ledger:14 supported} with PCA in its place, which returns unseen images with less error than the default "
    "does; that a convolutional one does better is not shown ({ledger:15 inconclusive}).",
    "**Of what else is said of it, little holds.** FLD's gap says that images lean less towards the training images "
    "({ledger:2@100 supported} with 100, {ledger:2@500 supported} with 500), but with 500 FLD on test images is worse, "
    "too ({ledger:2@500/feature_likelihood higher}). They are more diverse by recall ({ledger:3@500 supported} with "
    "500, {ledger:3@2000 supported} with 2,000), while coverage ({ledger:3@500/coverage lower}, "
    "{ledger:3@2000/coverage lower}) and precision ({ledger:3@500/precision lower}, {ledger:3@2000/precision lower}) "
    "fall, and classes come less evenly (class KL {ledger:3@500/class_kl higher}, {ledger:3@2000/class_kl higher}): "
    "with 500 images and more they scatter. The discriminator's overfitting ({ledger:4 inconclusive} of r_v) and the "
    "spread of FD over training sets ({ledger:5 inconclusive}) are not shown to fall over all sizes; and with R1 no "
    "fewer runs diverge ({ledger:6 no effect}), for without it none does either.",
    "**That it is worth its cost is shown with 100 images alone**: at equal processor seconds, the autoencoder's "
    "training included, validation FD changes by {ledger:7@100 supported} with 100 and by {ledger:7@2000 refuted} "
    "with 2,000.",
    "**Of a convolutional GAN no help is shown**: with 500 images, and after 512,000 shown, at a weight of R1 that was "
    "tuned for half of that, appending changes FD by {networks:1 inconclusive}, at the best reading by "
    "{networks:1/best higher}, and consistency against that by "
    "{networks:2 no effect at the end of the budget alone}, at the best reading by {networks:2/best lower}.",
    "**On Fashion-MNIST it helps by a classifier's features and harms by others.** With 500 images, each arm at its "
    "own weight of R1, appending changes FD by {fashion_rivals:1 supported in the classifier's features alone}, and "
    "label-free FD by {fashion_rivals:2 refuted in label-free features alone}; DiffAugment changes FD by "
    "{fashion_rivals:3@500/control_against_all higher}. At the weight that suits the GAN without it, it has no effect "
    "on the one ({fashion:1 no effect in the classifier's features alone}, 10% being the smallest that matters) and "
    "more than doubles the other ({fashion:1@500/label_free higher}); its images scatter there: recall changes by "
    "{fashion:5 supported}, coverage by {fashion:5@500/coverage lower}.",
    "**A GAN of 1,000 modes is harmed as well**: with 25,000 images of Stacked MNIST, and after 512,000 shown, "
    "appending changes FD by {modes:1 refuted} and consistency by {modes:2 refuted}, and modes come less evenly (mode "
    "KL {modes:3 refuted} and {modes:4 refuted}).",
)

BESIDE_ADVICE = (
    "All of this is at one weight of R1. With 500 images and a weight of its own for each arm (`gan.r1_gamma=own`) two "
    "come to a lower FD than any of these: `append_gaussian` changes FD by "
    "{rivals:1 supported} against `none`, in label-free features by {rivals:1@500/label_free lower}, and DiffAugment, "
    "which needs no autoencoder, by {rivals:2@500/control_against_all lower}.",
)
