"""Make emorec_lib/assets/models/kobert-untrained: a SentencePiece vocabulary in KoBERT's layout and the configuration of a tiny BERT.

    python tools/train_spiece.py

The vocabulary is learnt from the embedded sample messages (ours, CC0) without the test part; the network has no weights file:
kobert.load_encoder draws them from a seed. Same input, same bytes.
"""

import io
import json
from pathlib import Path

import sentencepiece

from emorec_lib import dialogue
from emorec_lib.kobert import SPECIAL
from emorec_lib.run import ASSETS

VOCABULARY = 2000  # pieces
CONFIG = {"model_type": "bert", "hidden_size": 128, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 512,
          "max_position_embeddings": 512, "type_vocab_size": 2, "layer_norm_eps": 1e-12, "hidden_act": "gelu", "pad_token_id": 1,
          "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1}


def main() -> None:
    corpus = dialogue.read_corpora(ASSETS / "dialogue")
    texts = [*corpus.table.loc[corpus.table["split"] != "test", "text"], *corpus.unlabelled["text"]]
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts), model_writer=model, vocab_size=VOCABULARY,
        model_type="unigram", character_coverage=1.0, unk_id=0, pad_id=1, bos_id=-1, eos_id=-1, unk_piece=SPECIAL[0], pad_piece=SPECIAL[1],
        control_symbols=list(SPECIAL[2:]), num_threads=1, hard_vocab_limit=False, minloglevel=1)
    folder = ASSETS / "models" / "kobert-untrained"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "spiece.model").write_bytes(model.getvalue())
    size = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue()).get_piece_size()
    (folder / "config.json").write_text(json.dumps({"vocab_size": size, **CONFIG}, indent=1) + "\n", encoding="utf8")
    print(f"{size} pieces, {len(model.getvalue()):,} bytes -> {folder.relative_to(Path.cwd())}")


if __name__ == "__main__":
    main()
