"""catalogue.py: whatever lies in users' folders is read, or left out with a reason, but never brings the program down."""

import io
import os
import re
import struct
import unicodedata
import warnings
import weakref
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from emorec_lib import catalogue
from emorec_lib.catalogue import colour_histogram, load_catalogue, mean_by_owner, picture_batches, read_frames
from emorec_lib.run import EMOTIONS

RED, GREEN, BLUE, WHITE, CLEAR = (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255), (255, 255, 255), (0, 0, 0, 0)
FOUR = (RED, GREEN, BLUE, (0, 0, 0, 255))


def picture(path, colour=(255, 0, 0), mode="RGB", size=(12, 12), **options):
    """Save a picture of one colour; returns its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, colour).save(path, **options)
    return path


def animation(path, colours=FOUR, **options):
    """Save an animation, one frame a colour."""
    path.parent.mkdir(parents=True, exist_ok=True)
    first, *rest = (Image.new("RGBA", (12, 12), c) for c in colours)
    lossless = {"lossless": True} if path.suffix == ".webp" else {}
    first.save(path, "PNG" if path.suffix == ".apng" else None, save_all=True, append_images=rest, duration=100, **lossless, **options)
    return path


def noise_animation(path, n=6):
    """An animation whose frames are large enough to be cut in two."""
    rng = np.random.default_rng(0)
    first, *rest = (Image.fromarray(rng.integers(0, 256, (60, 60, 3), dtype=np.uint8)) for _ in range(n))
    first.save(path, save_all=True, append_images=rest, duration=100)
    return path


def png(width, height, body=b"", depth=8, colour_type=2):
    """The bytes of a PNG that says it is so large; body: its compressed rows."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def manifest(folder, text, encoding="utf-8"):
    """Write folder/manifest.csv; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.csv").write_bytes(text.encode(encoding))
    return folder


def corner(path, **options):
    """The top left pixel as it is shown."""
    return read_frames(path, **options)[0].getpixel((0, 0))


@pytest.fixture(scope="module")
def sample():
    return load_catalogue("sample")


# --- folders and manifests ---------------------------------------------------------------------------------------------

def test_folder_of_nested_pack_folders(tmp_path):
    for name in ("cats/a.png", "cats/b.png", "dogs/small/a.png", "dogs/big/a.png"):
        picture(tmp_path / name)
    cat = load_catalogue(tmp_path)
    assert cat.packs == ["cats", "dogs/big", "dogs/small"]
    assert cat.table["emotion_ko"].tolist() == [""] * 4
    assert all(Path(p).is_absolute() and Path(p).is_file() for p in cat.paths)
    assert cat.head(1)["path"].tolist() == ["cats/a.png"]
    assert cat.of_pack("cats")["path"].tolist() == cat.paths[:2] and len(cat) == 4 and len(cat.skipped) == 0


def test_pictures_directly_in_the_folder_are_a_pack_of_its_name(tmp_path):
    picture(tmp_path / "my emoticons" / "1.png")
    picture(tmp_path / "my emoticons" / "cats" / "1.png")
    cat = load_catalogue(tmp_path / "my emoticons")
    assert dict(zip(cat.head()["path"], cat.table["pack_id"], strict=True)) == {"1.png": "my emoticons", "cats/1.png": "cats"}


def test_what_else_lies_in_real_folders(tmp_path):
    kept = ["p/A.PNG", "p/b.JpG", "p/곰 인형.png", "p/c.jpeg", "이모티콘 팩/1.png"]
    for name in (*kept, "p/._A.png", ".git/x.png", "p/.thumbnails/x.png", "__MACOSX/p/x.png"):
        picture(tmp_path / name)
    for name in ("p/.DS_Store", "p/Thumbs.db", "p/readme.txt", "p/list.json"):
        (tmp_path / name).write_text("no picture")
    (tmp_path / "p/folder.png").mkdir()
    cat = load_catalogue(tmp_path)
    assert sorted(cat.head(99)["path"]) == sorted(kept)
    assert cat.packs == ["p", "이모티콘 팩"] and len(cat.skipped) == 0


def test_decomposed_hangul_names_of_macos(tmp_path):
    composed, decomposed = (unicodedata.normalize(form, "고양이") for form in ("NFC", "NFD"))
    assert composed != decomposed
    picture(tmp_path / decomposed / f"{decomposed}.png")
    assert load_catalogue(tmp_path).packs == [composed]
    manifest(tmp_path, f"path,pack_id\n{composed}/{composed}.png,p\n")
    assert Path(load_catalogue(tmp_path).paths[0]).name == f"{decomposed}.png"


def test_manifest_keeps_every_column_under_its_own_name(tmp_path):
    picture(tmp_path / "a.png")
    picture(tmp_path / "deep/b.png")
    text = "path,pack_id,emotion_ko,artist,price\r\na.png,p,행복,김,0012\r\ndeep/b.png,q,,NA,\r\n"
    cat = load_catalogue(manifest(tmp_path, text, "utf-8-sig"))  # with a byte order mark, as Excel writes it
    assert list(cat.table.columns) == ["path", "pack_id", "emotion_ko", "artist", "price"]
    assert cat.table.iloc[:, 1:].to_numpy().tolist() == [["p", "행복", "김", "0012"], ["q", "", "NA", ""]]
    assert cat.paths == [str(tmp_path / "a.png"), str(tmp_path / "deep/b.png")]
    by_file = load_catalogue(tmp_path / "manifest.csv")
    assert by_file.paths == cat.paths and by_file.digest == cat.digest and by_file.root == cat.root == tmp_path


def test_manifest_in_the_encoding_of_a_korean_excel(tmp_path):
    picture(tmp_path / "곰.png")
    cat = load_catalogue(manifest(tmp_path, "path,pack_id,emotion_ko\n곰.png,곰돌이,슬픔\n", "cp949"))
    assert cat.table.iloc[0, 1:].tolist() == ["곰돌이", "슬픔"] and Path(cat.paths[0]).name == "곰.png"


def test_manifest_without_emotions_and_with_short_rows(tmp_path):
    picture(tmp_path / "a.png")
    assert load_catalogue(manifest(tmp_path, "path,pack_id\na.png,p\n")).table["emotion_ko"].tolist() == [""]
    cat = load_catalogue(manifest(tmp_path, "path,pack_id,emotion_ko,style_family\na.png,p\n"))
    assert cat.table.iloc[0, 1:].tolist() == ["p", "", ""]


def test_a_picture_named_twice_counts_once(tmp_path):
    picture(tmp_path / "p/a.png")
    cat = load_catalogue(manifest(tmp_path, "path,pack_id\np/a.png,first\np/../p/a.png,second\np/a.png,third\n"))
    assert cat.table["pack_id"].tolist() == ["first"]


@pytest.mark.parametrize("text, message", [
    ("path,pack\na.png,p\n", "no column pack_id; found: path, pack"),
    ("file,pack\na.png,p\n", "no column path, pack_id"),
    ("path;pack_id\na.png;p\n", "found: path;pack_id"),
    ("path,pack_id,emotion_ko\na.png,p,기쁨\na.png,p,행복\n", "unknown emotion_ko 기쁨; expected 행복, 슬픔, 분노, 불안, 당황, 중립"),
    ("path,pack_id\n../x.png,p\n", "'../x.png' leaves the manifest's folder"),
    ("path,pack_id\na.png,p\n/etc/x.png,p\n", "'/etc/x.png' leaves the manifest's folder"),
    ("path,pack_id\na.png,p\nout.png,p\n", "'out.png' leaves the manifest's folder"),
    ("path,pack_id\n", "no usable picture"),
    ("", "not a table"),
    ("path,pack_id\na.png,p\na.png,p,x,y,z\n", "not a table"),
])
def test_manifests_that_are_refused(tmp_path, text, message):
    picture(tmp_path / "x.png")
    picture(tmp_path / "in/a.png")
    (tmp_path / "in/out.png").symlink_to(tmp_path / "x.png")
    with pytest.raises(ValueError, match=re.escape(message)):
        load_catalogue(manifest(tmp_path / "in", text))


def test_manifest_of_another_encoding_is_refused_by_name(tmp_path):
    with pytest.raises(ValueError, match=r"manifest\.csv: the text is neither UTF-8 nor CP949"):
        load_catalogue(manifest(tmp_path, "path,pack_id\na.png,곰\n", "utf-16"))


def test_roots_that_are_no_catalogue(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere: no such file or folder.*'sample'"):
        load_catalogue(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="neither a folder of pack folders nor a manifest"):
        load_catalogue(picture(tmp_path / "a.png"))
    (tmp_path / "empty/pack").mkdir(parents=True)
    with pytest.raises(ValueError, match=r"no usable picture.*Expected: pack folders that hold \.apng, \.gif"):
        load_catalogue(tmp_path / "empty")


def test_digest_follows_contents_and_labels_but_not_the_place(tmp_path):
    for folder, colour in (("one", RED), ("two", RED), ("other", BLUE)):
        picture(tmp_path / folder / "p/a.png", colour[:3])
    one, two, other = (load_catalogue(tmp_path / folder).digest for folder in ("one", "two", "other"))
    labelled = load_catalogue(manifest(tmp_path / "two", "path,pack_id,emotion_ko\np/a.png,p,행복\n")).digest
    assert one == two and len({one, other, labelled}) == 3


# --- pictures of every kind --------------------------------------------------------------------------------------------

def save_palette(path):
    image = Image.new("P", (12, 12), 1)
    image.putpalette([0, 0, 0, 255, 0, 0] + [0] * 750)
    image.save(path, transparency=1)


@pytest.mark.parametrize("name, save, shown", [
    ("rgb.png", lambda p: picture(p, (10, 20, 30)), (10, 20, 30)),
    ("rgb.jpg", lambda p: picture(p, (255, 0, 0), quality=95), (254, 0, 0)),
    ("cmyk.jpg", lambda p: picture(p, (0, 255, 255, 0), "CMYK", quality=95), (255, 0, 0)),
    ("clear.png", lambda p: picture(p, CLEAR, "RGBA"), WHITE),
    ("half.png", lambda p: picture(p, (255, 0, 0, 128), "RGBA"), (255, 127, 127)),
    ("clear.webp", lambda p: picture(p, CLEAR, "RGBA", lossless=True), WHITE),
    ("la.png", lambda p: picture(p, (0, 128), "LA"), (127, 127, 127)),
    ("palette.png", save_palette, WHITE),
    ("palette.gif", save_palette, WHITE),
    ("keyed.png", lambda p: picture(p, (1, 2, 3), transparency=(1, 2, 3)), WHITE),
    ("bilevel.png", lambda p: picture(p, 1, "1"), WHITE),
    ("gray16.png", lambda p: Image.fromarray(np.full((12, 12), 32768, np.uint16)).save(p), (127, 127, 127)),
    ("dark16.png", lambda p: Image.fromarray(np.full((12, 12), 3 * 257, np.uint16)).save(p), (3, 3, 3)),
])
def test_every_kind_of_still_picture(tmp_path, name, save, shown):
    save(tmp_path / name)
    frames = read_frames(tmp_path / name, 3)
    assert [(f.mode, f.size) for f in frames] == [("RGB", (12, 12))]
    assert np.abs(np.subtract(frames[0].getpixel((5, 5)), shown)).max() <= 1
    assert len(load_catalogue(tmp_path)) == 1


def test_transparent_parts_show_the_stated_background(tmp_path):
    half = picture(tmp_path / "half.png", (0, 0, 0, 128), "RGBA")
    assert corner(picture(tmp_path / "clear.png", CLEAR, "RGBA"), background=(10, 200, 30)) == (10, 200, 30)
    assert corner(half, background=(0, 200, 0)) == (0, 100, 0) and corner(half) == (127, 127, 127)


@pytest.mark.parametrize("suffix", ["gif", "webp", "png", "apng"])
def test_frames_of_animations_are_evenly_spread(tmp_path, suffix):
    path = animation(tmp_path / f"a.{suffix}")

    def shown(n):
        return [f.getpixel((0, 0)) for f in read_frames(path, n)]

    four = [c[:3] for c in FOUR]
    assert [shown(n) for n in (1, 2, 4, 9)] == [four[:1], [four[0], four[2]], four, four]
    assert len(load_catalogue(tmp_path)) == 1


def test_still_and_single_frame_pictures_have_one_frame(tmp_path):
    still_gif = picture(tmp_path / "one.gif")
    assert [len(read_frames(p, 5)) for p in (still_gif, picture(tmp_path / "one.png"), picture(tmp_path / "one.jpg"))] == [1, 1, 1]


def test_a_clear_frame_of_an_animation_is_background(tmp_path):
    for suffix in ("webp", "png"):
        frames = read_frames(animation(tmp_path / f"a.{suffix}", (RED, CLEAR)), 2)
        assert [f.getpixel((3, 3)) for f in frames] == [RED[:3], WHITE]


def test_an_enormous_number_of_frames_is_cut(tmp_path, monkeypatch):
    monkeypatch.setattr(catalogue, "MAX_FRAMES", 2)
    assert [f.getpixel((0, 0)) for f in read_frames(animation(tmp_path / "a.gif"), 4)] == [RED[:3], GREEN[:3]]


def test_pictures_of_phones(tmp_path):
    turned = Image.Exif()
    turned[0x112] = 6  # orientation: lies on its side
    assert read_frames(picture(tmp_path / "photo.jpg", size=(20, 10), exif=turned))[0].size == (10, 20)
    with_depth = tmp_path / "depth.jpg"  # a second, smaller picture in the same file, which is no frame
    Image.new("RGB", (20, 10)).save(with_depth, "MPO", save_all=True, append_images=[Image.new("RGB", (4, 4))])
    assert [f.size for f in read_frames(with_depth, 3)] == [(20, 10)]


# --- pictures that cannot be used --------------------------------------------------------------------------------------

@pytest.fixture
def broken(tmp_path):
    """A folder with one good picture and one of each kind of bad ones."""
    whole = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)).save(whole, "PNG")
    picture(tmp_path / "p/good.png")
    bad = {"cut.png": whole.getvalue()[:2000], "empty.png": b"", "text.png": b"hello, I am a text", "noise.jpg": bytes(range(256)) * 9,
           "head.gif": b"GIF89a", "crc.png": whole.getvalue()[:60] + b"\0\0\0\0" + whole.getvalue()[64:],
           "huge.png": png(100_000, 100_000), "large.png": png(6000, 6000, zlib.compress(bytes(6000 * 751)), 1, 0)}
    for name, data in bad.items():
        (tmp_path / "p" / name).write_bytes(data)
    return tmp_path


def test_bad_pictures_are_skipped_with_a_reason(broken):
    cat = load_catalogue(broken)
    reasons = {Path(p).name: reason for p, reason in zip(cat.skipped["path"], cat.skipped["reason"], strict=True)}
    assert [Path(p).name for p in cat.paths] == ["good.png"] and len(reasons) == 8
    expected = {"cut.png": "truncated", "empty.png": "empty file", "text.png": "cannot identify image file", "noise.jpg": "cannot identify",
                "huge.png": "DecompressionBomb", "large.png": "6000 x 6000 pixels, more than 25,000,000",
                "head.gif": "Error", "crc.png": "Error"}
    assert {name: reason for name, reason in reasons.items() if expected[name] not in reason} == {}
    assert not any(str(broken) in reason for reason in reasons.values())  # the path has its own column
    assert cat.describe() == f"{broken.name}: 1 emoticons of 1 packs; 8 pictures skipped" and repr(cat) == f"Catalogue({cat.describe()})"


def test_enormous_pictures_are_refused_before_they_are_decoded(tmp_path, monkeypatch):
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda self: pytest.fail("decoded"))
    for side in (6000, 12_000, 100_000):  # below Pillow's own limit, where it warns, and where it refuses
        (tmp_path / "a.png").write_bytes(png(side, side))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with pytest.raises((ValueError, Image.DecompressionBombError), match="pixels"):
                read_frames(tmp_path / "a.png")


def test_missing_pictures_of_a_manifest_are_skipped(tmp_path):
    picture(tmp_path / "a.png")
    (tmp_path / "folder.png").mkdir()
    long = "x" * 300 + ".png"  # longer than a file system allows
    cat = load_catalogue(manifest(tmp_path, f"path,pack_id\na.png,p\ngone.png,p\nfolder.png,p\n{long},p\n"))
    assert len(cat) == 1 and cat.skipped["reason"].iloc[0] == "no such file" and len(cat.skipped) == 3


def test_only_bad_pictures_is_an_error_that_names_the_first(tmp_path):
    (tmp_path / "p").mkdir()
    (tmp_path / "p/a.png").write_bytes(b"")
    with pytest.raises(ValueError, match=r"no usable picture.*p/a\.png: ValueError: empty file"):
        load_catalogue(tmp_path)


@pytest.mark.parametrize("suffix", ["gif", "png"])
def test_of_an_animation_that_breaks_off_the_frames_before_are_used(tmp_path, suffix):
    path = noise_animation(tmp_path / f"a.{suffix}")
    first = np.asarray(read_frames(path)[0])
    data = path.read_bytes()
    path.write_bytes(data[:int(len(data) * 0.3)])
    frames = read_frames(path, 6)
    assert 1 <= len(frames) < 6 and (np.asarray(frames[0]) == first).all()
    assert len(load_catalogue(tmp_path)) == 1


# --- what a catalogue tells --------------------------------------------------------------------------------------------

def test_embedded_sample(sample):
    assert set(sample.table["emotion_ko"]) == set(EMOTIONS)
    styles = len(set(sample.styles))
    assert sample.describe() == f"embedded sample: {len(sample)} emoticons of {len(sample.packs)} packs in {styles} styles"
    assert {"pack_name", "licence"} <= set(sample.table.columns)
    assert sample.head(2)["path"].tolist() == ["photo-jiwoo/01.png", "photo-jiwoo/02.png"]
    assert load_catalogue("sample").digest == sample.digest


def test_sample_is_found_where_the_package_lies_behind_a_link(tmp_path, monkeypatch):
    (tmp_path / "link").symlink_to(catalogue.ASSETS)
    monkeypatch.setattr(catalogue, "ASSETS", tmp_path / "link")
    assert load_catalogue("sample").head(1)["path"].tolist() == ["photo-jiwoo/01.png"]


def test_of_pack_names_the_choices(sample):
    assert set(sample.of_pack("pixel-cat")["pack_id"]) == {"pixel-cat"}
    with pytest.raises(KeyError, match="no pack 'cat'; packs here: photo-jiwoo"):
        sample.of_pack("cat")


def styled(folder, styles):
    """A catalogue with two emoticons in each pack; styles: pack -> style."""
    rows = [f"{pack}/{i}.png,{pack},{style}" for pack, style in styles.items() for i in range(2)]
    for n, row in enumerate(rows):
        picture(folder / row.split(",")[0], (n, n, n))
    return load_catalogue(manifest(folder, "\n".join(["path,pack_id,style_family", *rows])))


@pytest.mark.parametrize("styles, users", [
    ({"a": "x", "b": "x", "c": "x", "d": "y"}, ["a", "b", "d"]),
    ({"a": "x", "b": "y", "c": "y"}, ["a", "b", "c"]),
    ({"a": "", "b": "", "c": "", "d": ""}, ["a", "b", "c"]),
    ({"a": "x"}, ["a"]),
])
def test_example_users(tmp_path, styles, users):
    cat = styled(tmp_path, styles)
    assert cat.example_users() == {f"user {i} ({p})": cat.of_pack(p)["path"].tolist() for i, p in enumerate(users, 1)}


def test_example_users_of_given_packs(sample):
    users = sample.example_users(["pixel-cat"], n=3)
    assert users == {"user 1 (pixel-cat)": sample.of_pack("pixel-cat")["path"].tolist()[:3]}
    with pytest.raises(KeyError, match="no pack 'nothing'"):
        sample.example_users(["nothing"])


def test_parts(sample, tmp_path):
    assert list(sample.parts) == ["all", "heldout", "train"]
    assert (sample.parts["heldout"] ^ sample.parts["train"]).all() and sample.parts["all"].all()
    assert list(styled(tmp_path, {"a": "x", "b": "y"}).parts) == ["all"]


def test_retrieval_labels(tmp_path):
    relevant, excluded, question = styled(tmp_path / "styles", {"a": "x", "b": "", "c": "x"}).retrieval_labels()
    assert relevant.tolist() == ["x", "x", "", "", "x", "x"] and excluded.tolist() == list("aabbcc") and "style" in question
    relevant, excluded, question = styled(tmp_path / "none", {"a": "", "b": ""}).retrieval_labels()
    assert relevant.tolist() == list("aabb") and len(set(excluded)) == 4 and "pack" in question


# --- batches, means, colours -------------------------------------------------------------------------------------------

def to_tensor(frame):
    return torch.tensor(frame.getpixel((0, 0)))


@pytest.mark.parametrize("batch_size", [1, 3, 4, 100])
def test_batches_hold_every_frame_in_order(tmp_path, batch_size):
    paths = [picture(tmp_path / f"{i}.png", (i, 0, 0)) for i in range(11)]
    for i in (1, 4, 7, 10):
        paths[i] = animation(tmp_path / f"{i}.gif", [(i, 0, 0, 255), (i, 99, 0, 255)])
    batches = list(picture_batches(paths, 2, batch_size, to_tensor))
    owner = np.concatenate([o for _, o in batches])
    values = torch.cat([x for x, _ in batches])
    assert owner.tolist() == sorted([*range(11), 1, 4, 7, 10]) and values[:, 0].tolist() == owner.tolist()
    sizes = [len(o) for _, o in batches]
    assert set(sizes[:-1]) <= {batch_size} and 0 < sizes[-1] <= batch_size and [len(x) for x, _ in batches] == sizes
    assert list(picture_batches([], 2, batch_size, to_tensor)) == []


def test_batches_read_only_a_bounded_number_of_pictures_ahead(tmp_path, monkeypatch):
    path, read = picture(tmp_path / "a.png"), []
    monkeypatch.setattr(catalogue, "read_frames", lambda p, n: read.append(p) or read_frames(p, n))
    batches = picture_batches([path] * 100, 1, 2, to_tensor)
    next(batches)
    assert 2 <= len(read) <= 4 * 2
    assert len(list(batches)) == 49 and len(read) == 100


def test_mean_by_owner():
    values, owner = np.array([[1, 2], [3, 4], [10, 20], [5, 6]], dtype=np.float32), np.array([0, 0, 1, 0])
    batches = [([values[i:i + 2], values[i:i + 2, None]], owner[i:i + 2]) for i in (0, 2)]  # emoticon 0 goes over two batches
    flat, deep = mean_by_owner(batches, 2)
    assert flat.dtype == np.float32 and flat.tolist() == [[3, 4], [10, 20]] and deep.tolist() == [[[3, 4]], [[10, 20]]]
    with pytest.raises(ValueError, match="no pictures were given"):
        mean_by_owner([], 2)


def test_mean_by_owner_keeps_no_batch():
    """Kept ones would scatter over the heap, and memory grow with the number of pictures."""
    seen = []

    def batches():
        for i in range(5):
            assert sum(ref() is not None for ref in seen) <= 1  # at most the batch before
            features = np.full((1, 3), i, np.float32)
            seen.append(weakref.ref(features))
            yield [features], np.array([i])

    assert mean_by_owner(batches(), 5)[0][:, 0].tolist() == [0, 1, 2, 3, 4] and len(seen) == 5


def test_colour_histogram_equals_a_plain_loop(tmp_path):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    picture(tmp_path / "b.png", (255, 0, 128))
    expected = np.zeros((4, 4, 4))
    for r, g, b in pixels.reshape(-1, 3):
        expected[int(r) // 64, int(g) // 64, int(b) // 64] += 1 / 4096
    result = colour_histogram([tmp_path / "a.png", tmp_path / "b.png"], bins=4)
    assert result.shape == (2, 64) and result.dtype == np.float32
    np.testing.assert_allclose(result[0], np.sqrt(expected).ravel(), atol=1e-6)
    assert result[1].reshape(4, 4, 4)[3, 0, 2] == 1 and result[1].sum() == 1
    np.testing.assert_allclose(np.linalg.norm(result, axis=1), 1, atol=1e-6)


def test_styles_without_the_column_are_unknown(tmp_path):
    picture(tmp_path / "p/a.png")
    styles = load_catalogue(tmp_path).styles
    assert isinstance(styles, pd.Series) and styles.tolist() == [""] and os.path.isabs(load_catalogue(tmp_path).paths[0])


def test_a_manifest_of_another_name_is_remembered(tmp_path):
    Image.new("RGB", (8, 8), "red").save(tmp_path / "a.png")
    manifest = tmp_path / "mine.csv"
    manifest.write_text("path,pack_id\na.png,p\n", encoding="utf8")
    cat = load_catalogue(manifest)
    assert cat.source == manifest and load_catalogue(cat.source).digest == cat.digest
    manifest.write_text("path,pack_id\na.png,\n", encoding="utf8")
    with pytest.raises(ValueError, match="1 rows have no pack_id"):
        load_catalogue(manifest)


def test_formats_that_start_other_programs_are_not_opened(tmp_path):
    (tmp_path / "pack").mkdir()
    Image.new("RGB", (8, 8), "red").save(tmp_path / "pack" / "good.png")
    Image.new("RGB", (8, 8), "red").save(tmp_path / "pack" / "bad.png", format="EPS")
    cat = load_catalogue(tmp_path)
    assert len(cat) == 1 and "cannot identify" in cat.skipped["reason"][0]


# --- zips ------------------------------------------------------------------------------------------------------------
@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("EMOREC_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def zipped(path, members: dict[str, bytes]):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def some(tmp_path, colour=(1, 2, 3)) -> bytes:
    return picture(tmp_path / "one.png", colour).read_bytes()


def test_a_zip_of_pack_folders_is_read_as_its_folder_would_be(tmp_path, cache):
    members = {"내 팩/고양이/1.png": some(tmp_path), "내 팩/고양이/2.png": some(tmp_path, (9, 9, 9)), "내 팩/dog/1.png": b"broken",
               "내 팩/dog/2.png": some(tmp_path), "내 팩/readme.txt": b"x", "__MACOSX/내 팩/dog/._1.png": b"x"}
    cat = load_catalogue(zipped(tmp_path / "packs.zip", members))
    assert cat.packs == ["dog", "고양이"] and len(cat) == 3 and len(cat.skipped) == 1
    check = cat.check()
    assert check["emoticons"].to_dict() == {"dog": 1, "고양이": 2} and check["skipped"].to_dict() == {"dog": 1, "고양이": 0}
    assert "cannot identify" in check.loc["dog", "reasons"] and check["labelled"].sum() == 0
    assert load_catalogue(tmp_path / "packs.zip").paths == cat.paths  # unpacked once
    assert len([p for p in (cache / "packs").iterdir()]) == 1 and not list(cache.rglob("*.txt"))


def test_a_zip_with_a_manifest(tmp_path, cache):
    rows = "path,pack_id,emotion_ko\n그림/가.png,p,행복\n".encode()
    file = zipped(tmp_path / "packs.zip", {"manifest.csv": rows, "그림/가.png": some(tmp_path)})
    assert load_catalogue(file).table["emotion_ko"].tolist() == ["행복"]


def test_names_of_a_korean_windows_zip(tmp_path, cache):
    """Such a zip holds CP949 and does not say so."""
    file = zipped(tmp_path / "packs.zip", {"XXXX/1.png": some(tmp_path), "b/1.png": some(tmp_path)})
    file.write_bytes(file.read_bytes().replace(b"XXXX", "가방".encode("cp949")))
    assert set(load_catalogue(file).packs) == {"가방", "b"}


@pytest.mark.parametrize(("members", "word"), [
    ({"../out.png": b"x"}, "climbs out"), ({"a/../../out.png": b"x"}, "climbs out"), ({"readme.txt": b"x"}, "no usable picture")])
def test_a_zip_that_cannot_be_used_leaves_nothing(tmp_path, cache, members, word):
    with pytest.raises(ValueError, match=word):
        load_catalogue(zipped(tmp_path / "packs.zip", members))
    assert not list(tmp_path.rglob("out.png")) and not list(cache.rglob("*.part"))


def test_a_file_that_is_no_zip(tmp_path, cache):
    (tmp_path / "packs.zip").write_bytes(b"PK no zip")
    with pytest.raises(ValueError, match=r"packs\.zip: File is not a zip file\. Expected a zip of pack folders"):
        load_catalogue(tmp_path / "packs.zip")
