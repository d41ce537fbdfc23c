"""Loads word vectors, and finds near words, in gensim; one line of JSON per request."""

import json
import resource
import sys
import time

from gensim.models import KeyedVectors

vectors = None
for line in sys.stdin:
    request = json.loads(line)
    answer = {}
    if request["task"] == "load":
        vectors = None
        began = time.perf_counter()
        vectors = KeyedVectors.load_word2vec_format(request["file"], binary=request["binary"])
        answer = {"ms": 1000 * (time.perf_counter() - began)}
    elif request["task"] == "nearest":
        times = []
        found = []
        for row in request["rows"][:5] + request["rows"]:  # the first fill norms and warm up
            began = time.perf_counter()
            matches = vectors.most_similar(vectors.index_to_key[row], topn=10)
            times.append(time.perf_counter() - began)
            found.append([vectors.key_to_index[word] for word, _ in matches])
        times = sorted(times[5:])
        answer = {"ms": 1000 * times[len(times) // 2], "found": found[5:]}
    answer["rssMb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(answer), flush=True)
