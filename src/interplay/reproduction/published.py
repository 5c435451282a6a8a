"""Figures that others published: small constants, each with its source. They are compared with, never computed with.

Code: the authors' released repository pliang279/PID, printed outputs of bounds/bounds_real.ipynb (bits). Paper: Liang
et al., ICLR 2024 (arXiv 2306.04539), as quoted in its public reviews. Sibling: arXiv 2302.12247 and its notebooks.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Printed:
    """One printed output of the authors' notebook, in bits; U1 and U2 in true order (the code swaps their names)."""

    set: str
    pair: str
    redundancy: float
    unique: tuple[float, float]
    synergy: float
    redundancy_bound: float  # 'lower_R'
    disagreement_bound: float  # 'lower_diff', constant 1
    upper: float  # coupling, best of three pairings

    @property
    def total(self) -> float:
        """I({X1,X2};Y) of the authors' histogram."""
        return self.redundancy + sum(self.unique) + self.synergy

    @property
    def ceiling(self) -> float:
        """Largest information that the printed upper bound leaves open; H(Y) where the bound is the trivial one."""
        return self.upper + self.redundancy + sum(self.unique)


def _printed(name: str, pair: str, *numbers: float) -> Printed:
    r, u1, u2, s, low, apart, high = numbers
    return Printed(
        set=name,
        pair=pair,
        redundancy=r,
        unique=(u1, u2),
        synergy=s,
        redundancy_bound=low,
        disagreement_bound=apart,
        upper=high,
    )


# source: bounds_real.ipynb, rounded to seven decimals
PRINTED: tuple[Printed, ...] = (
    _printed("MUStARD", "vision+text", 0.1609919, 0.0128856, 0.0189202, 0.4940308, 0.0357922, 0.0727645, 0.7919976),
    _printed("MUStARD", "vision+audio", 0.1622789, 0.0115989, 0.0286055, 0.3106194, 0.0052085, 0.0578770, 0.7823121),
    _printed("MUStARD", "audio+text", 0.1771434, 0.0137407, 0.0027702, 0.5083907, 0.0573580, 0.1110417, 0.7911410),
    _printed("UR-FUNNY", "vision+text", 0.0123265, 0.0293321, 0.0, 0.2092876, -0.0081611, 0.0039275, 0.9582151),
    _printed("UR-FUNNY", "vision+audio", 0.0132720, 0.0283866, 0.0000163, 0.2357507, 0.0033044, 0.0048639, 0.9581988),
    _printed("UR-FUNNY", "audio+text", 0.0112942, 0.0019689, 0.0009994, 0.0792740, 0.0003415, 0.0097279, 0.9856111),
    _printed("MOSEI", "vision+text", 0.0215729, 0.0015809, 0.0116590, 0.0426475, 0.0061345, 0.0101840, 0.9649301),
    _printed("MOSEI", "vision+audio", 0.0175095, 0.0056444, 0.0000053, 0.0289887, 0.0035383, 0.0063628, 0.9765838),
    _printed("MOSEI", "audio+text", 0.0175148, 0.0, 0.0157171, 0.0331088, 0.0041285, 0.0031533, 0.9665111),
    _printed("MOSI", "vision+text", 0.0310364, 0.0171433, 0.0, 0.3105053, 0.0140713, 0.0288182, 0.9249448),
    _printed("MOSI", "vision+audio", 0.0338114, 0.0143683, 0.0054882, 0.2823096, 0.0119857, 0.0310146, 0.9194566),
    _printed("MOSI", "audio+text", 0.0299208, 0.0093788, 0.0011157, 0.1405527, 0.0015819, 0.0208300, 0.9327093),
    _printed("AV-MNIST", "image+audio", 0.1741230, 1.3930972, 0.0440593, 0.2597635, 0.0871866, -1.0624313, 1.7081431),
    _printed("MIMIC", "modal1+modal2", 0.0046572, 0.2503857, 0.0, 0.0160503, -0.0012610, -0.1218530, 0.4069562),
    _printed("ENRICO", "image+wireframe", 0.4860432, 0.5636431, 0.7438918, 1.0186824, 0.0130740, -0.5486113, 2.0922930),
)
# rows of the test split and share of its largest class, where the printed H(Y) or accuracies allow only one number:
# MUStARD 79 of 138; MOSI 409 of 686 and MOSEI 2375 of 4662 (H(Y) to five decimals); UR-FUNNY 1058 (27 accuracies)
TEST_ROWS: dict[str, int] = {"MUStARD": 138, "UR-FUNNY": 1058, "MOSEI": 4662, "MOSI": 686}
CLASSES: dict[str, int] = {"MUStARD": 2, "UR-FUNNY": 2, "MOSEI": 2, "MOSI": 2, "AV-MNIST": 10, "MIMIC": 2, "ENRICO": 20}
# source: paper, Table 1, as quoted in reviews: S and its bounds (None: not quoted)
TABLE_1: dict[str, tuple[float, float | None, float | None]] = {
    "MOSEI": (0.03, 0.0, 0.97),
    "UR-FUNNY": (0.18, 0.0, 0.97),
    "MOSI": (0.24, 0.01, 0.92),
    "MUStARD": (0.44, None, None),
    "MIMIC": (0.02, None, None),
    "ENRICO": (1.02, 0.01, 2.09),
}
# source: paper, Figure 2, as quoted in reviews: mean gaps in bits over 100,000 uniform 2x2x2 joints
FIGURE_2: dict[str, float] = {"lower": 0.18, "upper": 0.62, "upper_where_synergy_above_0.6": 0.24}
# source: paper, Table 3, as quoted in reviews; which column 1.21, 1.29 and 1.27 belong to is inferred
TABLE_3_UPPER: dict[str, float] = {"MOSEI": 1.07, "UR-FUNNY": 1.21, "MOSI": 1.29, "MUStARD": 1.63, "MIMIC": 1.27}
TABLE_3_LOWER: dict[str, float] = {"MOSEI": 0.52}
TABLE_3_MIDDLE: dict[str, float] = {"MOSEI": 0.80, "MUStARD": 1.21, "MIMIC": 1.02}
TABLE_3_SETS = 6
# source: paper, section 4, as quoted in reviews: correlation of the estimated performance over six data sets with ...
CORRELATIONS: dict[str, float] = {
    "gain of multimodal over unimodal": 0.21,
    "the same without MIMIC": 0.53,
    "gain of complex over simple fusion": 0.77,
}
# source: sibling's notebook synthetic/test.ipynb, nats: R, U1, U2, S of the latent-variable sets
SIBLING_NATS: dict[str, tuple[float, float, float, float]] = {
    "redundancy": (0.1672, 0.0094, 0.0004, 0.0541),
    "uniqueness0": (0.0024, 0.1717, 0.0000, 0.0537),
    "uniqueness1": (0.0041, 0.0000, 0.1602, 0.0473),
    "synergy": (0.0741, 0.0101, 0.0006, 0.1382),
    "mix1": (0.0508, 0.0052, 0.0013, 0.0713),
    "mix2": (0.0540, 0.0577, 0.0000, 0.0714),
    "mix3": (0.0798, 0.0090, 0.0014, 0.1158),
    "mix4": (0.0909, 0.0027, 0.0056, 0.0763),
    "mix5": (0.0405, 0.0000, 0.0376, 0.0584),
    "mix6": (0.1163, 0.0001, 0.0294, 0.0544),
}
# source: example arrays in bounds_synthetic.ipynb, cells 000, 001, ..., 111 of (x1, x2, y)
NOTEBOOK_JOINTS: dict[str, tuple[float, ...]] = {
    "notebook A": (0.23148881, 0.00941881, 0.07064852, 0.00650789, 0.01758162, 0.42417211, 0.22418906, 0.01599317),
    "notebook B": (0.00941881, 0.23148881, 0.07064852, 0.00650789, 0.42417211, 0.01758162, 0.01599317, 0.22418906),
    "notebook C": (0.0, 0.25, 0.15, 0.1, 0.25, 0.0, 0.1, 0.15),
    "notebook D": (0.03349886, 0.02460521, 0.23188986, 0.0167147, 0.04237604, 0.64494174, 0.00478614, 0.00118744),
    "notebook E": (0.11564164, 0.01350078, 0.03169016, 0.00144381, 0.05276016, 0.66327317, 0.10926603, 0.01242425),
}
