"""How risk models are learned."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """How it is learned. One object for trainings, the command line and the benches: what is measured is what is shipped."""

    events: int = 12  # of a ticket that are learned from; later ones are scored as well
    boostings: int = 3  # averaged, each with its own seed
    trees: int = 120  # of each
    rate: float = 0.06  # of learning
    leaves: int = 15
    rows_of_leaf: int = 60
    l2: float = 5.0
    features: float = 0.2  # share of the features that a cut chooses from
    logistic: float = 0.3  # strength of the baseline, as scikit-learn's C


SHIPPED = Settings()
