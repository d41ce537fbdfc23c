"""Trains word vectors with gensim: gensimTrain.py CORPUS SG WORKERS [EPOCHS SEED OUTPUT]; prints the seconds without start-up."""
import sys, time
from gensim.models import Word2Vec

corpus, sg, workers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
epochs, seed, output = (int(sys.argv[4]), int(sys.argv[5]), sys.argv[6]) if len(sys.argv) > 4 else (1, 1, None)
began = time.perf_counter()
model = Word2Vec(corpus_file=corpus, sg=sg, vector_size=100, window=5, negative=5, sample=1e-3, min_count=5,
                 epochs=epochs, workers=workers, seed=seed)
print(time.perf_counter() - began)
if output:
    model.wv.save_word2vec_format(output, binary=True)
