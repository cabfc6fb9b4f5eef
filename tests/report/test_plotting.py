"""Colours of pictures: seen on light and dark ground, told apart with any colour vision."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("altair", reason="needs the extra eventlab[report]")

from eventlab.report import look, plotting

# Machado, Oliveira & Fernandes (2009), severity 1, on linear RGB.
SEEN = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
    "all": np.eye(3),
}
APART = 20.0  # CIE 1976; 2.3 is just noticed side by side
MARKS = {name: getattr(plotting, name) for name in ("BLUE", "ORANGE", "PURPLE", "GREY")}
STYLE = (Path(look.__file__).parent / "templates" / "style.css").read_text("utf-8")
GROUNDS = re.findall(r"--ground: (#[0-9a-f]{6})", STYLE)  # light, dark


def linear(color: str) -> np.ndarray:
    srgb = np.array([int(color[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def luminance(color: str) -> float:
    return float(linear(color) @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    to_xyz = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    )
    ratio = to_xyz @ np.clip(rgb, 0, 1) / [0.95047, 1.0, 1.08883]
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_contrast_by_hand() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)
    np.testing.assert_allclose(lab(linear("#ff0000")), [53.24, 80.09, 67.20], atol=0.02)


@pytest.mark.parametrize("name", MARKS)
def test_marks_stand_out_on_light_and_dark(name: str) -> None:
    assert len(GROUNDS) == 2
    for ground in GROUNDS:
        assert contrast(MARKS[name], ground) >= 3  # WCAG 1.4.11


@pytest.mark.parametrize("vision", SEEN)
def test_marks_are_told_apart_with_any_colour_vision(vision: str) -> None:
    seen = {name: lab(np.asarray(SEEN[vision]) @ linear(color)) for name, color in MARKS.items()}
    for one, other in combinations(seen, 2):
        assert np.linalg.norm(seen[one] - seen[other]) > APART, (one, other)


def test_the_mark_of_simulated_prices_is_read_on_every_ground() -> None:
    marks = re.findall(r"--simulated: (#[0-9a-f]{6})", STYLE)[:2]
    for mark, ground in zip(marks, GROUNDS, strict=True):
        assert contrast(mark, ground) >= 4.5
    assert contrast(look.WARNING, look.LIGHT) >= 4.5
