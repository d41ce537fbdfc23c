"""PyTorch's side of the gumbel-softmax benchmark: F.gumbel_softmax(hard=True), forward and backward, noise included.

Reads a number of iterations per line and answers with the milliseconds of each."""

import json
import sys
import time

import torch
import torch.nn.functional as F

settings = json.loads(sys.argv[1])
torch.set_num_threads(settings["threads"])
torch.manual_seed(0)
logits = torch.randn(settings["shape"], requires_grad=True)
cotangent = torch.randn(settings["shape"])

for line in sys.stdin:
    times = []
    for _ in range(json.loads(line)):
        start = time.perf_counter()
        logits.grad = None
        F.gumbel_softmax(logits, hard=True).backward(cotangent)
        times.append(1e3 * (time.perf_counter() - start))
    print(json.dumps(times), flush=True)
