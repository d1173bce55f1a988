"""tools/verify_models.py with a fetch that gives right, wrong or unreachable files. No network: only a server on 127.0.0.1."""

import importlib
import shutil
import socket
import sys
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image
from transformers import BertConfig, BertModel

from emorec_lib.clip import untrained_state_dict
from emorec_lib.fetch import REGISTRY, ChecksumError, DownloadError
from emorec_lib.run import ASSETS

ROOT = Path(__file__).parents[1]
SAMPLE = ASSETS / "models/kobert-untrained/spiece.model"
REAL = ROOT.parent / "shared/models/kobert_tokenizer/spiece.model"
RESNET = "resnet18-f37072fd.pth"
HOSTS = {"openaipublic.azureedge.net", "download.pytorch.org", "huggingface.co", "raw.githubusercontent.com"}


@pytest.fixture(scope="module")
def verify():
    if not (ROOT / "tools").is_dir():
        pytest.skip("no tools/ beside the tests")
    sys.path.insert(0, str(ROOT / "tools"))
    yield importlib.import_module("verify_models")
    sys.path.remove(str(ROOT / "tools"))


@pytest.fixture
def fake(verify, monkeypatch):
    """name -> path or error that fetch gives; what is not named is in no cache, and all hosts are silent. `asked`: the calls."""
    files, asked = {}, []

    def fetch(name, download):
        asked.append((name, download))
        found = files.get(name, FileNotFoundError(f"{name} is not in the cache"))
        if isinstance(found, Exception):
            raise found
        return found
    for key in ("EMOREC_OFFLINE", "EMOREC_MIRROR"):
        monkeypatch.delenv(key, raising=False)
    monkeypatch.setattr(verify, "fetch", fetch)
    monkeypatch.setattr(verify, "HUB", "https://huggingface.co")
    monkeypatch.setattr(verify, "silent_hosts", lambda urls: dict.fromkeys(HOSTS, "no such host"))
    files["asked"] = asked
    return files


@pytest.fixture
def run(verify, monkeypatch, capsys, tmp_path):
    """run() -> exit status, the rows by what they check, closing line; the rows are printed, and no traceback."""
    tables, table = [], verify.table
    monkeypatch.setattr(verify, "table", lambda rows: tables.append(rows) or table(rows))

    def run(reference=tmp_path / "none"):
        status = verify.main(["--reference", str(reference)])
        out, err = capsys.readouterr()
        head, *body, closing = out.splitlines()
        assert "Traceback" not in out + err and head.split() == ["what", "expected", "found", "verdict"]
        assert all(line.startswith(row.what) and line.endswith(row.verdict) for line, row in zip(body, tables[-1], strict=True))
        return status, {row.what: row for row in tables[-1]}, closing
    return run


def verdicts(rows, begin):
    return [row.verdict.partition(":")[0] for what, row in rows.items() if what.startswith(begin)]


def resnet(path, drop=()):
    torch.save({k: v for k, v in torchvision.models.resnet18(weights=None).state_dict().items() if k not in drop}, path)
    return path


def test_nothing_reached(fake, run, tmp_path):
    status, rows, closing = run()
    assert status == 1 and {row.verdict.partition(":")[0] for row in rows.values()} == {"not reached"}
    for name, host in (("ViT-B-32.pt", "openaipublic.azureedge.net"), ("kobert_v1.zip", "huggingface.co"),
                       ("ratings_test.txt", "raw.githubusercontent.com"), (RESNET, "download.pytorch.org"),
                       ("KoBERT of the hub: parameters", "huggingface.co")):
        assert rows[name].verdict == f"not reached: {host} (no such host)"
    assert rows[f"{RESNET}: parameters"].verdict == f"not reached: {RESNET} (see its own row)"
    assert f"no franz-kafka.jpg in {tmp_path / 'none'}" in rows["CLIP's preprocessing of franz-kafka.jpg: largest difference"].verdict
    assert closing.startswith(f"0 ok, 0 wrong, {len(rows)} not reached. Not reached: check the network") and "EMOREC_MIRROR" in closing
    assert sorted(fake["asked"]) == sorted((name, False) for name in REGISTRY)  # each once, from the cache only


def test_a_right_file_and_a_wrong_one(fake, run, tmp_path):
    fake[RESNET] = resnet(tmp_path / "right.pth")
    fake["resnet50-11ad3fa6.pth"] = resnet(tmp_path / "other.pth")  # another network's
    fake["efficientnet_v2_s-dd5fe13b.pth"] = ChecksumError("https://h/x: found a web page (a login, an error), expected the file")
    status, rows, closing = run()
    assert status == 1 and closing.startswith(f"3 ok, 2 wrong, {len(rows) - 5} not reached. Wrong: ") and "Not reached: " in closing
    assert rows[RESNET].verdict == rows[f"{RESNET}: parameters"].verdict == "ok" and rows[RESNET].found.endswith(" bytes")
    assert rows[f"{RESNET}: parameters"].expected == rows[f"{RESNET}: parameters"].found == "11,689,512"
    fault = rows["resnet50-11ad3fa6.pth: parameters"]
    assert fault.verdict == "wrong" and fault.found.startswith("RuntimeError: Error(s) in loading state_dict")
    fault = rows["efficientnet_v2_s-dd5fe13b.pth"]
    assert (fault.expected, fault.found, fault.verdict) == ("sha256 dd5fe13b1d60ec15317ccc8ca158186e…", "a web page (a login, an error)",
                                                            "wrong")
    assert verdicts(rows, "efficientnet_v2_s-dd5fe13b.pth:") == ["not reached"]


def test_a_missing_weight_is_wrong(fake, run, tmp_path):
    fake[RESNET] = resnet(tmp_path / "right.pth", drop=["fc.bias"])
    assert verdicts(run()[1], f"{RESNET}:") == ["wrong"]


def test_a_host_that_falls_silent_is_not_asked_again(verify, fake, run, monkeypatch):
    monkeypatch.setattr(verify, "silent_hosts", lambda urls: {})
    gone = DownloadError("4 tries failed")
    gone.__cause__ = URLError("no route to host")
    fake.update(dict.fromkeys(REGISTRY, DownloadError("got 404")) | {"kobert_news_wiki_ko_cased-1087f8699e.spiece": gone})
    status, rows, _ = run()
    assert status == 1 and rows["ViT-B-32.pt"].verdict == "not reached: got 404"
    assert dict(fake["asked"]) == {name: name != "kobert_v1.zip" for name in REGISTRY}
    assert rows["KoBERT of the hub: parameters"].verdict == "not reached: huggingface.co (no route to host)"


def test_another_tokenizer(fake, run):
    fake["kobert_news_wiki_ko_cased-1087f8699e.spiece"] = SAMPLE
    assert verdicts(run()[1], "KoBERT's tokenizer") == ["wrong"] * 4


def test_the_real_tokenizer(fake, run):
    if not REAL.is_file():
        pytest.skip(f"KoBERT's own tokenizer is not at {REAL}")
    fake["kobert_news_wiki_ko_cased-1087f8699e.spiece"] = REAL
    assert verdicts(run()[1], "KoBERT's tokenizer") == ["ok"] * 4


def test_kobert_of_the_zip(verify, fake, run, tmp_path, monkeypatch):
    torch.manual_seed(0)
    bert = BertModel(BertConfig(vocab_size=2000, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16))
    bert.config.save_pretrained(tmp_path)
    torch.save(bert.state_dict(), tmp_path / "pytorch_model.bin")
    with zipfile.ZipFile(tmp_path / "kobert_v1.zip", "w") as archive:
        for name in ("config.json", "pytorch_model.bin"):
            archive.write(tmp_path / name, f"kobert_from_pretrained/{name}")
    fake |= {"kobert_v1.zip": tmp_path / "kobert_v1.zip", "kobert_news_wiki_ko_cased-1087f8699e.spiece": SAMPLE}
    _, rows, _ = run()
    assert verdicts(rows, "kobert_v1.zip:") == ["wrong"] * 2 and verdicts(rows, "KoBERT of the hub") == ["not reached"] * 2
    with torch.inference_mode():
        row = bert.eval()(torch.tensor([[31, 51, 99]]), token_type_ids=torch.tensor([[0, 0, 1]])).last_hidden_state[0, 0].tolist()
    golden = [sum(p.numel() for p in bert.parameters()), row[:3] + row[-3:]]
    monkeypatch.setattr(verify, "KOBERT", {what: verify.Value(value, 1e-4) for what, value in zip(verify.KOBERT, golden, strict=True)})
    assert verdicts(run()[1], "kobert_v1.zip:") == ["ok"] * 2
    (tmp_path / "kobert_v1.zip").write_bytes(b"no zip")
    _, rows, _ = run()
    assert verdicts(rows, "kobert_v1.zip:") == ["wrong"] * 2 and "BadZipFile" in rows["kobert_v1.zip: parameters"].found


def test_clip(verify, fake, run, tmp_path, monkeypatch):
    torch.save(untrained_state_dict(), tmp_path / "clip.pt")
    fake["ViT-B-32.pt"] = tmp_path / "clip.pt"
    Image.radial_gradient("L").convert("RGB").save(tmp_path / "franz-kafka.jpg")
    shutil.copy(tmp_path / "franz-kafka.jpg", tmp_path / "CLIP.png")
    expected = verify.picture(tmp_path, "franz-kafka.jpg", verify.openai_clip.clip._transform(224)).numpy()
    np.save(tmp_path / "expected_preprocessed_image.npy", expected)
    _, rows, _ = run(tmp_path)
    assert verdicts(rows, "CLIP's preprocessing") == ["ok"] and verdicts(rows, "ViT-B/32") == ["wrong"] * 3
    found = verify.clip_values(verify.Files({}), tmp_path)
    monkeypatch.setattr(verify, "EMBEDDED", {what: verify.Value(value, 1e-4) for what, value in found.items()})
    np.save(tmp_path / "expected_preprocessed_image.npy", expected + 0.01)
    _, rows, _ = run(tmp_path)
    assert verdicts(rows, "CLIP's preprocessing") == ["wrong"] and verdicts(rows, "ViT-B/32") == ["ok"] * 3


def test_status_is_zero_only_if_all_is_well(verify, fake, run, monkeypatch):
    rows = [verify.Row("a", "1", "1", "ok"), verify.Row("b", "2", "2", "ok")]
    monkeypatch.setattr(verify, "all_rows", lambda files, reference: rows)
    assert run()[::2] == (0, "2 ok, 0 wrong, 0 not reached.")
    rows.append(verify.Row("c", "3", "4", "wrong"))
    status, _, closing = run()
    assert status == 1 and closing.startswith("2 ok, 1 wrong, 0 not reached. Wrong: ") and "EMOREC_MIRROR" not in closing


class Refusal(BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.send_error(404)

    def log_message(self, *args):
        pass


def test_silent_hosts(verify, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.delenv("EMOREC_OFFLINE", raising=False)
    server = HTTPServer(("127.0.0.1", 0), Refusal)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    with socket.socket() as unheard:  # bound, but nobody listens
        unheard.bind(("127.0.0.1", 0))
        here, there = f"127.0.0.1:{server.server_port}", f"127.0.0.1:{unheard.getsockname()[1]}"
        urls = [f"http://{here}/x.pt", f"http://{there}/y.pt", f"http://{there}/z.pt"]
        assert list(verify.silent_hosts(urls)) == [there] and "refused" in verify.silent_hosts(urls)[there]
        monkeypatch.setenv("EMOREC_OFFLINE", "1")
        assert verify.silent_hosts(urls) == dict.fromkeys([here, there], "EMOREC_OFFLINE is set")
    server.shutdown()
    server.server_close()


def test_the_real_fetch_offline(verify, run, tmp_path, monkeypatch):
    monkeypatch.setenv("EMOREC_OFFLINE", "1")
    monkeypatch.setenv("EMOREC_CACHE", str(tmp_path))
    monkeypatch.delenv("EMOREC_MIRROR", raising=False)
    (tmp_path / "resnet18-f37072fd.pth").write_bytes(b"cut")
    (tmp_path / "kobert_v1.zip").write_bytes(b"wrong")  # no size is known of it
    status, rows, closing = run()
    assert status == 1 and closing.startswith(f"0 ok, 2 wrong, {len(rows) - 2} not reached.")
    assert rows["ViT-B-32.pt"].verdict == "not reached: openaipublic.azureedge.net (EMOREC_OFFLINE is set)"
    assert rows["resnet18-f37072fd.pth"].verdict == "wrong" and rows["resnet18-f37072fd.pth"].found == "3 bytes"
    assert rows["kobert_v1.zip"].verdict == "wrong" and rows["kobert_v1.zip"].found.startswith("md5 ")


def test_a_mirror_that_is_no_address(verify, monkeypatch, capsys):
    monkeypatch.setenv("EMOREC_MIRROR", "/mnt/models")
    with pytest.raises(SystemExit):
        verify.main([])
    assert "EMOREC_MIRROR is '/mnt/models', expected an address" in capsys.readouterr().err
