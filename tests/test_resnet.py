"""resnet.py: the right network by name, weights enum or file; what is something else is refused."""

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image

from emorec_lib import resnet as resnets
from emorec_lib.resnet import load_resnet


@pytest.fixture(scope="module")
def resnet():
    """Small pictures, so that the tests are quick."""
    return load_resnet("resnet18-untrained", size=64)


@pytest.mark.parametrize("name", ["vgg19", "resnet18.IMAGENET1K_V1-untrained", "", "resnet-untrained"])
def test_unknown_model_lists_the_choices(name):
    with pytest.raises(ValueError, match=rf"RESNET = '{name}'; choices: .*resnet50, .*wide_resnet50_2, each also with .*-untrained"):
        load_resnet(name)


def test_unknown_weights_list_the_choices():
    with pytest.raises(ValueError, match=r"'resnet50\.V3': resnet50 has the weights IMAGENET1K_V1, IMAGENET1K_V2"):
        load_resnet("resnet50.V3")


@pytest.mark.parametrize(("name", "file"), [("resnet50", "resnet50-11ad3fa6.pth"), ("resnet50.IMAGENET1K_V1", "resnet50-0676ba61.pth"),
                                            ("resnext50_32x4d", "resnext50_32x4d-1a0047aa.pth"), ("resnet34", "resnet34-b627a593.pth")])
def test_weights_of_any_resnet_come_through_torchvisions_enum(monkeypatch, name, file):
    """The right file is asked for, with a hash; what comes is loaded strictly."""
    asked = []

    def fetch_model(wanted, parameter, value, choices):
        asked.append((wanted.name, parameter, value))
        assert file.split("-")[1].startswith(wanted.sha256[:8]) and wanted.licence == "BSD-3-Clause"
        raise OSError("no network")

    monkeypatch.setattr(resnets, "fetch_model", fetch_model)
    with pytest.raises(OSError, match="no network"):
        load_resnet(name)
    assert asked == [(file, "RESNET", name)]


def test_every_resnet_of_torchvision_has_weights_with_a_hash():
    for name in resnets.ARCHITECTURES:
        for member in torchvision.models.get_model_weights(name):
            file = resnets.torchvision_file(member)
            assert file.url == member.url and len(file.sha256) >= 8


def test_a_file_of_weights(resnet, tmp_path):
    torch.manual_seed(1)
    mine = torchvision.models.resnet18(weights=None)
    torch.save(mine.state_dict(), tmp_path / "resnet18-mine.pth")
    loaded = load_resnet(str(tmp_path / "resnet18-mine.pth"), size=64)
    assert torch.equal(loaded.stages.state_dict()["conv1.weight"], mine.conv1.weight) and loaded.about.endswith("(a file of your own)")
    picture = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        stages = loaded.stages(picture)
        expected = mine.eval().layer1(mine.maxpool(mine.relu(mine.bn1(mine.conv1(picture)))))
    torch.testing.assert_close(stages["layer1"], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("name", "content", "said"), [
    ("resnet50-mine.pth", "resnet18", r"expected the state dict of a resnet50, found something else: .*Missing key"),
    ("resnet18-cut.pth", b"PK nonsense", "expected the state dict of a resnet18, found something else"),
    ("resnet18-empty.pth", b"", "expected the state dict of a resnet18, found something else"),
    ("mine.pth", "resnet18", "the file's name does not say which network it is; choices: .*resnet18")])
def test_a_file_of_something_else_is_refused(tmp_path, name, content, said):
    if isinstance(content, bytes):
        (tmp_path / name).write_bytes(content)
    else:
        torch.save(torchvision.models.resnet18(weights=None).state_dict(), tmp_path / name)
    with pytest.raises(ValueError, match=said):
        load_resnet(str(tmp_path / name))


def test_untrained_weights_are_the_same_everywhere(resnet):
    torch.manual_seed(123)
    expected_next = torch.rand(1, generator=torch.Generator().manual_seed(123))
    again = load_resnet("resnet18-untrained", size=64)
    assert torch.equal(torch.rand(1), expected_next)  # loading does not disturb the caller's random numbers
    for a, b in zip(resnet.stages.state_dict().values(), again.stages.state_dict().values(), strict=True):
        assert torch.equal(a, b)
    assert resnet.about == "resnet18-untrained (random weights, fixed seed)" and not resnet.stages.training


def test_preprocessing(resnet):
    tall = Image.new("RGB", (100, 200), (124, 116, 104))  # ImageNet's mean colour
    result = load_resnet("resnet18-untrained").preprocess(tall)
    assert result.shape == (3, 224, 224) and resnet.preprocess(tall).shape == (3, 64, 64)
    assert result.abs().max() < 0.01
    white = resnet.preprocess(Image.new("RGB", (64, 64), "white"))[:, 0, 0]
    np.testing.assert_allclose(white, [(1 - 0.485) / 0.229, (1 - 0.456) / 0.224, (1 - 0.406) / 0.225], rtol=1e-4)


# --- our own -----------------------------------------------------------------------------------------------------------

def test_a_small_network_of_any_widths_is_read_from_its_state_dict(tmp_path):
    torch.manual_seed(1)
    mine = resnets.MiniResNet([8, 12, 16, 20], [1, 2, 1, 1])
    torch.save({k: v.half() if v.is_floating_point() else v for k, v in mine.state_dict().items()}, tmp_path / "resnet-mini-mine.pt")
    loaded = load_resnet(str(tmp_path / "resnet-mini-mine.pt"))
    assert loaded.size == resnets.MINI_SIZE and loaded.preprocess(Image.new("RGB", (50, 80))).shape == (3, 96, 96)
    picture = torch.randn(2, 3, 96, 96)
    with torch.inference_mode():
        stages = loaded.stages(picture)
        x = mine.half().float().eval()
        x = x.layer2(x.layer1(x.relu(x.bn1(x.conv1(picture)))))
    assert [s.shape[1:] for s in stages.values()] == [(8, 48, 48), (12, 24, 24), (16, 12, 12), (20, 6, 6)]
    torch.testing.assert_close(stages["layer2"], x, rtol=1e-3, atol=1e-4)


def test_a_file_of_another_network_is_not_ours(tmp_path):
    torch.save(torchvision.models.squeezenet1_1(weights=None).state_dict(), tmp_path / "resnet-mini.pt")
    with pytest.raises(ValueError, match="expected the state dict of a resnet-mini, found something else"):
        load_resnet(str(tmp_path / "resnet-mini.pt"))
