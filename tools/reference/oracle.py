"""The independent side of `make reference`: what gluonnlp, the source's formula and clip-anytorch answer. Imports nothing of emorec.

Run by compare.py in .venv-reference: `oracle.py tokens|gram|clip FOLDER`; reads what FOLDER asks, leaves FOLDER/<what>.npz.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
from PIL import Image


def repair() -> None:
    """The two lines that gluonnlp 0.10 and mxnet 1.9.1 need with numpy 1.26 and sentencepiece 0.2. Nothing else is changed."""
    np.bool = bool  # mxnet uses this alias, which numpy 1.24 removed
    from gluonnlp.data import SentencepieceTokenizer
    # Its own call is SampleEncodeAsPieces(text, 0, 1.0), which is refused today: nbest 0 is no sampling, and that is EncodeAsPieces.
    SentencepieceTokenizer.__call__ = lambda self, sample: self._processor.EncodeAsPieces(sample)


def tokens(asked: dict, folder: Path) -> dict:
    """Ids, valid lengths and segment ids of BERTSentenceTransform, pad=True: {"vocabulary/tokenizer/pair/length/part": array}."""
    repair()
    import gluonnlp as nlp
    found = {}
    for name, file in asked["vocabularies"].items():
        vocab = nlp.vocab.BERTVocab.from_sentencepiece(file, padding_token="[PAD]")
        tokenizers = {"SentencepieceTokenizer": nlp.data.SentencepieceTokenizer(file),
                      "BERTSPTokenizer": nlp.data.BERTSPTokenizer(file, vocab, lower=False)}
        special = (vocab.unknown_token, vocab.padding_token, vocab.cls_token, vocab.sep_token, vocab.mask_token)
        found[f"{name}/special"] = np.array(vocab[list(special)])
        for tokenizer, kind, length in ((t, k, n) for t in tokenizers for k in asked["lines"] for n in asked["lengths"]):
            transform = nlp.data.BERTSentenceTransform(tokenizers[tokenizer], length, vocab=vocab, pad=True, pair=kind == "pair")
            parts = zip(*(transform(line) for line in asked["lines"][kind]), strict=True)
            for part, values in zip(("ids", "valid", "segments"), parts, strict=True):
                found[f"{name}/{tokenizer}/{kind}/{length}/{part}"] = np.stack(values)
    return found


def gram(asked: dict, folder: Path) -> dict:
    """The source's features, G = F F' of each stage (F is C x H W) flattened and concatenated, in float64, and the four nearest by Euclid:
    of the maps in FOLDER and of a torchvision ResNet-18's stages on pictures."""
    with np.load(folder / "maps.npz") as file:
        small = source_gram([file[stage] for stage in file.files])
    real = source_gram(resnet_maps(asked["resnet18"], [picture(path) for path in asked["pictures"]]))
    return {"small": small, "small_nearest": four_nearest(small), "resnet": real, "resnet_nearest": four_nearest(real)}


def source_gram(stages: list) -> np.ndarray:
    """Stages of (N, C, H, W) -> (N, sum of C^2)."""
    rows = []
    for n in range(len(stages[0])):
        flat = [feat[n].reshape(feat.shape[1], -1).astype(np.float64) for feat in stages]
        rows.append(np.concatenate([(F @ F.T).flatten() for F in flat]))
    return np.array(rows)


def four_nearest(rows: np.ndarray) -> np.ndarray:
    """n_neighbors=4 by Euclid, itself first: (N, 4)."""
    return np.array([np.argsort([np.sqrt(((row - other) ** 2).sum()) for other in rows], kind="stable")[:4] for row in rows])


def resnet_maps(weights: str, pictures: list) -> list:
    import torch
    import torchvision
    from torchvision import transforms
    model = torchvision.models.resnet18()
    model.fc = torch.nn.Identity()  # behind the stages
    model.load_state_dict(torch.load(weights, weights_only=True))
    model.eval()
    preprocess = transforms.Compose([transforms.Resize(224), transforms.CenterCrop(224), transforms.ToTensor(),
                                     transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
    maps = []
    with torch.no_grad():
        for image in pictures:
            x = model.maxpool(model.relu(model.bn1(model.conv1(preprocess(image)[None]))))
            maps.append([x := stage(x) for stage in (model.layer1, model.layer2, model.layer3, model.layer4)])
    return [torch.cat(stage).numpy() for stage in zip(*maps, strict=True)]


def picture(path: str) -> Image.Image:
    """On white."""
    image = Image.open(path).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")


def clip(asked: dict, folder: Path) -> dict:
    """encode_image and encode_text of each state dict, rows to unit length, through clip.load, its preprocess and its tokenize."""
    import clip
    import torch
    found = {}
    for name, file in asked["clip"].items():
        model, preprocess = clip.load(file, device="cpu", jit=False)
        with torch.no_grad():
            images = model.encode_image(torch.stack([preprocess(picture(path)) for path in asked["pictures"]]))
            texts = model.encode_text(clip.tokenize(asked["texts"], truncate=True))
        found[f"{name}/images"] = (images / images.norm(dim=-1, keepdim=True)).numpy()
        found[f"{name}/texts"] = (texts / texts.norm(dim=-1, keepdim=True)).numpy()
        if asked["photo"]:
            found[f"{name}/photo"] = preprocess(Image.open(asked["photo"])).numpy()
    return found


if __name__ == "__main__":
    what, folder = sys.argv[1], Path(sys.argv[2])
    asked = json.loads((folder / "asked.json").read_text(encoding="utf8"))
    packages = ("gluonnlp", "mxnet", "numpy", "sentencepiece", "clip-anytorch", "torch", "torchvision", "pillow", "setuptools")
    versions = {"Python": sys.version.split()[0]} | {name: version(name) for name in packages}
    (folder / "versions.json").write_text(json.dumps(versions))
    np.savez(folder / f"{what}.npz", **{"tokens": tokens, "gram": gram, "clip": clip}[what](asked, folder))
