import numpy as np
import pytest
import torch
from training.pictures import GREY, PAD, Pictures, batches, normalise, read_pictures

from neurolupa.models.embedded import PREPROCESSING


@pytest.fixture
def numbered() -> Pictures:
    """Every pixel of a picture differs from every other: (column, row, picture)."""
    pixels = torch.zeros(20, 32, 32, 3, dtype=torch.uint8)
    pixels[..., 0] = torch.arange(32)
    pixels[..., 1] = torch.arange(32)[:, None]
    pixels[..., 2] = torch.arange(20)[:, None, None]
    return Pictures(pixels, torch.arange(20))


def epoch(pictures, number, size=24, seed=0, hidden=0):
    found = list(batches(pictures, size, 5, number, seed, hidden))
    return torch.cat([pixels for pixels, _ in found]), torch.cat([labels for _, labels in found])


def test_every_picture_comes_once_an_epoch_with_its_label(numbered):
    pixels, labels = epoch(numbered, 0)
    assert sorted(labels.tolist()) == list(range(20))
    assert torch.equal(pixels[:, 0, 0, 2].long(), labels)


def test_crops_are_windows_of_the_reflected_picture_or_of_its_mirror_image(numbered):
    pixels, _ = epoch(numbered, 3)
    reflected = np.pad(np.arange(32), PAD, mode="reflect")
    windows = {tuple(reflected[left : left + 24]) for left in range(len(reflected) - 23)}
    for picture in pixels:
        columns, rows = picture[0, :, 0].tolist(), picture[:, 0, 1].tolist()
        assert tuple(rows) in windows
        assert tuple(columns) in windows or tuple(columns[::-1]) in windows


def test_a_picture_is_mirrored_in_every_other_epoch():
    ramp = torch.arange(32, dtype=torch.uint8)[None, None, :, None].expand(20, 32, 32, 3).contiguous()
    pictures = Pictures(ramp, torch.arange(20))

    def mirrored(number):
        pixels, labels = epoch(pictures, number, size=16)
        middle = pixels[:, 0, 7, 0].int() > pixels[:, 0, 8, 0].int()
        return dict(zip(labels.tolist(), middle.tolist(), strict=True))

    first, second, third = mirrored(0), mirrored(1), mirrored(2)
    assert set(first.values()) == {True, False}
    assert all(first[label] != second[label] and first[label] == third[label] for label in first)


def test_an_epoch_depends_on_its_number_and_the_seed_alone(numbered):
    torch.manual_seed(1)
    again = epoch(numbered, 4)[0]
    torch.manual_seed(2)
    assert torch.equal(epoch(numbered, 4)[0], again)
    assert not torch.equal(epoch(numbered, 5)[0], again)
    assert not torch.equal(epoch(numbered, 4, seed=1)[0], again)


def test_normalising_is_what_the_model_does_to_a_picture(brightness_set):
    from neurolupa.images import load_images

    pictures, images = read_pictures([brightness_set]), load_images(brightness_set)
    mine = normalise(pictures.pixels[:3], PREPROCESSING)
    theirs = torch.stack([PREPROCESSING.prepare(images[index].image) for index in range(3)])
    torch.testing.assert_close(mine, theirs)


def test_a_square_around_a_random_point_is_hidden_and_the_rest_is_as_before(numbered):
    whole, hidden = epoch(numbered, 2, size=32)[0][:5], epoch(numbered, 2, size=32, hidden=9)[0][:5]
    changed = (hidden != whole).any(-1)
    assert (hidden[changed] == GREY).all()
    for square in changed:
        rows, columns = square.any(1).nonzero().flatten(), square.any(0).nonzero().flatten()
        assert torch.equal(
            square, torch.zeros_like(square).index_put((rows[:, None], columns), torch.tensor(True))
        )
        for along in (rows, columns):
            assert len(along) == 9 or along[0] == 0 or along[-1] == 31
            assert 4 <= len(along) <= 9
