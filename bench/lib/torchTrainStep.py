"""One PyTorch peer of the train-step benchmark: the model of trainStepModel.mjs, from the same weights and batches.

Reads one JSON request per line and answers each with one line: "step", "memory", "peak"."""

import json
import math
import resource
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

settings = json.loads(sys.argv[1])
torch.set_num_threads(settings["threads"])
shape, form = settings["shape"], settings["form"]


class Attention(nn.Module):
    def __init__(self, hidden, heads):
        super().__init__()
        self.heads = heads
        self.query, self.key = nn.Linear(hidden, hidden), nn.Linear(hidden, hidden)
        self.value, self.output = nn.Linear(hidden, hidden), nn.Linear(hidden, hidden)

    def forward(self, x, bias):
        def split(y):
            return y.view(*y.shape[:2], self.heads, -1).transpose(1, 2)

        q, k, v = split(self.query(x)), split(self.key(x)), split(self.value(x))
        if form == "torch-eager":
            scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]) + bias
            joined = torch.softmax(scores, -1) @ v
        else:
            joined = F.scaled_dot_product_attention(q, k, v, attn_mask=bias)
        return self.output(joined.transpose(1, 2).reshape(x.shape))


class Layer(nn.Module):
    def __init__(self, hidden, heads):
        super().__init__()
        self.attentionNorm, self.outputNorm = nn.LayerNorm(hidden, 1e-12), nn.LayerNorm(hidden, 1e-12)
        self.attention = Attention(hidden, heads)
        self.intermediate, self.output = nn.Linear(hidden, 4 * hidden), nn.Linear(4 * hidden, hidden)

    def forward(self, x, bias):
        x = self.attentionNorm(x + self.attention(x, bias))
        return self.outputNorm(x + self.output(F.gelu(self.intermediate(x))))


class Encoder(nn.Module):
    def __init__(self, layers, hidden, heads):
        super().__init__()
        self.layers = nn.ModuleList(Layer(hidden, heads) for _ in range(layers))

    def forward(self, x, bias):
        for layer in self.layers:
            x = layer(x, bias)
        return x


class SpanModel(nn.Module):
    def __init__(self, layers, hidden, heads, tokens, vocabulary, batch):
        super().__init__()
        self.words, self.positions = nn.Embedding(vocabulary, hidden), nn.Embedding(tokens, hidden)
        self.segments = nn.Embedding(2, hidden)
        self.norm = nn.LayerNorm(hidden, 1e-12)
        self.encoder = Encoder(layers, hidden, heads)
        self.span = nn.Linear(hidden, 2)

    def forward(self, ids, positions, segments, mask, starts, ends):
        x = self.norm(self.words(ids) + self.positions(positions) + self.segments(segments))
        bias = ((1 - mask.float()) * -1e9)[:, None, None, :]
        start_logits, end_logits = self.span(self.encoder(x, bias)).unbind(-1)
        return (F.cross_entropy(start_logits, starts) + F.cross_entropy(end_logits, ends)) / 2


def read_safetensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        start = file.tell()
        tensors = {}
        for name, entry in header.items():
            begin, end = entry["data_offsets"]
            file.seek(start + begin)
            data = np.frombuffer(file.read(end - begin), {"F32": np.float32, "I32": np.int32}[entry["dtype"]])
            tensors[name] = torch.from_numpy(data.reshape(entry["shape"]).copy())
        return tensors


tensors = read_safetensors(settings["file"])
model = SpanModel(**shape)
model.load_state_dict({name: value for name, value in tensors.items() if not name.startswith("batch.")})
batches = []
for i in range(settings["batches"]):
    named = {name.split(".")[2]: value for name, value in tensors.items() if name.startswith(f"batch.{i}.")}
    batches.append({name: value if name == "mask" else value.long() for name, value in named.items()})
del tensors
decays = [p for p in model.parameters() if p.dim() >= 2]
others = [p for p in model.parameters() if p.dim() < 2]
optimizer = torch.optim.AdamW(
    [{"params": decays, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}],
    lr=1e-4,
    **({} if form == "torch-eager" else {"fused": True}),
)
forward = torch.compile(model) if form == "torch-compile" else model
count = 0


def step():
    global count
    start = time.perf_counter()
    optimizer.zero_grad(set_to_none=True)
    loss = forward(**batches[count % len(batches)])
    loss.backward()
    optimizer.step()
    value = loss.item()
    count += 1
    return {"ms": (time.perf_counter() - start) * 1e3, "loss": value}


def peak():
    size, best = 1536, 0
    a = torch.full((size, size), 0.5)
    for _ in range(12):
        start = time.perf_counter()
        torch.mm(a, a)
        best = max(best, 2 * size**3 / (time.perf_counter() - start) / 1e9)
    return best


handlers = {
    "step": step,
    "peak": peak,
    "memory": lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}
for line in sys.stdin:
    print(json.dumps(handlers[json.loads(line)]()), flush=True)
