"""Every generator by name."""

from interplay.generators.discrete import GATES, NoisyViews
from interplay.generators.gaussian import GaussianMixture
from interplay.generators.latent import COUNTS, LatentVariables
from interplay.generators.truth import Generator

VIEWS: tuple[NoisyViews, ...] = (
    NoisyViews(name="noisy views, 2 classes", classes=2, flips=(0.1, 0.2), nuisance=5),
    NoisyViews(name="noisy views, 2 classes, equal", classes=2, flips=(0.15, 0.15), nuisance=20),
    NoisyViews(name="noisy views, 4 classes", classes=4, flips=(0.3, 0.1), nuisance=10),
)
MIXTURES: tuple[GaussianMixture, ...] = tuple(
    GaussianMixture(name=f"Gaussian mixture, {angle} degrees", angle=float(angle)) for angle in (0, 15, 30, 45, 75)
)
LATENTS: tuple[LatentVariables, ...] = tuple(LatentVariables(setting=setting) for setting in COUNTS)
ALL: tuple[Generator, ...] = (*GATES, *VIEWS, *MIXTURES, *LATENTS)
