"""Scores word vectors with gensim: gensimScores.py VECTORS SET...; prints {scores: {set: [score, covered]}, ms}."""

import json
import os
import sys
import time

from gensim.models import KeyedVectors

vectors = KeyedVectors.load_word2vec_format(sys.argv[1], binary=True)
began = time.perf_counter()
scores = {}
for path in sys.argv[2:]:
    name = os.path.splitext(os.path.basename(path))[0]
    if name == "questions-words":
        score, sections = vectors.evaluate_word_analogies(path, restrict_vocab=30000)
        scores[name] = [100 * score, len(sections[-1]["correct"]) + len(sections[-1]["incorrect"])]
    else:
        with open(path) as lines:
            pairs = sum(1 for line in lines if line.strip() and not line.startswith("#"))
        _, spearman, unknown = vectors.evaluate_word_pairs(path, restrict_vocab=len(vectors))
        scores[name] = [100 * spearman.statistic, pairs - round(unknown * pairs / 100)]
print(json.dumps({"scores": scores, "ms": 1000 * (time.perf_counter() - began)}))
