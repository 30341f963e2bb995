"""The first layer of a trained network, whose kernels can be read."""

import numpy as np
import pytest

import neurolupa as nl
from neurolupa.units.tuning_curves.circular import distance

SIDE = 96


@pytest.mark.real
def test_oriented_kernels_of_resnet18_prefer_the_orientation_of_their_own_spectrum(data):
    weights = data / "weights" / "resnet18-imagenet-trunk.pth"
    model = nl.load_model("resnet18", weights=weights, allow_partial=True, input_size=SIDE)
    luminance = model.module.conv1.weight.detach().numpy() / np.reshape(model.preprocessing.std, (1, 3, 1, 1))
    spectra = abs(np.fft.fft2(luminance.sum(1), s=(256, 256)))
    peaks = np.array([np.unravel_index(spectrum.argmax(), spectrum.shape) for spectrum in spectra])
    down, right = np.fft.fftfreq(256)[peaks].T
    # Bars lie across their wave vector; their angle counts counter-clockwise from horizontal.
    orientations = np.rad2deg(np.arctan2(right, down)) % 180
    gratings = f"gratings?size={SIDE}&orientations=16&frequencies=5&phases=4"
    found = nl.tuning(
        model, "conv1", factors="orientation,frequency", stimuli={"gratings": gratings}, shuffles=99
    )
    curves, frequencies = found.of("orientation"), found.of("frequency")
    oriented = np.flatnonzero(np.nan_to_num(curves.index) > 0.6)
    assert len(oriented) >= 8
    assert (distance(curves.angle[oriented], orientations[oriented], 180.0) < 12).all()
    assert (curves.p[oriented] == 0.01).all()
    cycles = SIDE * np.hypot(down, right)[oriented]
    measured = np.array(frequencies.values)[frequencies.best[oriented]]
    assert (abs(np.log2(measured / np.clip(cycles, 2, SIDE / 4))) < 0.6).all()
