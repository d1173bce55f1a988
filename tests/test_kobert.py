"""kobert.py and signs.py: KoBERT's ids, encoders that fit their tokenizer, chat signs, prediction."""

import json
import random
import shutil
import socket
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import sentencepiece
import torch
from safetensors.torch import load_file, save_file
from tokenizers import BertWordPieceTokenizer
from transformers import (
    AutoModel,
    BertConfig,
    BertForMaskedLM,
    BertModel,
    BertTokenizerFast,
    ElectraConfig,
    ElectraModel,
    RobertaConfig,
    RobertaModel,
)

from emorec_lib import kobert, signs
from emorec_lib.finetune import Training, fine_tune
from emorec_lib.kobert import Classifier, OwnTokenizer, Predictor, Tokenizer, _pooled, load_encoder, pad_batch
from emorec_lib.run import ASSETS, EMOTIONS, half_precision

SPIECE = ASSETS / "models/kobert-untrained/spiece.model"
REAL = Path(__file__).parents[2] / "shared" / "models" / "kobert_tokenizer"
WORDS = {"행복": ("좋아", "기뻐", "신나", "최고"), "분노": ("짜증", "화나", "열받아", "싫어")}
TOY = [list(column) for column in zip(*((f"{a} {b}", label) for label, words in WORDS.items() for a, b in product(words, words)),
                                      strict=True)]
SETTINGS = Training("kobert-untrained", epochs=4, batch_size=4, learning_rate=2e-3, dropout=0.1)


@pytest.fixture(scope="module")
def tokenizer():
    return Tokenizer.load("kobert-untrained")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Folder of a finished run on the toy set."""
    folder = tmp_path_factory.mktemp("finished")
    fine_tune(TOY, TOY, folder, SETTINGS)
    return folder


@pytest.fixture
def predictor(finished, tmp_path):
    """The run's classifier, in a folder of the test's own."""
    shutil.copytree(finished, tmp_path / "kobert")
    return Predictor.load(tmp_path / "kobert")


# --- tokenizer -------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def real():
    if not (REAL / "spiece.model").is_file():
        pytest.skip(f"KoBERT's own tokenizer is not at {REAL}")
    return Tokenizer.load(REAL)


def test_real_tokenizer_gives_the_golden_ids(real):
    assert len(real) == 8002
    assert real.encode("한국어 모델을 공유합니다.") == [2, 4958, 6855, 2046, 7088, 1050, 7843, 54, 3]
    assert real.encode("나 보기가 역겨워", "김소월") == [2, 1370, 2362, 5330, 3322, 5411, 7018, 3, 1316, 6607, 7028, 3]


@pytest.mark.parametrize("text", ["ㅠ", "ㅜ", "ㅠㅠ", "😂", "♥", "❤", "♡"])
def test_real_tokenizer_knows_no_tears_and_hearts(real, text):
    assert Tokenizer.unk_id in real.encode(text)


@pytest.mark.parametrize("text", ["ㅋ", "ㅎ", "ㅇ", "~", "^", "!"])
def test_real_tokenizer_knows_laughter(real, text):
    assert Tokenizer.unk_id not in real.encode(text)


def test_special_ids_and_length(tokenizer):
    model = sentencepiece.SentencePieceProcessor(model_file=str(SPIECE))
    assert [model.id_to_piece(i) for i in range(5)] == ["[UNK]", "[PAD]", "[CLS]", "[SEP]", "[MASK]"]
    assert (Tokenizer.unk_id, Tokenizer.pad_id, Tokenizer.cls_id, Tokenizer.sep_id, Tokenizer.mask_id) == (0, 1, 2, 3, 4)
    assert len(tokenizer) == model.get_piece_size() == 2000
    assert Tokenizer.load(SPIECE).encode("안녕") == Tokenizer.load(SPIECE.parent).encode("안녕") == tokenizer.encode("안녕")


def test_encode_is_the_pieces_between_cls_and_sep(tokenizer):
    text = "오늘 합격했어"
    pieces, ids = tokenizer.pieces(text), tokenizer.encode(text)
    model = sentencepiece.SentencePieceProcessor(model_file=str(SPIECE))
    assert "".join(pieces).replace("▁", " ").strip() == text and len(pieces) > 1
    assert ids == [2, *(model.piece_to_id(p) for p in pieces), 3]
    assert tokenizer.encode("") == [2, 3]
    assert tokenizer.encode("🦑")[1:-1].count(0) == 1


def test_encode_with_pair(tokenizer):
    one, two = tokenizer.encode("오늘 합격했어"), tokenizer.encode("축하해")
    assert tokenizer.encode("오늘 합격했어", "축하해") == [*one, *two[1:]]
    assert tokenizer.encode("오늘 합격했어", "") == tokenizer.encode("오늘 합격했어", " ") == one
    assert tokenizer.segments("오늘 합격했어", "축하해") == [0] * len(one) + [1] * (len(two) - 1)
    assert tokenizer.segments("오늘 합격했어") == tokenizer.segments("오늘 합격했어", "") == [0] * len(one)
    assert tokenizer.segments("[SEP] 오늘", "축하해", max_tokens=5) == [0, 0, 0, 1, 1]


def test_encode_cuts_the_text(tokenizer):
    whole = tokenizer.encode("오늘 드디어 합격했어 너무 좋아")
    for n in range(2, len(whole) + 2):
        assert tokenizer.encode("오늘 드디어 합격했어 너무 좋아", max_tokens=n) == ([*whole[:n - 1], 3] if n < len(whole) else whole)


def test_encode_cuts_a_pair(tokenizer):
    long = "오늘 드디어 합격했어 너무 좋아 " * 5
    body, short = tokenizer.encode(long)[1:-1], tokenizer.encode("축하해")[1:-1]
    assert tokenizer.encode(long, long, max_tokens=23) == [2, *body[:10], 3, *body[:10], 3]
    # a short one leaves its room to the other
    assert tokenizer.encode("축하해", long, max_tokens=23) == [2, *short, 3, *body[:20 - len(short)], 3]
    assert tokenizer.encode(long, "축하해", max_tokens=23) == [2, *body[:20 - len(short)], 3, *short, 3]
    both = tokenizer.encode("축하해", long)
    assert tokenizer.encode("축하해", long, max_tokens=len(both)) == both
    assert tokenizer.encode(long, long, max_tokens=3) == [2, 3, 3]


@pytest.mark.parametrize(("pair", "least"), [(None, 2), ("축하해", 3)])
def test_encode_refuses_a_length_without_room(tokenizer, pair, least):
    assert len(tokenizer.encode("오늘 합격했어", pair, max_tokens=least)) == least
    with pytest.raises(ValueError, match=f"at least {least}"):
        tokenizer.encode("오늘 합격했어", pair, max_tokens=least - 1)


def test_another_sentencepiece_vocabulary_is_refused(tmp_path):
    (tmp_path / "text").write_text("가 나 다 라 마 바 사\n" * 20, encoding="utf8")
    sentencepiece.SentencePieceTrainer.train(input=str(tmp_path / "text"), model_prefix=str(tmp_path / "spiece"), vocab_size=20,
                                             hard_vocab_limit=False, minloglevel=2)
    with pytest.raises(ValueError, match=r"spiece\.model: first five pieces are .*<unk>.*\[UNK\]"):
        Tokenizer.load(tmp_path)


def test_a_missing_tokenizer_is_named(tmp_path):
    for path in (tmp_path, tmp_path / "none.model"):
        with pytest.raises(FileNotFoundError, match=r"(spiece|none)\.model: no such file"):
            Tokenizer.load(path)


# --- encoders --------------------------------------------------------------------------------------------------------
@pytest.fixture
def local_encoder(tmp_path):
    """Makes a folder with a tiny BERT of so many embeddings beside the embedded tokenizer."""
    def make(vocab_size=2000, kind=BertModel):
        config = BertConfig(vocab_size=vocab_size, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8)
        kind(config).save_pretrained(tmp_path / "mine")
        shutil.copy(SPIECE, tmp_path / "mine")
        return str(tmp_path / "mine")
    return make


def test_local_folder(local_encoder):
    folder = local_encoder()
    bert, tokenizer = load_encoder(folder)
    assert bert.config.hidden_size == 8 and len(tokenizer) == 2000
    assert torch.equal(bert.embeddings.word_embeddings.weight, load_encoder(folder, seed=1)[0].embeddings.word_embeddings.weight)


def test_a_model_with_another_vocabulary_is_refused(local_encoder):
    with pytest.raises(ValueError, match=r"1999 embeddings, the tokenizer 2000 pieces"):
        load_encoder(local_encoder(1999))


def test_a_local_folder_without_its_files_is_named(local_encoder):
    folder = Path(local_encoder())
    for name in ("spiece.model", "config.json", "model.safetensors"):
        shutil.move(folder / name, folder.parent / name)
        with pytest.raises(OSError, match=name):
            load_encoder(str(folder))
        shutil.move(folder.parent / name, folder / name)


def test_weights_of_another_kind_of_model_are_refused(local_encoder):
    folder = Path(local_encoder())
    tensors = load_file(folder / "model.safetensors")
    save_file({name.replace("encoder.layer", "h"): t for name, t in tensors.items()}, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(ValueError, match=r"its weights lack 16 parts of a bert, the first encoder\.layer"):
        load_encoder(str(folder))


def test_a_pooler_that_the_weights_lack_is_always_the_same(local_encoder):
    folder = local_encoder(kind=BertForMaskedLM)
    one, two, other = (load_encoder(folder, seed)[0].pooler.dense.weight for seed in (0, 0, 1))
    assert torch.equal(one, two) and not torch.equal(one, other)


def test_an_unknown_encoder_lists_the_choices():
    with pytest.raises(ValueError, match=r"'kobert'; choices: skt/kobert-base-v1, .*kobert-mini, kobert-untrained, another owner"):
        load_encoder("kobert")


def test_untrained_weights_are_always_the_same():
    state = torch.get_rng_state()
    one, two, other = (load_encoder("kobert-untrained", seed)[0].state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert not torch.equal(one["pooler.dense.weight"], other["pooler.dense.weight"])
    assert torch.equal(torch.get_rng_state(), state)  # the caller's random numbers are left alone
    assert "random weights" in kobert.about("kobert-untrained") and kobert.about(kobert.KOBERT) == kobert.KOBERT


def test_kobert_without_network_says_what_to_do(tmp_path, monkeypatch):
    reached = []

    def refuse(*args, **kwargs):
        reached.append(args)
        raise OSError("no network in tests")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for name, value in {"HF_HUB_OFFLINE": "1", "EMOREC_OFFLINE": "1", "EMOREC_CACHE": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(OSError, match=r"(?s)ENCODER = 'skt/kobert-base-v1' cannot be had.*EMOREC_OFFLINE.*Choices of.*kobert-untrained"):
        load_encoder("skt/kobert-base-v1")
    # the tokenizer is there, the model is not
    monkeypatch.setattr(kobert, "fetch_model", lambda *args: SPIECE)
    monkeypatch.setattr(BertModel, "from_pretrained", refuse)
    monkeypatch.setattr(kobert.AutoConfig, "from_pretrained", lambda *args, **kwargs: BertConfig())
    with pytest.raises(OSError, match=r"'skt/kobert-base-v1' cannot be had \(no network in tests\)\. Without network use ENCODER"):
        load_encoder("skt/kobert-base-v1")
    assert reached == [("skt/kobert-base-v1",)]  # nothing but from_pretrained: no address was looked up


@pytest.mark.parametrize("name", kobert.KOBERTS)
def test_both_koberts_of_the_hub_take_skts_tokenizer(monkeypatch, name):
    asked = []
    monkeypatch.setattr(kobert, "fetch_model", lambda file, *args: asked.append(file) or SPIECE)
    assert len(Tokenizer.load(name)) == 2000 and asked == ["kobert_news_wiki_ko_cased-1087f8699e.spiece"]


def test_another_encoder_without_network_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("EMOREC_OFFLINE", "1")
    monkeypatch.setenv("EMOREC_CACHE", str(tmp_path))
    with pytest.raises(OSError, match=r"ENCODER = 'klue/roberta-base' cannot be had .*PROFILE=sample.*tokenizer\.json"):
        load_encoder("klue/roberta-base")


def change_config(folder, **values):
    config = json.loads((Path(folder) / "config.json").read_text())
    (Path(folder) / "config.json").write_text(json.dumps({k: v for k, v in (config | values).items() if v is not None}))


def test_a_config_that_does_not_fit_the_weights_is_refused(local_encoder):
    folder = local_encoder()
    change_config(folder, vocab_size=1999)
    with pytest.raises(ValueError, match=r"word_embeddings.weight is \(2000, 8\) in the file, \(1999, 8\) by config\.json \(1 such"):
        load_encoder(folder)
    change_config(folder, vocab_size=2000, intermediate_size=12)
    with pytest.raises(ValueError, match=r"does not fit the weights.*3 such parts"):
        load_encoder(folder)


def test_an_old_config_does_not_freeze_the_unknown_piece(local_encoder):
    folder = local_encoder()
    change_config(folder, pad_token_id=0, model_type=None)  # as KoBERT's own: no word that it is a BERT's
    bert, tokenizer = load_encoder(folder)
    embeddings = bert.get_input_embeddings()
    bert(input_ids=torch.tensor([[2, 0, 3, 1]])).last_hidden_state[..., 0].sum().backward()  # the sum of all is constant: LayerNorm
    assert bert.config.pad_token_id == tokenizer.pad_id == 1
    assert embeddings.weight.grad[0].abs().sum() > 0 and embeddings.weight.grad[1].abs().sum() == 0


# --- encoders with a tokenizer of their own --------------------------------------------------------------------------
SYLLABLES = "오늘합격했어좋아짜증나ㅋ!"
PIECES = ["[CLS]", "[PAD]", "[SEP]", "[UNK]", "[MASK]", *SYLLABLES, *(f"##{c}" for c in SYLLABLES)]  # special ids as klue's


@pytest.fixture(params=[RobertaModel, ElectraModel, BertModel])
def own_encoder(request, tmp_path):
    """A folder with a tiny encoder of another kind and a WordPiece tokenizer, laid out as klue/roberta-base and KcELECTRA are."""
    folder = tmp_path / "own"
    config = {RobertaModel: RobertaConfig, ElectraModel: ElectraConfig, BertModel: BertConfig}[request.param](
        vocab_size=64, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8, pad_token_id=1,
        max_position_embeddings=70)
    request.param(config).save_pretrained(folder)
    backend = BertWordPieceTokenizer({piece: i for i, piece in enumerate(dict.fromkeys(PIECES))}, lowercase=False, strip_accents=False)
    BertTokenizerFast(tokenizer_object=backend._tokenizer, do_lower_case=False).save_pretrained(folder)
    return folder, request.param


def test_own_tokenizer_and_model_of_a_local_folder(own_encoder):
    folder, kind = own_encoder
    bert, tokenizer = load_encoder(str(folder))
    assert type(bert) is kind and isinstance(tokenizer, OwnTokenizer)
    assert (tokenizer.cls_id, tokenizer.pad_id, tokenizer.sep_id, tokenizer.unk_id) == (0, 1, 2, 3)
    assert tokenizer.pieces("오늘 짜증나!") == ["오", "##늘", "짜", "##증", "##나", "!"]
    ids = [PIECES.index(piece) for piece in tokenizer.pieces("오늘 짜증나!")]
    assert tokenizer.encode("오늘 짜증나!") == [0, *ids, 2] and tokenizer.encode("오늘 짜증나!", max_tokens=4) == [0, *ids[:2], 2]
    assert tokenizer.encode("오늘", "좋아")[-3:] == [PIECES.index("좋"), PIECES.index("##아"), 2]
    assert tokenizer.sep_id not in tokenizer.encode("[SEP]")[1:-1]  # what a person types is text


def test_own_encoder_is_fine_tuned_and_predicts(own_encoder, tmp_path):
    folder, kind = own_encoder
    settings = Training(str(folder), epochs=1, batch_size=4, max_tokens=16, chat_signs=True)
    fine_tune(TOY, TOY, tmp_path / "out", settings)
    predictor = Predictor.load(tmp_path / "out")
    assert type(predictor.model.bert) is kind and "ㅠ" in predictor.tokenizer.added
    together = predictor.probabilities(["오늘 좋아", "짜증나ㅠㅠ 오늘 합격했어 좋아"])
    np.testing.assert_allclose(together[:1], predictor.probabilities(["오늘 좋아"]), atol=1e-5)  # its own [PAD] is masked


def test_fewer_embeddings_than_pieces_are_refused(own_encoder):
    folder, kind = own_encoder
    AutoModel.from_pretrained(folder).get_input_embeddings()
    config = {RobertaModel: RobertaConfig, ElectraModel: ElectraConfig, BertModel: BertConfig}[kind]
    kind(config(vocab_size=20, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8)).save_pretrained(folder)
    with pytest.raises(ValueError, match=r"the model has 20 embeddings, the tokenizer \d+ pieces"):
        load_encoder(str(folder))


# --- chat signs ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("text", "normal"), [
    ("ㅠㅠㅠㅠㅠ", "ㅠㅠ"), ("ㅜㅠㅜ", "ㅠㅠ"), ("ㅠ.ㅠ", "ㅠㅠ"), ("ㅜ_ㅜ", "ㅠㅠ"), ("T_T", "ㅠㅠ"), ("ㅠ", "ㅠ"),
    ("ㅋㅋㅋㅋ", "ㅋㅋ"), ("ㅋ", "ㅋ"), ("헐.....", "헐…"), ("야!!!!!", "야!!"), ("😂😂😂", "😂😂"),
    ("💕", "♥"), ("❤️", "♥"), ("👍🏻", "👍"), ("-_-", "ㅡㅡ"), ("^_^", "^^"),
    ("1000000원", "1000000원"), ("아아아아", "아아아아"), ("www.site", "www.site"), ("BATTLE", "BATTLE"), ("", ""),
    ("\u1112\u1165\u11af", "헐"),  # decomposed, as macOS writes
])
def test_normalise(text, normal):
    assert signs.normalise(text) == normal


def test_normalising_twice_changes_nothing_more():
    drawn = random.Random(0)
    letters = [*"ㅠㅜㅋㅎㅡ._;!?~^-TtAa1가 ", "️", "👍", "🏻", "💕", "😂", "🤣", "…", "ㅉ", "ㅁ", "ㅇ", "ㅅ"]
    for _ in range(3000):
        text = "".join(drawn.choices(letters, k=drawn.randint(1, 12)))
        once = signs.normalise(text)
        assert signs.normalise(once) == once, text


def test_every_sign_is_normal_and_has_words():
    table = signs.table()
    assert len(table) > 40 and all(words and signs.normalise(sign) == sign for sign, words in table.items())
    ways = [way for row in signs._rows() for way in row["also"].split()]
    assert len(ways) == len(set(ways)) and not set(ways) & set(table)
    assert all(signs.normalise(row["also"].split()[0]).startswith(row["sign"]) for row in signs._rows() if row["also"])


def test_signs_are_pieces_behind_the_vocabulary(tokenizer):
    known = tokenizer.with_signs()
    assert known.added and len(known) == 2000 + len(known.added)
    assert all(tokenizer.unk_id in tokenizer.encode(sign) for sign in known.added)  # only what is lacking
    assert all(tokenizer.unk_id not in tokenizer.encode(sign) for sign in set(signs.table()) - set(known.added))
    assert all(known.encode(sign) == [2, 2000 + i, 3] for i, sign in enumerate(known.added))
    sign = known.added[0]
    assert known.pieces(f"좋아 {sign}{sign} 그래") == [*tokenizer.pieces("좋아"), sign, sign, *tokenizer.pieces("그래")]
    assert known.encode("오늘 합격했어") == tokenizer.encode("오늘 합격했어") and known.encode(" ") == [2, 3]
    assert max(known.encode(f"가{sign}나", sign)) == 2000


def test_real_kobert_gets_the_signs_it_lacks(real):
    known = real.with_signs()
    assert {"ㅠ", "😂", "♥", "ㅡㅡ", "ㄷㄷ"} <= set(known.added) and not {"ㅋ", "ㅎ", "~", "^^", "!"} & set(known.added)
    for text in ("ㅠ", "ㅜ", "ㅠㅠ", "😂", "♥", "❤", "♡", "헐ㅠㅠㅠ 미쳤다 💕"):
        assert Tokenizer.unk_id in real.encode(text) and Tokenizer.unk_id not in known.encode(text)
    assert known.encode("한국어 모델을 공유합니다.") == [2, 4958, 6855, 2046, 7088, 1050, 7843, 54, 3]


def test_sign_embeddings_start_from_their_words():
    plain, tokenizer = load_encoder("kobert-untrained")
    bert, known = load_encoder("kobert-untrained", chat_signs=True)
    old, new = (b.get_input_embeddings().weight.detach() for b in (plain, bert))
    assert new.shape == (len(known), old.shape[1]) and torch.equal(new[:2000], old) and bert.config.vocab_size == len(known)
    length = old.norm(dim=1).mean()
    for number, sign in enumerate(known.added):
        pieces = [i for i in tokenizer.encode(signs.table()[sign])[1:-1] if i != 0]
        mean = old[pieces].mean(0) if pieces else old.mean(0)
        torch.testing.assert_close(new[2000 + number], mean / mean.norm() * length)
    assert bert.get_input_embeddings().padding_idx == 1


def test_signs_are_saved_with_the_classifier(tmp_path):
    fine_tune(TOY, TOY, tmp_path, Training("kobert-untrained", epochs=1, chat_signs=True))
    predictor, plain = Predictor.load(tmp_path), Tokenizer.load("kobert-untrained")
    assert predictor.tokenizer.added == plain.with_signs().added == Tokenizer.load(tmp_path).added
    assert predictor.logits(["헐ㅠㅠㅠㅠㅠ"]).tolist() == predictor.logits(["헐ㅠ.ㅠ"]).tolist()
    fine_tune(TOY, TOY, tmp_path, Training("kobert-untrained", epochs=1))  # the same folder without them
    assert Tokenizer.load(tmp_path).added is None and len(Predictor.load(tmp_path).tokenizer) == 2000


@pytest.mark.parametrize(("device", "precision"), [("cpu", "fp16"), ("cpu", "half"), ("mps", "fp16")])
def test_impossible_precision_is_refused(device, precision):
    with pytest.raises(ValueError, match=rf"PRECISION = '{precision}' on {device}; choices: auto"):
        half_precision(device, precision)


def test_precision(monkeypatch):
    for has, found in (({"avx512_bf16": True}, torch.bfloat16), ({"amx_bf16": True}, torch.bfloat16), ({}, None)):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda has=has: has, raising=False)
        assert half_precision("cpu") is found
    for has, found in ((True, torch.bfloat16), (False, torch.float16)):
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda has=has: has)
        assert half_precision("cuda:0") is found
    assert half_precision("cuda", "fp32") is None and half_precision("mps") is None and half_precision("cpu", "bf16") is torch.bfloat16


# --- prediction ------------------------------------------------------------------------------------------------------
def test_pad_batch_pads_with_id_1():
    ids, mask = pad_batch([[2, 9, 3], [2, 3], [2, 0, 8, 3]], "cpu")
    assert ids.tolist() == [[2, 9, 3, 1], [2, 3, 1, 1], [2, 0, 8, 3]]
    assert mask.tolist() == [[1, 1, 1, 0], [1, 1, 0, 0], [1, 1, 1, 1]]  # [UNK] (0) is no padding


def test_padding_does_not_change_logits(tokenizer):
    model = Classifier(load_encoder("kobert-untrained")[0], 6).eval()
    short, long = tokenizer.encode("좋아"), tokenizer.encode("오늘 드디어 합격했어 너무 좋아 " * 4)
    with torch.inference_mode():
        alone, padded = model(*pad_batch([short], "cpu"))[0], model(*pad_batch([short, long], "cpu"))[0]
        unmasked = model(pad_batch([short, long], "cpu")[0], torch.ones(2, len(long)))[0]
    torch.testing.assert_close(alone, padded, atol=1e-5, rtol=0)
    assert (alone - unmasked).abs().max() > 1e-3  # the mask is what makes it so


@pytest.mark.parametrize("name", ["kobert-untrained", "kobert-mini"])
def test_the_short_way_through_bert_is_transformers(name):
    bert, tokenizer = load_encoder(name)
    model = Classifier(bert, 6).eval()
    texts = ("나 지금 너무 행복해", "ㅠㅠ", "회의는 세 시로 옮겼어요, 3층으로 오세요")
    ids, mask = pad_batch([tokenizer.encode(text) for text in texts], "cpu")
    with torch.inference_mode():
        expected = bert(input_ids=ids, attention_mask=mask).pooler_output
        torch.testing.assert_close(_pooled(bert, ids, mask), expected, rtol=0, atol=1e-5)
        torch.testing.assert_close(model(ids, mask), model.linear(expected), rtol=0, atol=1e-5)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            torch.testing.assert_close(_pooled(bert, ids, mask).float(), expected, rtol=0, atol=0.05)


@pytest.mark.parametrize(("changed", "plain"),
                         [({"hidden_act": "relu"}, True), ({"num_attention_heads": 4}, True), ({"is_decoder": True}, False)])
def test_another_bert_goes_the_short_way_only_where_it_is_the_same(changed, plain):
    torch.manual_seed(0)
    bert = BertModel(BertConfig(vocab_size=50, hidden_size=16, num_hidden_layers=2, intermediate_size=24, max_position_embeddings=12,
                                **{"num_attention_heads": 2} | changed)).eval()
    ids, mask = pad_batch([[2, 7, 8, 9, 3], [2, 7, 3]], "cpu")
    with torch.inference_mode():
        expected = bert(input_ids=ids, attention_mask=mask).pooler_output
        model = Classifier(bert, 6).eval()
        assert torch.allclose(model(ids, mask), model.linear(expected), atol=1e-5)
        assert torch.allclose(_pooled(bert, ids, mask), expected, atol=1e-5) == plain


def test_probabilities_do_not_depend_on_the_batch(predictor):
    texts = ["좋아 최고", "짜증", "오늘 드디어 합격했어 너무 좋아 " * 3, "", "ㅋㅋ", "열받아 싫어"] * 15  # more than one batch
    together = predictor.probabilities(texts)
    assert together.shape == (90, 6) and together.sum(1) == pytest.approx(np.ones(90), abs=1e-6)
    alone = np.concatenate([predictor.probabilities([t]) for t in texts[:6]])
    np.testing.assert_allclose(together, np.tile(alone, (15, 1)), atol=1e-5)
    np.testing.assert_allclose(predictor.probabilities(texts[::-1]), together[::-1], atol=1e-5)
    assert together[0].argmax() != together[1].argmax()
    assert predictor.probabilities([]).shape == (0, 6)


def given(monkeypatch, predictor, logits):
    """Makes the predictor answer with these logits (N, 2), the other four classes being impossible."""
    rows = np.full((len(logits), 6), -50, dtype=np.float32)
    rows[:, :2] = logits
    monkeypatch.setattr(predictor, "logits", lambda texts: rows[:len(texts)])


def test_calibrate_finds_the_temperature(predictor, monkeypatch):
    # 80 % of the answers are right, the model says sigmoid(2 ln 4) = 94 %: dividing by 2 makes it sigmoid(ln 4) = 80 %
    given(monkeypatch, predictor, [(2 * np.log(4), 0)] * 100)
    result = predictor.calibrate(["x"] * 100, ["행복"] * 80 + ["슬픔"] * 20)
    assert result["temperature"] == pytest.approx(2) and result["threshold"] is None
    assert predictor.probabilities(["x"])[0, 0] == pytest.approx(0.8, abs=1e-4)
    assert json.loads((predictor.folder / "classifier.json").read_text(encoding="utf8"))["temperature"] == result["temperature"]


def surest(logits, n_right, n):
    """n messages with falling logits, the first n_right answered right."""
    return [(logit, 0) for logit in logits[:n]], ["행복"] * n_right + ["슬픔"] * (n - n_right)


def test_calibrate_finds_the_lowest_level_with_nine_of_ten_right(predictor, monkeypatch):
    logits, labels = surest(np.linspace(4, 0.5, 30), 18, 30)
    given(monkeypatch, predictor, logits)
    result = predictor.calibrate(["x"] * 30, labels)
    sure = predictor.probabilities(["x"] * 30).max(1) >= result["threshold"] - 1e-7
    assert sure.sum() == 20  # 18 of 20 are 90 %, 18 of 21 are not
    again = Predictor.load(predictor.folder)
    assert (again.meta["temperature"], again.meta["threshold"]) == (result["temperature"], result["threshold"])


def test_calibrate_lets_all_of_equal_probability_in_or_none(predictor, monkeypatch):
    given(monkeypatch, predictor, [(4, 0)] * 12 + [(2, 0)] * 18)
    labels = ["행복"] * 18 + ["슬픔"] * 12  # 12 of the first level are right; of both levels 18 of 30
    result = predictor.calibrate(["x"] * 30, labels)
    sure = predictor.probabilities(["x"] * 30).max(1) >= result["threshold"] - 1e-7
    assert sure.sum() == 12


@pytest.mark.parametrize("n_right", [0, 9])
def test_calibrate_gives_no_level_for_fewer_than_ten_answers(predictor, monkeypatch, n_right):
    logits, labels = surest(np.linspace(4, 0.5, 30), n_right, 9 if n_right else 30)
    given(monkeypatch, predictor, logits)
    assert predictor.calibrate(["x"] * len(labels), labels)["threshold"] is None


@pytest.mark.parametrize("lacking", [["model.pt"], ["config.json", "model.pt"], ["classifier.json"]])
def test_predictor_names_what_is_missing(predictor, lacking):
    for name in lacking:
        (predictor.folder / name).unlink()
    with pytest.raises(FileNotFoundError, match=f"no {', '.join(lacking)}; expected what 04_kobert_training leaves"):
        Predictor.load(predictor.folder)


def test_source_examples():
    table = kobert.source_examples()
    assert list(table.columns) == ["text", "round", "source"] and len(table) == 11
    assert set(table["source"]) <= set(EMOTIONS) and table["text"].is_unique


def test_a_literal_pad_in_a_message_is_not_masked():
    ids, mask = kobert.pad_batch([[2, 1, 3], [2, 3]], "cpu")
    assert ids.tolist() == [[2, 1, 3], [2, 3, 1]] and mask.tolist() == [[1, 1, 1], [1, 1, 0]]
