"""NIST's Statistical Reference Datasets for linear regression, and their exact solution.

Data and certified values: National Institute of Standards and Technology, Statistical Reference
Datasets, linear regression (https://www.itl.nist.gov/div898/strd/lls/lls.shtml): Norris, Pontius,
NoInt1, NoInt2, Filip, Longley, Wampler1 to Wampler5. ``exact`` solves least squares in rational
numbers, so that a typing error in either shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt

DIGITS = Context(prec=40)


@dataclass(frozen=True)
class Dataset:
    """Columns as printed, and the certified values as printed."""

    name: str
    y: tuple[Fraction, ...]
    columns: tuple[tuple[Fraction, ...], ...]
    coefficients: tuple[str, ...]
    errors: tuple[str, ...]
    sigma: str
    r_squared: str

    @cached_property
    def x(self) -> npt.NDArray[np.float64]:
        """(n, k) the nearest doubles of the columns, the constant among them if there is one."""
        return np.array([[float(cell) for cell in column] for column in self.columns]).T

    @cached_property
    def response(self) -> npt.NDArray[np.float64]:
        """(n,) the nearest doubles."""
        return np.array([float(cell) for cell in self.y])


@dataclass(frozen=True)
class Exact:
    """Coefficients and the inverse of X'X as fractions; squares of residuals, and R squared."""

    coefficients: list[Fraction]
    inverse: list[list[Fraction]]
    residuals: list[Fraction]
    r_squared: Fraction

    @cached_property
    def variance(self) -> Fraction:
        """Squared residual standard deviation, divisor n - k."""
        squares = sum((e * e for e in self.residuals), Fraction())
        return squares / (len(self.residuals) - len(self.coefficients))

    @cached_property
    def errors(self) -> list[Decimal]:
        """Standard errors of the coefficients."""
        return [root(self.variance * row[j]) for j, row in enumerate(self.inverse)]


def root(value: Fraction) -> Decimal:
    """Square root to forty digits."""
    return DIGITS.sqrt(decimal(value))


def decimal(value: Fraction) -> Decimal:
    """Forty digits of a fraction."""
    return DIGITS.divide(Decimal(value.numerator), Decimal(value.denominator))


def exact(y: tuple[Fraction, ...], columns: tuple[tuple[Fraction, ...], ...]) -> Exact:
    """Least squares without rounding, by the normal equations.

    R squared is about the mean where the first column is constant, else about zero.
    """
    k = len(columns)
    table = [
        [dot(a, b) for b in columns] + [dot(a, y)] + [Fraction(i == j) for j in range(k)]
        for i, a in enumerate(columns)
    ]
    for i in range(k):  # X'X is positive definite: no pivot is zero
        table[i] = [cell / table[i][i] for cell in table[i]]
        for j in range(k):
            if j != i and table[j][i]:
                share = table[j][i]
                table[j] = [b - share * a for a, b in zip(table[i], table[j], strict=True)]
    beta = [row[k] for row in table]
    residuals = [
        y[t] - sum((b * c[t] for b, c in zip(beta, columns, strict=True)), Fraction())
        for t in range(len(y))
    ]
    mean = sum(y, Fraction()) / len(y) if len(set(columns[0])) == 1 else Fraction()
    about = dot(tuple(v - mean for v in y), tuple(v - mean for v in y))
    left = dot(tuple(residuals), tuple(residuals))
    return Exact(beta, [row[k + 1 :] for row in table], residuals, 1 - left / about)


def dot(a: tuple[Fraction, ...], b: tuple[Fraction, ...]) -> Fraction:
    """Inner product."""
    return sum((u * v for u, v in zip(a, b, strict=True)), Fraction())


def digits(found: object, certified: object) -> float:
    """Least number of correct digits, -log10 of the relative error (of ``found`` where it is 0)."""
    a, b = np.atleast_1d(np.asarray(found, float)), np.atleast_1d(np.asarray(certified, float))
    error = np.where(b == 0.0, np.abs(a), np.abs(a - b) / np.where(b == 0.0, 1.0, np.abs(b)))
    return float((-np.log10(np.maximum(error, 1e-17))).min())


def fractions(text: str) -> tuple[Fraction, ...]:
    """Numbers as printed."""
    return tuple(Fraction(cell) for cell in text.split())


def powers(x: tuple[Fraction, ...], first: int, last: int) -> tuple[tuple[Fraction, ...], ...]:
    """Columns x^first to x^last."""
    return tuple(tuple(cell**p for cell in x) for p in range(first, last + 1))


NORRIS_Y = """0.1 338.8 118.1 888.0 9.2 228.1 668.5 998.5 449.1 778.9 559.2 0.3 0.1 778.1 668.8
    339.3 448.9 10.8 557.7 228.3 998.0 888.8 119.6 0.3 0.6 557.6 339.3 888.0 998.5 778.9 10.2
    117.6 228.9 668.4 449.2 0.2"""
NORRIS_X = """0.2 337.4 118.2 884.6 10.1 226.5 666.3 996.3 448.6 777.0 558.2 0.4 0.6 775.5 666.9
    338.0 447.5 11.6 556.0 228.1 995.8 887.6 120.2 0.3 0.3 556.8 339.1 887.2 999.0 779.0 11.1
    118.3 229.2 669.1 448.9 0.5"""
PONTIUS_Y = """.11019 .21956 .32949 .43899 .54803 .65694 .76562 .87487 .98292 1.09146 1.20001
    1.30822 1.41599 1.52399 1.63194 1.73947 1.84646 1.95392 2.06128 2.16844 .11052 .22018 .32939
    .43886 .54798 .65739 .76596 .87474 .98300 1.09150 1.20004 1.30818 1.41613 1.52408 1.63159
    1.73965 1.84696 1.95445 2.06177 2.16829"""
FILIP_Y = """0.8116 0.9072 0.9052 0.9039 0.8053 0.8377 0.8667 0.8809 0.7975 0.8162 0.8515 0.8766
    0.8885 0.8859 0.8959 0.8913 0.8959 0.8971 0.9021 0.909 0.9139 0.9199 0.8692 0.8872 0.89 0.891
    0.8977 0.9035 0.9078 0.7675 0.7705 0.7713 0.7736 0.7775 0.7841 0.7971 0.8329 0.8641 0.8804
    0.7668 0.7633 0.7678 0.7697 0.77 0.7749 0.7796 0.7897 0.8131 0.8498 0.8741 0.8061 0.846 0.8751
    0.8856 0.8919 0.8934 0.894 0.8957 0.9047 0.9129 0.9209 0.9219 0.7739 0.7681 0.7665 0.7703
    0.7702 0.7761 0.7809 0.7961 0.8253 0.8602 0.8809 0.8301 0.8664 0.8834 0.8898 0.8964 0.8963
    0.9074 0.9119 0.9228"""
FILIP_X = """-6.860120914 -4.324130045 -4.358625055 -4.358426747 -6.955852379 -6.661145254
    -6.355462942 -6.118102026 -7.115148017 -6.815308569 -6.519993057 -6.204119983 -5.853871964
    -6.109523091 -5.79832982 -5.482672118 -5.171791386 -4.851705903 -4.517126416 -4.143573228
    -3.709075441 -3.499489089 -6.300769497 -5.953504836 -5.642065153 -5.031376979 -4.680685696
    -4.329846955 -3.928486195 -8.56735134 -8.363211311 -8.107682739 -7.823908741 -7.522878745
    -7.218819279 -6.920818754 -6.628932138 -6.323946875 -5.991399828 -8.781464495 -8.663140179
    -8.473531488 -8.247337057 -7.971428747 -7.676129393 -7.352812702 -7.072065318 -6.774174009
    -6.478861916 -6.159517513 -6.835647144 -6.53165267 -6.224098421 -5.910094889 -5.598599459
    -5.290645224 -4.974284616 -4.64454848 -4.290560426 -3.885055584 -3.408378962 -3.13200249
    -8.726767166 -8.66695597 -8.511026475 -8.165388579 -7.886056648 -7.588043762 -7.283412422
    -6.995678626 -6.691862621 -6.392544977 -6.067374056 -6.684029655 -6.378719832 -6.065855188
    -5.752272167 -5.132414673 -4.811352704 -4.098269308 -3.66174277 -3.2644011"""
LONGLEY = """60323 83.0 234289 2356 1590 107608 1947  61122 88.5 259426 2325 1456 108632 1948
    60171 88.2 258054 3682 1616 109773 1949  61187 89.5 284599 3351 1650 110929 1950
    63221 96.2 328975 2099 3099 112075 1951  63639 98.1 346999 1932 3594 113270 1952
    64989 99.0 365385 1870 3547 115094 1953  63761 100.0 363112 3578 3350 116219 1954
    66019 101.2 397469 2904 3048 117388 1955  67857 104.6 419180 2822 2857 118734 1956
    68169 108.4 442769 2936 2798 120445 1957  66513 110.8 444546 4681 2637 121950 1958
    68655 112.6 482704 3813 2552 123366 1959  69564 114.2 502601 3931 2514 125368 1960
    69331 115.7 518173 4806 2572 127852 1961  70551 116.9 554894 4007 2827 130081 1962"""
WAMPLER_NOISE = """759 -2048 2048 -2048 2523 -2048 2048 -2048 1838 -2048 2048 -2048 1838 -2048 2048
    -2048 2523 -2048 2048 -2048 759"""


@cache
def datasets() -> dict[str, Dataset]:
    """Every set by its name."""
    pontius_x = tuple(Fraction(150_000 * (1 + i % 20)) for i in range(40))
    longley = fractions(LONGLEY)
    rows = [longley[i : i + 7] for i in range(0, len(longley), 7)]
    return {
        one.name: one
        for one in (
            Dataset(
                "Norris",
                fractions(NORRIS_Y),
                powers(fractions(NORRIS_X), 0, 1),
                ("-0.262323073774029", "1.00211681802045"),
                ("0.232818234301152", "0.429796848199937E-03"),
                "0.884796396144373",
                "0.999993745883712",
            ),
            Dataset(
                "Pontius",
                fractions(PONTIUS_Y),
                powers(pontius_x, 0, 2),
                ("0.673565789473684E-03", "0.732059160401003E-06", "-0.316081871345029E-14"),
                ("0.107938612033077E-03", "0.157817399981659E-09", "0.486652849992036E-16"),
                "0.205177424076185E-03",
                "0.999999900178537",
            ),
            Dataset(
                "NoInt1",
                tuple(map(Fraction, range(130, 141))),
                (tuple(map(Fraction, range(60, 71))),),
                ("2.07438016528926",),
                ("0.165289256198347E-01",),
                "3.56753034006338",
                "0.999365492298663",
            ),
            Dataset(
                "NoInt2",
                fractions("3 4 4"),
                (fractions("4 5 6"),),
                ("0.727272727272727",),
                ("0.420827318078432E-01",),
                "0.369274472937998",
                "0.993348115299335",
            ),
            Dataset(
                "Filip",
                fractions(FILIP_Y),
                powers(fractions(FILIP_X), 0, 10),
                (
                    "-1467.48961422980",
                    "-2772.17959193342",
                    "-2316.37108160893",
                    "-1127.97394098372",
                    "-354.478233703349",
                    "-75.1242017393757",
                    "-10.8753180355343",
                    "-1.06221498588947",
                    "-0.670191154593408E-01",
                    "-0.246781078275479E-02",
                    "-0.402962525080404E-04",
                ),
                (
                    "298.084530995537",
                    "559.779865474950",
                    "466.477572127796",
                    "227.204274477751",
                    "71.6478660875927",
                    "15.2897178747400",
                    "2.23691159816033",
                    "0.221624321934227",
                    "0.142363763154724E-01",
                    "0.535617408889821E-03",
                    "0.896632837373868E-05",
                ),
                "0.334801051324544E-02",
                "0.996727416185620",
            ),
            Dataset(
                "Longley",
                tuple(row[0] for row in rows),
                (
                    (Fraction(1),) * len(rows),
                    *(tuple(row[c] for row in rows) for c in range(1, 7)),
                ),
                (
                    "-3482258.63459582",
                    "15.0618722713733",
                    "-0.358191792925910E-01",
                    "-2.02022980381683",
                    "-1.03322686717359",
                    "-0.511041056535807E-01",
                    "1829.15146461355",
                ),
                (
                    "890420.383607373",
                    "84.9149257747669",
                    "0.334910077722432E-01",
                    "0.488399681651699",
                    "0.214274163161675",
                    "0.226073200069370",
                    "455.478499142212",
                ),
                "304.854073561965",
                "0.995479004577296",
            ),
            *wampler(),
        )
    }


def wampler() -> list[Dataset]:
    """Polynomials of degree 5 in 0, 1, ..., 20: two without residuals, three with ever more."""
    x = tuple(map(Fraction, range(21)))
    columns, noise = powers(x, 0, 5), fractions(WAMPLER_NOISE)
    line = tuple(sum((column[t] for column in columns), Fraction()) for t in range(21))
    ones, none = ("1.00000000000000",) * 6, ("0.00000000000000",) * 6
    tenths = tuple(f"1.00000000000000E-{p:02}" for p in range(6))
    small = tuple(
        sum((column[t] / 10**p for p, column in enumerate(columns)), Fraction()) for t in range(21)
    )
    errors = {
        1: (
            "2152.32624678170",
            "2363.55173469681",
            "779.343524331583",
            "101.475507550350",
            "5.64566512170752",
            "0.112324854679312",
        ),
        100: (
            "215232.624678170",
            "236355.173469681",
            "77934.3524331583",
            "10147.5507550350",
            "564.566512170752",
            "11.2324854679312",
        ),
        10_000: (
            "21523262.4678170",
            "23635517.3469681",
            "7793435.24331583",
            "1014755.07550350",
            "56456.6512170752",
            "1123.24854679312",
        ),
    }
    certified = {
        1: ("2360.14502379268", "0.999995559025820"),
        100: ("236014.502379268", "0.957478440825662"),
        10_000: ("23601450.2379268", "0.224668921574940E-02"),
    }
    noisy = [
        Dataset(
            f"Wampler{3 + i}",
            tuple(a + size * b for a, b in zip(line, noise, strict=True)),
            columns,
            ones,
            errors[size],
            *certified[size],
        )
        for i, size in enumerate(certified)
    ]
    nothing = "0.00000000000000"
    return [
        Dataset("Wampler1", line, columns, ones, none, nothing, "1.00000000000000"),
        Dataset("Wampler2", small, columns, tenths, none, nothing, "1.00000000000000"),
        *noisy,
    ]
