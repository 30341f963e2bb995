import numpy as np
import pytest
from training.evaluation import Evaluation, Share, evaluate, same_numbers
from training.pictures import read_pictures


@pytest.fixture
def evaluation() -> Evaluation:
    return Evaluation("tiny", ("a", "b"), np.array([[6, 2], [1, 1]]))


def test_shares_are_of_all_and_of_each_class(evaluation):
    assert evaluation.all.value == 0.7
    assert [evaluation.of(label).value for label in (0, 1)] == [0.75, 0.5]
    assert evaluation.confusions()[0] == ("a", "b", 2)


def test_the_interval_is_wilsons():
    correct, total, z = 81, 100, 1.959963984540054
    share = correct / total
    centre = (share + z**2 / (2 * total)) / (1 + z**2 / total)
    half = z / (1 + z**2 / total) * np.sqrt(share * (1 - share) / total + z**2 / (4 * total**2))
    assert np.allclose(Share(correct, total).interval, (centre - half, centre + half))


def test_numbers_are_the_same_up_to_one_picture_a_set(evaluation):
    first = [evaluation.to_dict()]
    one_more = [Evaluation("tiny", ("a", "b"), np.array([[7, 1], [1, 1]])).to_dict()]
    two_more = [Evaluation("tiny", ("a", "b"), np.array([[7, 1], [0, 2]])).to_dict()]
    assert same_numbers(first, one_more)
    assert not same_numbers(first, two_more)
    assert not same_numbers(first, [])


def test_a_network_that_always_says_the_first_class(brightness_set):
    from neurolupa.models import load_model

    model = load_model("embedded", weights=None, classes=list("abcdefghij"), device="cpu")
    model.module.fc.weight.data.zero_()
    model.module.fc.bias.data.copy_(model.module.fc.bias.data.new_tensor([1.0] + [0.0] * 9))
    found = evaluate(model, read_pictures([brightness_set]), "brightness")
    assert found.all.value == 0.1
    assert found.confusion[:, 0].tolist() == [30] * 10
