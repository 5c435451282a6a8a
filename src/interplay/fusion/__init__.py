"""Classifiers of pairs that are made, chosen and certified without one labelled pair."""

from interplay.estimation.fitted import Fitted as Fitted
from interplay.estimation.fitted import Probabilities as Probabilities
from interplay.fusion.estimators import AutoFusion as AutoFusion
from interplay.fusion.estimators import MaxEntFusion as MaxEntFusion
from interplay.fusion.estimators import MinimaxFusion as MinimaxFusion
from interplay.fusion.estimators import ProductOfExperts as ProductOfExperts

__all__ = ["AutoFusion", "Fitted", "MaxEntFusion", "MinimaxFusion", "Probabilities", "ProductOfExperts"]
