"""Contact sheets, file sizes and the colour check: does a plain colour histogram give the style away?"""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .common import font_file


def on_white(path):
    im = Image.open(path)
    frames = getattr(im, "n_frames", 1)
    im.seek(frames // 3)
    im = im.convert("RGBA")
    white = Image.new("RGBA", im.size, "white")
    return Image.alpha_composite(white, im).convert("RGB")


def sheet(rows, folder, target, cell=240, columns=5):
    font = ImageFont.truetype(font_file("Bold"), 13)
    height = -(-len(rows) // columns)
    out = Image.new("RGB", (columns * cell, height * (cell + 18)), "#c9d2dc")
    pen = ImageDraw.Draw(out)
    for i, row in enumerate(rows):
        x, y = i % columns * cell, i // columns * (cell + 18)
        out.paste(on_white(folder / row["path"]).resize((cell - 4, cell - 4), Image.Resampling.LANCZOS), (x + 2, y + 18))
        if cell > 120:
            pen.text((x + 4, y + 1), f"{row['path']} {row['emotion_ko']} {row['also_ko']}", "black", font)
    out.save(target)


def poster(rows, folder, target, cell=150, columns=9):
    """One picture for the README: an emoticon of every pack, another script in each as far as it goes."""
    chosen, scripts = [], set()
    for pack in dict.fromkeys(r["pack_id"] for r in rows):
        members = [r for r in rows if r["pack_id"] == pack]
        fresh = [r for r in members[len(chosen) * 7 % len(members) :] + members if r["emotion_ko"] not in scripts]
        chosen.append((fresh or members)[0])
        scripts = (scripts | {chosen[-1]["emotion_ko"]}) if len(scripts) < 5 else set()
    out = Image.new("RGB", (columns * cell, -(-len(chosen) // columns) * cell), "white")
    for i, row in enumerate(chosen):
        picture = on_white(folder / row["path"]).resize((cell - 8, cell - 8), Image.Resampling.LANCZOS)
        out.paste(picture, (i % columns * cell + 4, i // columns * cell + 4))
    out.quantize(160, dither=Image.Dither.NONE).save(target, optimize=True)


def sheets(rows, folder, target):
    target.mkdir(parents=True, exist_ok=True)
    packs = {}
    for r in rows:
        packs.setdefault(r["pack_id"], []).append(r)
    for name, members in packs.items():
        sheet(members, folder, target / f"{name}.png")
    sheet(rows, folder, target / "all.png", cell=112, columns=14)


def histogram(path):
    a = np.asarray(on_white(path)) // 32
    code = a[..., 0].astype(int) * 64 + a[..., 1] * 8 + a[..., 2]
    h = np.bincount(code.ravel(), minlength=512).astype(float)
    return h / h.sum()


def colour_p1(rows, folder):
    """P@1 of the same style by colour alone, own pack excluded: {(measure, white counted?): {style: P@1}}"""
    full = np.stack([histogram(folder / r["path"]) for r in rows])
    packs, styles = (np.array([r[k] for r in rows]) for k in ("pack_id", "style_family"))
    out = {}
    for label, h in (("all", full), ("no white", _without_white(full))):
        unit = h / np.linalg.norm(h, axis=1, keepdims=True)
        both = {"cosine": unit @ unit.T, "intersection": np.minimum(h[:, None], h[None]).sum(-1)}
        for name, score in both.items():
            score = np.where(packs[:, None] == packs[None], -1, score)
            hit = styles[score.argmax(1)] == styles
            out[name, label] = {"mean": hit.mean(), **{s: hit[styles == s].mean() for s in dict.fromkeys(styles)}}
    return out


def _without_white(h):
    h = h.copy()
    h[:, 511] = 0
    return h / np.maximum(h.sum(1, keepdims=True), 1e-9)


def report(rows, folder):
    size = {r["path"]: (folder / r["path"]).stat().st_size / 1024 for r in rows}
    still = [v for k, v in size.items() if k.endswith(".png")]
    moving = [v for k, v in size.items() if not k.endswith(".png")]
    print(
        f"{len(size)} files, {sum(size.values()) / 1024:.2f} MB; static {len(still)}: mean {np.mean(still or [0]):.1f} KB;"
        f" moving {len(moving)}: mean {np.mean(moving or [0]):.1f} KB, largest {max(size.values()):.0f} KB"
    )
    for pack in dict.fromkeys(r["pack_id"] for r in rows):
        v = [size[r["path"]] for r in rows if r["pack_id"] == pack]
        print(f"  {pack:14s} mean {np.mean(v):6.1f} KB, max {max(v):6.1f} KB")
    for key, values in colour_p1(rows, folder).items():
        print("colour P@1", *key, " ".join(f"{k} {v:.2f}" for k, v in values.items()))
