"""Trains word vectors with gensim: gensimTrain.py CORPUS SG WORKERS; prints the seconds without start-up."""
import sys, time
from gensim.models import Word2Vec

corpus, sg, workers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
began = time.perf_counter()
model = Word2Vec(corpus_file=corpus, sg=sg, vector_size=100, window=5, negative=5, sample=1e-3, min_count=5,
                 epochs=1, workers=workers)
print(time.perf_counter() - began)
