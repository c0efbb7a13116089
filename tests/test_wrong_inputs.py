"""Wrong inputs, typed as a user would: exit status 1, one line that names the key or the file, and nothing on disk."""

import errno
import re

import annotated_types
import pytest
import torch

from aeaug.augmentation.append import Append
from aeaug.augmentation.consistency import Consistency
from aeaug.augmentation.filters.labels import Labels
from aeaug.augmentation.filters.manifold import Manifold
from aeaug.augmentation.filters.score import Score
from aeaug.augmentation.gates.error import ErrorGate
from aeaug.augmentation.gates.labels import LabelsGate
from aeaug.augmentation.replace import Replace
from aeaug.augmentation.sources.rounded import Rounded
from aeaug.augmentation.two_sided import TwoSided
from aeaug.autoencoder.options import (
    AutoencoderOptions,
    ClosedFormOptions,
    DenoisingOptions,
    RAEOptions,
    VAEOptions,
)
from aeaug.data.options import BudgetOptions, DataOptions
from aeaug.gan.options import GANOptions
from aeaug.gan.penalties.bcr import BCR
from aeaug.gan.penalties.gradient import GradientPenalty
from aeaug.gan.penalties.lecam import LeCam
from aeaug.gan.penalties.r2 import R2
from aeaug.gan.pseudo.apa import APA
from aeaug.gan.pseudo.apa_r_v import APAHeldOut
from aeaug.gan.pseudo.generated import Generated
from aeaug.gan.schedules.r_t import ByRealSign
from aeaug.gan.schedules.r_v import ByHeldOut
from aeaug.gan.views.ada import ADA
from aeaug.gan.views.ada_r_v import ADAHeldOut
from aeaug.gan.views.diffaugment import DiffAugment
from aeaug.gan.views.geometric import Geometric
from aeaug.gan.views.instance_noise import FadingNoise
from aeaug.perturbation.density import Density
from aeaug.perturbation.difference import Difference
from aeaug.perturbation.dropout import Dropout
from aeaug.perturbation.extrapolate import Extrapolate
from aeaug.perturbation.gaussian import Gaussian
from aeaug.perturbation.hard import Hard
from aeaug.perturbation.interpolate import Interpolate
from aeaug.perturbation.mixup import Mixup
from aeaug.perturbation.posterior import Posterior
from aeaug.perturbation.uniform import Uniform
from aeaug.run.options import EvaluationOptions, RunOptions
from aeaug.schedules.cosine import Cosine
from aeaug.schedules.linear import Linear
from aeaug.schedules.step import Step
from aeaug.training.flags import is_flag
from aeaug.training.options import TrainerOptions
from tests.conftest import TINY, options, tiny, trained_or_not
from tests.terminal import content, typed

LONG = "a" * 201
# What is typed to train.py beside a small run's options, and what the line must name.
TRAIN = [
    # No option, no choice, no value.
    ("gan.betta1=0.5", "gan.beta1"),
    ("gan.learning_rate=1", "gan.learning_rate=1"),
    ("gann=mlp", "did you mean gan?"),
    ("nothing=1", "there are name, question"),
    ("+foo=1", "foo=1: no such option"),
    ("+gan.foo=1", "gan.foo=1: no such option"),
    ("++data.n=100", "data.n=100: no such option"),
    ("~gan", "gan: "),
    ("gan.r1_gamma=null", "gan.r1_gamma=null: auto looks it up, and 0 is none"),
    ("arm=append_gaussian autoencoder.steps=null", "autoencoder.steps=null: auto looks it up"),
    ("--experimental-rerun some.pickle", "--experimental-rerun: no file of that kind"),
    (
        "debug=true trainer.overfit_batches=1",
        "trainer.overfit_batches=1: Lightning's overfit_batches is no option here",
    ),
    ("~seed", "seed: "),
    ("hydra.foo=1", "hydra.foo=1"),
    ("hydra/launcher=basic hydra.launcher.n_jobs=2", "hydra/launcher=joblib"),
    ("gan=stylegan", "article, dcgan, mlp, resnet"),
    ("gan=dcgann", "did you mean dcgan?"),
    ("arm=append_gausian", "did you mean append_gaussian?"),
    ("experiment=nope", "experiment=nope"),
    ("trainer=tpu", "trainer=tpu"),
    ("hydra/launcher=slurmm", "hydra/launcher=slurmm"),
    ("gan=null", "gan=null"),
    ("gan={a:1}", "gan={a:1}"),
    ("gan=", "gan="),
    ("gan=[mlp,dcgan]", "gan=[mlp,dcgan]"),
    ("gan.name=mine", "gan.name=mine"),
    ("gan@x=mlp", "gan@x=mlp"),
    ("=3", "=3"),
    ("seed", "seed"),
    ("demo", "experiment=demo"),
    ("--foo", "--foo"),
    ("--cfg=nope", "nope"),
    ("--config-name=nope", "nope"),
    ("--config-dir=/does/not/exist", "/does/not/exist"),
    ("--resolve", "--resolve"),
    # Hydra's grammar, its sweeps and its interpolations.
    ("arm=a=b", "arm=a=b"),
    ("variant=a b'c", "variant=a b'c"),
    ("name=a{b", "name=a{b"),
    ("arm=none,append_gaussian", "-m"),
    (
        "experiment=demo",
        "experiment=demo: it sweeps over arm=none,append_gaussian, seed=range(0,6); add -m, or choose arm",
    ),
    ("arm=null", "arm=null: leave arm=… out; without it there is none"),
    ("experiment=null", "experiment=null: leave experiment=… out; without it there is none"),
    ("experiment=demo arm=none", "experiment=demo: it sweeps over seed=range(0,6); add -m, or choose seed=…"),
    ("arm=r3gan gan.r1_gamma=auto", "gan.r1_gamma=auto: "),
    ("arm=dropout gan.dropout=0", "gan.dropout=0: arm=dropout has gan.dropout=0.3"),
    (
        "arm=spectral_norm gan.spectral_norm=false",
        "gan.spectral_norm=false: arm=spectral_norm has gan.spectral_norm=true",
    ),
    ("arm=wgan_gp gan.r1_gamma=1", "gan.r1_gamma=1: arm=wgan_gp has gan.r1_gamma=0.0"),
    ("seed=range(0,3)", "-m"),
    ("name=a,b", "-m"),
    ("seed=choice(1,2)", "-m"),
    ("seed=${nope}", "seed"),
    ("seed=${oc.env:AEAUG_NO_SUCH_VARIABLE}", "AEAUG_NO_SUCH_VARIABLE"),
    ("variant=???", "variant"),
    # Options that a choice does not have, or makes no use of.
    ("arm=none augmentation.ratio=2", "augmentation=append"),
    ("perturbation=reconstruct perturbation.gamma=1", "perturbation=gaussian"),
    ("augmentation=replace augmentation.ratio=1", "augmentation.ratio=1"),
    ("arm=none perturbation.gamma=1", "perturbation.gamma=1"),
    ("arm=none perturbation=interpolate", "perturbation=interpolate"),
    ("arm=none autoencoder=conv", "autoencoder=conv"),
    ("arm=none autoencoder.lr=0.1", "autoencoder.lr=0.1"),
    ("gan.r1_gamma=0 gan.r1_every=4", "gan.r1_every=4"),
    ("gan.ema_halflife_images=0 gan.ema_rampup=0.1", "gan.ema_rampup=0.1"),
    ("data.root=/tmp", "data.root=/tmp"),
    ("autoencoder.batch_size=101", "autoencoder.batch_size=101"),
    ("autoencoder.patience=3", "autoencoder.patience=3"),
    ("autoencoder.check_every=2", "autoencoder.check_every=2"),
    ("autoencoder.stopping=validation autoencoder.steps=50 autoencoder.hold_out=0.2", "autoencoder.hold_out=0.2"),
    ("autoencoder.stopping=hold_out autoencoder.check_every=3", "autoencoder.steps=4"),
    ("autoencoder.steps=auto data.n_train=50", "data.n_train from 100"),
    ("autoencoder.steps=auto autoencoder.lr=0.1", "autoencoder.lr=0.001"),
    ("autoencoder.stopping=early", "autoencoder.stopping=early"),
    ("arm=append_gaussian perturbation=interpolate", "perturbation=interpolate"),
    ("arm=append_gaussian augmentation=replace", "augmentation=replace"),
    (
        "perturbation=posterior",
        "autoencoder=mlp: perturbation=posterior needs a variational one, autoencoder=vae or conv_vae",
    ),
    (
        "perturbation=interpolate perturbation.within=class data.n_train=50",
        "with data.n_train=50 a class has 5 images, too few",
    ),
    ("perturbation=interpolate perturbation.within=label", "perturbation.within=label"),
    (
        "augmentation=two_sided perturbation=difference perturbation.within=class data.n_train=100",
        "generated images have no label",
    ),
    ("perturbation=chain perturbation.links=[]", "perturbation.links="),
    (
        "perturbation=chain perturbation.links=[{name:gaussian,gamma:0.5},{name:gaussian,gamma:90}]",
        "perturbation.links.1.gamma=90",
    ),
    (
        "perturbation=chain data.n_train=100 "
        "perturbation.links=[{name:gaussian,gamma:0.5},{name:difference,weight:1,within:class}]",
        "perturbation.links.1.within=class: what a perturbation made has no label",
    ),
    (
        "perturbation=chain perturbation.links=[{name:gaussian,gamma:0.5},{name:density,components:5}]",
        "perturbation.links.1.name=density: it makes codes anew",
    ),
    (
        "perturbation=chain autoencoder=vae "
        "perturbation.links=[{name:density,components:5},{name:posterior,temperature:1}]",
        "perturbation.links.1.name=posterior: its deviations are the image's",
    ),
    (
        "gan/pseudo=[apa] gan.pseudo.apa.images=100 budget.match=real",
        "budget.match=real: with gan/pseudo=apa it is not known",
    ),
    (
        "augmentation=replace augmentation.probability=1 gan/pseudo=[apa] gan.pseudo.apa.images=100",
        "augmentation.probability=1: gan/pseudo=apa would have no real images left",
    ),
    ("gate=label", "did you mean labels?"),
    ("gate=labels gate.below=stop", "gate.below=stop"),
    ("gate.bar=0.5", "gate.bar=0.5"),
    ("arm=none gate=labels", "gate=labels: augmentation=none has no use for it"),
    ("source=fresh perturbation=posterior", "perturbation=posterior: source=fresh has no use for it"),
    ("arm=none schedule=r_t gan/loss=wasserstein", "schedule=r_t: augmentation=none has no use for it"),
    ("augmentation=replace augmentation.probability=1 gan.r1_on=real", "gan.r1_on=real would have no real images left"),
    (
        "schedule=r_v schedule.images=100 gate=labels gate.below=skip",
        "schedule=r_v: with gate.below=skip the run would be",
    ),
    (
        "schedule=r_v schedule.images=100 gate=labels data.n_train=20",
        "gate=labels: with data.n_train=20 a class has one image",
    ),
    ("arm=append_hard budget.images=200", "perturbation=hard: with one epoch of 200 it asks an untrained"),
    ("arm=append_score budget.images=200", "filter=score: with one epoch of 200 it asks an untrained"),
    ("arm=append_fresh data.n_train=3500", "source=fresh: data.n_train=3500 leaves no image of data=mnist_5k"),
    ("arm=append_fresh data.n_train=null", "source=fresh: data.n_train=null leaves no image of data=mnist_5k"),
    ("arm=append_fresh gate=labels", "gate=labels: source=fresh has no use for it"),
    ("gate=error", "gate=error: autoencoder=mlp holds out no image of the subset; autoencoder.stopping=hold_out does"),
    (
        "gate=error autoencoder=pca",
        "gate=error: autoencoder=pca holds out no image of the subset; gate=labels needs none",
    ),
    ("gate=labels perturbation=density", "gate=labels: perturbation=density makes images that are made of none"),
    (
        "arm=replace_hard augmentation.probability=1 gan.r1_on=mixture budget.images=200",
        "perturbation=hard: with one epoch of 200 it asks an untrained",
    ),
    ("gate=labels perturbation=hard", "gate=labels: it is asked before there is a trained discriminator"),
    ("filter=labels perturbation=density", "filter=labels: perturbation=density makes images that are made of none"),
    ("gate=labels data.n_train=19", "gate=labels: with data.n_train=19 a class has one image"),
    (
        "gate=labels gate.below=skip budget.match=real",
        "budget.match=real: with gate.below=skip it is not known beforehand how many there are",
    ),
    # What says of what kind a group's options are is chosen with them.
    ("autoencoder.network=vae", "autoencoder.network=vae: it is chosen by autoencoder=vae, with all the options"),
    ("autoencoder=rae autoencoder.network=mlp", "autoencoder.network=mlp: it is chosen by autoencoder=mlp"),
    ("autoencoder.network=var", "autoencoder.network=var: must be one of"),
    ("autoencoder.network=conv", "autoencoder.network=conv: autoencoder=mlp has another; autoencoder=conv chooses it"),
    ("gan=mlp gan.network=dcgan", "gan.network=dcgan: gan=mlp has another; gan=dcgan chooses it"),
    ("debug=true trainer.max_time=5min", "trainer.max_time=5min: input should be days, hours, minutes and seconds"),
    ("autoencoder.network=conv +autoencoder.beta=1", "autoencoder.beta=1: no such option"),
    ("augmentation.name=replace", "augmentation.name=replace: it is chosen by augmentation=replace"),
    ("perturbation.name=interpolate", "perturbation.name=interpolate: it is chosen by perturbation=interpolate"),
    ("schedule.name=linear", "schedule.name=linear: it is chosen by schedule=linear"),
    ("source.name=rounded", "source.name=rounded: it is chosen by source=rounded"),
    ("gate.name=labels", "gate.name=labels: it is chosen by gate=labels"),
    # Controllers on r_v, and the images that they hold out.
    ("schedule=r_v schedule.hold_out=0.6", "schedule.hold_out=0.6"),
    ("schedule=r_t schedule.hold_out=0.1", "schedule.hold_out=0.1"),
    ("arm=none schedule=r_v budget.images=25600", "schedule=r_v: augmentation=none has no use for it"),
    (
        "arm=append_gaussian_r_v schedule=linear schedule.until=400",
        "schedule=linear: arm=append_gaussian_r_v says that",
    ),
    (
        "schedule=r_v schedule.images=100 gan/view=ada_r_v gan.view.ada_r_v.images=100 gan.view.ada_r_v.hold_out=0.2",
        "gan.view.ada_r_v.hold_out=0.2: it is of the same images as schedule.hold_out=0.1; give both one number",
    ),
    ("gan/view=[ada,ada_r_v]", "gan/view=[ada,ada_r_v]: they are one view"),
    ("gan/view=[ada,geometric]", "gan/view=[geometric,ada]: they are one view"),
    ("gan/penalty=[r2,lecam,r2]", "gan/penalty=[r2,lecam,r2]: r2 twice"),
    ("gan/view=[diffaugment,diffaugment]", "gan/view=[diffaugment,diffaugment]: diffaugment twice"),
    ("arm=append_rounded source=noise", "source=noise: arm=append_rounded says that; leave out one of them"),
    ("arm=none source=noise", "source=noise: augmentation=none has no use for it"),
    (
        "schedule=step schedule.at=999999",
        "schedule=step: over 400 images shown the share goes from 1 to 1, which is "
        "hardly a schedule (start=1.0 end=0.0 at=999999)",
    ),
    ("gan/pseudo=[generated,apa_r_v]", "gan/pseudo=[generated,apa_r_v]: they do one thing"),
    ("gan/view_schedule=step", "gan.view_schedule=step: no gan/view is chosen whose rate it could change"),
    ("gan/view=diffaugment gan/view_schedule=step", "gan.view_schedule=step: no gan/view is chosen whose rate"),
    (
        "arm=apa gan.pseudo.apa.images=100 gan/pseudo_schedule=step",
        "gan.pseudo_schedule=step: no gan/pseudo is chosen whose rate",
    ),
    (
        "gan/view=instance_noise gan/view_schedule=step gan.view_schedule.at=200",
        "gan.view.instance_noise.until=640000: gan/view_schedule=step",
    ),
    ("gan/view=geometric gan/view_schedule=linear", "gan/view_schedule=linear: over 400 images shown the share goes"),
    (
        "gan/pseudo=generated gan/pseudo_schedule=r_t gan.pseudo_schedule.images=100 gan/loss=wasserstein",
        "gan/pseudo_schedule=r_t: it follows the sign of the logits",
    ),
    ("gan/pseudo=[apa,apa_r_v]", "gan/pseudo=[apa,apa_r_v]: they do one thing"),
    (
        "schedule=r_v schedule.images=100 perturbation=density perturbation.components=95",
        "perturbation.components=95: must be at most data.n_train=100, of which 10 are held out",
    ),
    (
        "schedule=r_v schedule.images=100 perturbation=interpolate perturbation.neighbours=90",
        "perturbation.neighbours=90: must be below data.n_train=100, of which 10 are held out",
    ),
    (
        "augmentation=replace augmentation.probability=1 schedule=r_v schedule.images=100",
        "augmentation.probability=1: schedule=r_v would have no real images left to go by",
    ),
    ("schedule=r_v schedule.images=100 autoencoder.batch_size=91", "autoencoder.batch_size=91"),
    # Weights over training.
    ("gan/r1_schedule=linear gan.r1_gamma=0", "gan.r1_schedule=linear: gan.r1_gamma=0 has no use for it"),
    ("gan/penalty_schedule=step", "gan.penalty_schedule=step: no gan/penalty is chosen"),
    ("gan.r1_schedule=linear", "gan.r1_schedule=linear: it is chosen by gan/r1_schedule=linear"),
    ("gan/r1_schedule=r_w", "gan/r1_schedule=r_w: must be one of"),
    (
        "gan/r1_schedule=r_t",
        "gan.r1_schedule.images=8000: over 400 images shown the rate could not go from 0 to 1; it may be 400 at most",
    ),
    (
        "gan/penalty=lecam gan/penalty_schedule=r_t gan.penalty_schedule.images=100 gan/loss=wasserstein",
        "gan/penalty_schedule=r_t: it follows the sign of the logits, which with gan.loss=wasserstein means nothing",
    ),
    (
        "gan/r1_schedule=r_v gan.r1_schedule.images=100 arm=apa_r_v gan.pseudo.apa_r_v.images=100 "
        "gan.r1_schedule.hold_out=0.2",
        "gan.pseudo.apa_r_v.hold_out=0.1: it is of the same images as gan.r1_schedule.hold_out=0.2",
    ),
    ("gan/r1_schedule=r_v gan.r1_gamma=0", "gan.r1_schedule=r_v: gan.r1_gamma=0 has no use for it"),
    ("gan/r1_schedule=linear", "gan/r1_schedule=linear: over 400 images shown the share goes from 1 to 0.997"),
    (
        "gan/penalty=bcr gan/penalty_schedule=cosine gan.penalty_schedule.begin=128000",
        "gan.penalty_schedule.until=128000: must be above gan.penalty_schedule.begin=128000",
    ),
    ("gan/r1_schedule=step gan.r1_schedule.end=1", "gan.r1_schedule.start=1, end=1: they are equal"),
    ("gan.r1_schedule.at=200", "gan.r1_schedule.at=200"),
    (
        "gan/r1_schedule=step gan.r1_schedule.at=200 gan.r1_gamma=auto",
        "gan.r1_gamma=auto: it was tuned as a constant, not with gan/r1_schedule=step; give a number",
    ),
    ("perturbation=hard perturbation.gamma=0", "perturbation.gamma=0: an arm is what it says"),
    ("source=blur perturbation=hard", "source=blur: its dose is that of decoding, which changes with the discr"),
    ("augmentation=two_sided filter=score", "augmentation=two_sided: filter=score judges images that are injected"),
    ("augmentation=consistency filter=labels", "augmentation=consistency: filter=labels judges images that are inj"),
    ("arm=append_duplicates filter=manifold", "source=duplicates: filter=manifold would have but real images to judge"),
    ("arm=append_fresh filter=score", "source=fresh: filter=score would have but real images to judge"),
    ("filter=score budget.match=real", "budget.match=real: with filter=score it is not known beforehand"),
    ("arm=append_score filter=labels", "filter=labels: arm=append_score says that"),
    ("arm=none filter=score", "filter=score: "),
    ("filter=none filter.tries=3", "filter.tries=3"),
    ("filter=scor", "did you mean score?"),
    # Names become folders.
    ("name=a/b", "name=a/b"),
    ("name=..", "name=.."),
    ("name=", "name="),
    ("name=null", "name=null"),
    ("name=seed=3", "name=seed=3"),
    (f"name={LONG}", "name=aaa"),
    (f"name={'ä' * 150}", "name=äää"),
    ("variant='../x'", "variant=../x"),
    ("variant='/etc'", "variant=/etc"),
    ("variant='seed=1'", "variant=seed=1"),
    ("variant='a b'", "variant=a b"),
    ("variant='.hidden'", "variant=.hidden"),
    ("outputs=", "outputs="),
    ("outputs=null", "outputs=null"),
    ("outputs=/proc/x", "outputs=/proc/x"),
    ("outputs=/dev/null/x", "outputs=/dev/null/x"),
    (f"outputs={LONG}{LONG}", "outputs=aaa"),
    # Types.
    ("seed=[1,2]", "seed=[1, 2]"),
    ("seed={a:1}", "seed="),
    ("seed=0x10", "seed=0x10"),
    ("seed=1.5", "seed=1.5"),
    ("seed=-1", "seed=-1"),
    (f"seed={10**300}", "seed=1000"),
    ("resume=perhaps", "resume=perhaps"),
    ("trainer.progress=3", "trainer.progress=3"),
    ("claims=yes", "claims=yes"),
    ("claims=[1]", "claims.0=1"),
    ("question=[a]", "question="),
    ("gan.loss=mine", "gan.loss=mine"),
    ("augmentation=two_sided augmentation.probability=0.5", "augmentation.probability=0.5"),
    (
        "augmentation=two_sided source=rounded",
        "augmentation=two_sided: source=rounded makes nothing of generated images",
    ),
    ("arm=append_noise source=blur", "source=blur: arm=append_noise says that"),
    ("arm=diffaugment gan/view=instance_noise", "gan.view=instance_noise: arm=diffaugment says that"),
    ("gan/view=diffaugment gan.view.diffaugment.translation=0 gan.view.diffaugment.cutout=0", "cutout=0"),
    ("augmentation=two_sided perturbation=density", "augmentation=two_sided: perturbation=density"),
    ("source=rounded source.background=256", "source.background=256"),
    ("autoencoder=pca autoencoder.steps=3", "autoencoder.steps=3"),
    ("autoencoder=identity autoencoder.latent_dim=5", "autoencoder.latent_dim=5"),
    ("source=nois", "did you mean noise?"),
    ("arm=append_fresh perturbation.gamma=1", "perturbation.gamma=1"),
    ("augmentation=consistency augmentation.weight=0", "augmentation.weight=0"),
    ("augmentation=consistency perturbation=density", "augmentation=consistency: perturbation=density"),
    ("arm=two_sided_gaussian budget.match=real", "budget.match=real"),
    ("gan/loss=mine", "gan/loss=mine: must be one of"),
    ("gan/loss=[hinge]", "at a time"),
    ("gan/losses=hinge", "did you mean gan/loss?"),
    ("gan/penalty=r3", "gan/penalty=r3: must be one of"),
    ("gan/penalty=[r2,r3]", "gan/penalty=[r2,r3]: r3 is none of"),
    ("gan.penalty=r2", "it is chosen by gan/penalty=r2"),
    ("gan.penalty.r2.gamma=1", "only gan/penalty=r2 has it"),
    ("gan/penalty=r2 gan.penalty.r2.gama=1", "gan.penalty.r2.gama=1"),
    ("gan/penalty=r2 gan.penalty.r2.gamma=-1", "gan.penalty.r2.gamma=-1"),
    ("gan/penalty=lecam gan.penalty.lecam.decay=1", "gan.penalty.lecam.decay=1"),
    ("gan.discriminator_steps=11", "gan.discriminator_steps=11: an epoch has 10 steps"),
    ("gan.r1_every=21", "gan.r1_every=21: of the 20 steps of this training"),
    ("gan/penalty=r2 gan.penalty.r2.every=100", "gan.penalty.r2.every=100: of the 20 steps"),
    ("arm=none gan.r1_on=real", "gan.r1_on=real"),
    ("gan/penalty=r2 gan.r1_gamma=own", "gan.r1_gamma=own: not tuned beside gan.penalty.r2"),
    ("gan.r1_gamma=own", "gan.r1_gamma=own: tuned for gan."),
    ("gan.r1_gamma=mine", "gan.r1_gamma=mine"),
    ("gan.network=[mlp]", "gan.network="),
    ("trainer.strategy=fsdp", "trainer.strategy=fsdp"),
    ("trainer.precision=16", "trainer.precision=16"),
    ("trainer.accelerator=quantum", "trainer.accelerator=quantum"),
    *([] if torch.cuda.is_available() else [("trainer=gpu", "there is no GPU")]),
    # What does not go together.
    ("budget.images=401", "budget.images=401"),
    ("budget.batch_size=500", "budget.batch_size=500"),
    ("data.n_train=5000", "data.n_train=5000"),
    ("perturbation=interpolate perturbation.neighbours=100", "perturbation.neighbours=100"),
    ("perturbation=density perturbation.components=101", "perturbation.components=101"),
    (
        "trainer=ddp trainer.accelerator=cpu trainer.devices=3 budget.images=600 budget.images_per_epoch=300",
        "budget.batch_size=20",
    ),
    ("trainer.devices=2", "trainer=ddp"),
    ("augmentation.ratio=1e-12", "augmentation.ratio=1e-12"),
    ("augmentation=replace augmentation.probability=1e-12", "augmentation.probability=1e-12"),
    ("gan.generator_width=8192 gan.generator_depth=16", "gan.generator_width=8192"),
    ("gan=dcgan gan.discriminator_width=4096", "gan.discriminator_width=4096"),
    ("gan=resnet gan.generator_width=4096", "gan.generator_width=4096"),
    ("data=mnist data.root=missing", "missing"),
    # A budget that is extended, or matched on real images; a run that is not tested.
    ("budget.extend=200", "budget.extend=200: must be at least budget.images=400"),
    ("budget.extend=401", "budget.extend=401: must be a multiple of"),
    ("budget.match=all", "budget.match=all"),
    ("arm=none budget.match=real", "budget.match=real: augmentation=none"),
    ("augmentation=replace augmentation.probability=1 budget.match=real", "augmentation.probability=1"),
    ("augmentation=replace augmentation.probability=0.999999999 budget.match=real", "it would take 400,000,000,000"),
    ("evaluation.test=perhaps", "evaluation.test=perhaps"),
    ("evaluation.test=false evaluation.classifier_steps=20", "evaluation.classifier_steps=20: evaluation.test=false"),
]
SWEEP = [
    ("experiment=demo,demo_pilot", "experiment=demo: it has a sweep of its own, over arm, seed, which is not read"),
    ("experiment=demo,demo_pilot seed=0,1", "experiment=demo: it has a sweep of its own, over arm, which is not read"),
    ("gan.r1_gamma=null,auto seed=0", "gan.r1_gamma=null,auto: auto looks it up, and 0 is none"),
    ("hydra.sweeper.params={seed:'0,1'}", "type what is swept over by itself"),
    ("arm=null,none", "arm=null,none: leave arm=… out; without it there is none"),
    ("seed=range(0,0)", "seed=range(0,0)"),
    ("seed=range(0,1000000000)", "seed=range(0,1000000000)"),
    ("seed=0,-1", "seed=-1"),
    ("gan.beta1=0,2", "gan.beta1=2"),
    ("gan.beta1=interval(0,1)", "gan.beta1=interval(0,1)"),
    ("variant=same gan.beta1=0,0.5", "the same folder"),
    ("trainer.threads=1,2", ": trainer.threads makes no other run"),
    ("claims=1 seed=0,1", "claims=1: input should be a list"),
    ("hydra/launcher=null seed=0,1", "hydra/launcher=null: there has to be one"),
    ("hydra.sweeper.max_batch_size=x seed=0,1", "hydra.sweeper.max_batch_size=x: must be at least 1, or null"),
    ("sweep.per_gpu=4 hydra.launcher.n_jobs=2 trainer=auto seed=0,1", "sweep.per_gpu=4: hydra.launcher.n_jobs=2 says"),
    ("hydra.launcher.njobs=2 seed=0,1", "hydra.launcher.njobs=2: no such option"),
    ("seed=0,0", "seed=0: it stands there twice"),
    ("seed=0,1 trainer=ddp", "trainer.devices=2"),
    ("arm=none,append_gaussian gan.betta1=0", "gan.beta1"),
    ("arm=none,nope", "arm=none,nope"),
    ("arm=none seed=0,1 autoencoder.lr=0.1", "autoencoder.lr=0.1"),
    ("data.n_train=50,5000", "data.n_train=5000"),
    ("hydra/launcher=joblib hydra.launcher.n_jobs=0", "hydra.launcher.n_jobs=0"),
    ("hydra/sweeper=optuna", "hydra/sweeper=optuna"),
    ("--cfg=job", "--cfg"),
]
REPORT = [
    ("", "nothing to report"),
    ("experiment=", "experiment="),
    ("experiment=,", "experiment=,"),
    ("experiment=nope", "nope"),
    ("experiment=..", "experiment=.."),
    ("experiment=../../elsewhere", "experiment=../../elsewhere"),
    ("experiment=/etc", "experiment=/etc"),
    (f"experiment={LONG}", "experiment=aaa"),
    ("experiment=a results=b", "one of them"),
    ("results=nope.csv", "results=nope.csv"),
    ("results=.", "results=."),
    ("experimnt=demo", "did you mean experiment?"),
    ("-m experiment=a", "-m"),
    ("demo", "experiment=demo"),
    ("experiment=demo outputs=", "outputs="),
    ("outputs=/proc experiment=demo", "outputs=/proc"),
]
EVALUATE = [
    ("", "nothing to measure"),
    ("run=a images=b", "one of them"),
    ("run=", "run="),
    ("run=nope", "run=nope"),
    ("run=.", "run=."),
    ("images=nope", "images=nope"),
    ("images=/dev/null", "images=/dev/null"),
    ("images=.", "images=."),
    ("run=nope seed=1", "seed=1"),
    ("run=nope data=mnist", "data=mnist"),
    ("images=. n_images=0", "n_images=0"),
    ("images=. n_images=true", "n_images=true"),
    ("images=. range=percent", "range=percent"),
    ("images=. seed=-1", "seed=-1"),
    ("images=. name=../x", "name=../x"),
    ("images=. trainer=gpu", "trainer.accelerator=gpu"),
    ("images=. trainer.devices=2", "trainer.devices=2"),
    ("images=. trainer.threads=0", "trainer.threads=0"),
    ("images=. data.n_train=3", "data.n_train=3"),
    ("images=. outputs=/proc", "outputs=/proc"),
    ("image=mine.npy", "did you mean images?"),
]
STATUS = [
    ("", "outputs=outputs: there are no runs"),
    ("outputs=missing", "outputs=missing: there are no runs"),
    ("--watch outputs=missing", "outputs=missing: there are no runs"),
    ("outputs=", "outputs="),
    ("outputs=/proc", "outputs=/proc: there are no runs"),
    ("experiment=", "experiment="),
    ("experiment=nope", "experiment=nope: no runs of it in outputs/runs; experiments there: none"),
    ("experiment=..", "experiment=.."),
    ("experiment=../../elsewhere", "experiment=../../elsewhere"),
    ("experiment=a,/etc", "experiment=/etc"),
    (f"experiment={LONG}", "experiment=aaa"),
    ("experiment=','", "experiment"),
    ("experimnt=demo", "did you mean experiment?"),
    ("watch=2", "watch=2"),
    ("watch=", "watch="),
    ("--wacht", "--wacht"),
    ("-m experiment=a", "-m"),
    ("experiment=a resume=true", "resume=true: no such option"),
    ("demo", "experiment=demo"),
]


def words(line: str) -> list[str]:
    """Arguments are told apart by a space, but for values that hold one."""
    return [line] if line in ("variant=a b'c", "variant='a b'") else line.split()


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty folder to work in, on a machine without a network."""

    def offline(*_, **__):
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    for name in ("MNIST", "FashionMNIST"):
        monkeypatch.setattr(f"torchvision.datasets.{name}", offline)
    monkeypatch.delenv("AEAUG_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def assert_refused(place, ended, names, before=None):
    assert (ended.status, ended.printed) == (1, "")
    assert len(ended.lines) == 1, ended.said
    assert ended.said.startswith("error: ")
    assert names in ended.said
    assert len(ended.said) < 700
    assert content(place) == (before or {})


@pytest.mark.cases(75)
@pytest.mark.parametrize(("line", "names"), TRAIN)
def test_train(place, line, names):
    small = tiny("arm=none") if "arm=none" in line else trained_or_not(words(line))
    assert_refused(place, typed("train", *small, *words(line)), names)


@pytest.mark.cases(7)
@pytest.mark.parametrize(("line", "names"), SWEEP)
def test_sweep(place, line, names):
    assert_refused(
        place, typed("train", "-m", *(tiny("arm=none") if "arm=none" in line else TINY), *words(line)), names
    )


@pytest.mark.parametrize(("line", "names"), REPORT)
def test_report(place, line, names):
    assert_refused(place, typed("report", *words(line)), names)


@pytest.mark.parametrize(("line", "names"), STATUS)
def test_status(place, line, names):
    assert_refused(place, typed("status", *words(line)), names)


@pytest.mark.parametrize(("line", "names"), EVALUATE)
def test_evaluate(place, line, names):
    assert_refused(place, typed("evaluate", *words(line)), names)


# Experiments of one's own, by what is wrong with their file.
GLOBAL = "# @package _global_\n"
FILES = {
    "colon": (f"{GLOBAL}question: What: does it?\n", "colon.yaml, line 2"),
    "choice": (f"{GLOBAL}defaults:\n  - override /gan: stylegan\n", "gan=stylegan"),
    "group": (f"{GLOBAL}defaults:\n  - override /nope: x\n", "nope"),
    "key": (f"{GLOBAL}gan:\n  betta1: 1\n", "gan.betta1=1: no such option; is it beta1?"),
    "value": (f"{GLOBAL}gan:\n  beta1: many\n", "gan.beta1=many"),
    "scalar": (f"{GLOBAL}evaluation: 3\n", "evaluation=3"),
    "empty": ("", "experiment=empty: its file does not begin with"),
    "package": ("seed: 3\n", "experiment=package: its file does not begin with"),
    "a_list": ("[1, 2]\n", "experiment=a_list"),
    "hostile": (f"{GLOBAL}x: !!python/object/apply:os.system ['touch executed']\n", "hostile.yaml, line 2"),
    "binary": (b"\xca\xfe\xba\xbe", "experiment=binary"),
    "absent": (None, "experiment=absent"),
}


@pytest.mark.parametrize("name", FILES)
def test_an_experiments_file(place, name):
    text, names = FILES[name]
    folder = place / "mine" / "experiment"
    folder.mkdir(parents=True)
    if text is not None:
        (folder / f"{name}.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    before = content(place)
    small = [option for option in TINY if not option.startswith("evaluation")]
    assert_refused(place, typed("train", "--config-dir=mine", *small, f"experiment={name}"), names, before)


# Options by their model, and what else has to be typed for them to be there.
MODELS = {
    "": (RunOptions, ""),
    "data": (DataOptions, ""),
    "budget": (BudgetOptions, ""),
    "autoencoder": (AutoencoderOptions, ""),
    "autoencoder closed form": (ClosedFormOptions, "autoencoder=pca"),
    "gan": (GANOptions, ""),
    "gan.penalty.r2": (R2, "gan/penalty=r2"),
    "gan.penalty.gradient": (GradientPenalty, "gan/penalty=gradient"),
    "gan.penalty.lecam": (LeCam, "gan/penalty=lecam"),
    "gan.penalty.bcr": (BCR, "gan/penalty=bcr"),
    "gan.r1_schedule": (Cosine, "gan/r1_schedule=cosine"),
    "gan.penalty_schedule": (Step, "gan/penalty=bcr gan/penalty_schedule=step"),
    "gan.view.diffaugment": (DiffAugment, "gan/view=diffaugment"),
    "gan.view_schedule": (ByRealSign, "gan/view=geometric gan/view_schedule=r_t"),
    "gan.pseudo_schedule": (Linear, "gan/pseudo=generated gan/pseudo_schedule=linear"),
    "gan.view.geometric": (Geometric, "gan/view=geometric"),
    "gan.view.ada": (ADA, "gan/view=ada"),
    "gan.view.ada_r_v": (ADAHeldOut, "gan/view=ada_r_v"),
    "gan.view.instance_noise": (FadingNoise, "gan/view=instance_noise"),
    "gan.pseudo.generated": (Generated, "gan/pseudo=generated"),
    "gan.pseudo.apa": (APA, "gan/pseudo=apa"),
    "gan.pseudo.apa_r_v": (APAHeldOut, "gan/pseudo=apa_r_v"),
    "source rounded": (Rounded, "source=rounded"),
    "filter score": (Score, "filter=score"),
    "filter manifold": (Manifold, "filter=manifold"),
    "filter labels": (Labels, "filter=labels"),
    "augmentation append": (Append, "augmentation=append"),
    "augmentation replace": (Replace, "augmentation=replace"),
    "augmentation two_sided": (TwoSided, "augmentation=two_sided"),
    "augmentation consistency": (Consistency, "augmentation=consistency"),
    "perturbation gaussian": (Gaussian, "perturbation=gaussian"),
    "perturbation interpolate": (Interpolate, "perturbation=interpolate"),
    "perturbation uniform": (Uniform, "perturbation=uniform"),
    "perturbation extrapolate": (Extrapolate, "perturbation=extrapolate"),
    "perturbation difference": (Difference, "perturbation=difference"),
    "perturbation mixup": (Mixup, "perturbation=mixup"),
    "perturbation dropout": (Dropout, "perturbation=dropout"),
    "perturbation hard": (Hard, "perturbation=hard"),
    "perturbation density": (Density, "perturbation=density"),
    "perturbation posterior": (Posterior, "perturbation=posterior autoencoder=vae"),
    "autoencoder denoising": (DenoisingOptions, "autoencoder=denoising"),
    "autoencoder vae": (VAEOptions, "autoencoder=vae"),
    "autoencoder rae": (RAEOptions, "autoencoder=rae"),
    "schedule linear": (Linear, "schedule=linear"),
    "schedule cosine": (Cosine, "schedule=cosine"),
    "schedule step": (Step, "schedule=step"),
    "schedule r_t": (ByRealSign, "schedule=r_t"),
    "gate error": (ErrorGate, "gate=error autoencoder.stopping=hold_out autoencoder.check_every=2"),
    "gate labels": (LabelsGate, "gate=labels"),
    "schedule r_v": (ByHeldOut, "schedule=r_v"),
    "trainer": (TrainerOptions, ""),
    "evaluation": (EvaluationOptions, ""),
}


def ranges():
    """Every option that is a number: its key, what else is typed, its model and name, its lowest and highest values."""
    for group, (model, more) in MODELS.items():
        for name, field in model.model_fields.items():
            bounds = {type(bound): bound for bound in field.metadata}
            low = bounds.get(annotated_types.Ge) or bounds.get(annotated_types.Gt)
            high = bounds.get(annotated_types.Le) or bounds.get(annotated_types.Lt)
            if low is not None:
                prefix = f"{group.split()[0]}." if group else ""
                yield f"{prefix}{name}", more, low, high


NUMBERS = list(ranges())
NOT_NUMBERS = ["inf", "-inf", "nan", "true", "abc", "", "[1]"]


@pytest.mark.cases(47)
@pytest.mark.parametrize(("key", "more", "low", "high"), NUMBERS, ids=[key for key, *_ in NUMBERS])
def test_numbers(place, key, more, low, high):
    """Below, above, and of another kind: each is refused, whatever the option. Kinds take turns over the options, and
    so do the values that are typed, one of every fifth option; of the others the options are composed and checked,
    which is what says the line."""
    kinds = [NOT_NUMBERS[(2 * [one[0] for one in NUMBERS].index(key) + turn) % len(NOT_NUMBERS)] for turn in range(2)]
    below = low.ge - 1 if isinstance(low, annotated_types.Ge) else low.gt
    above = high.le * 2 + 1 if isinstance(high, annotated_types.Le) else high.lt
    values, place_of = [below, above, *kinds], [one[0] for one in NUMBERS].index(key)
    turn, rest = divmod(place_of, 5)
    for number, value in enumerate(values):
        given = [*more.split(), f"{key}={value}"]
        if rest == 0 and number == turn % len(values):
            assert_refused(place, typed("train", *trained_or_not(more.split()), *given), f"{key}=")
            continue
        if is_flag(key):
            given[-1] = f"++{given[-1]}"  # as the command line has it
        with pytest.raises(ValueError, match=re.escape(f"{key}=")) as caught:
            options(place, *given)
        assert len(str(caught.value).splitlines()) == 1
