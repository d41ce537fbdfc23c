"""The PyTorch peer of the qa-train benchmark: the calculator reader's training step as one would write it there, from the
same weights, batch and noise.

What the calculator returns for each candidate is a one-hot matrix over the few words that it writes, E_i; the chosen one is
sum_i z_i E_i, times their word vectors. Reads one JSON request per line, answers each with one line: "step", "memory"."""

import json
import math
import resource
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

settings = json.loads(sys.argv[1])
torch.set_num_threads(settings["threads"])
shape, form = settings["shape"], settings["form"]


def read_safetensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        start = file.tell()
        tensors = {}
        for name, entry in header.items():
            if name == "__metadata__":
                continue
            begin, end = entry["data_offsets"]
            file.seek(start + begin)
            data = np.frombuffer(file.read(end - begin), {"F32": np.float32, "I32": np.int32}[entry["dtype"]])
            tensors[name] = torch.from_numpy(data.reshape(entry["shape"]).copy())
        return tensors


tensors = read_safetensors(settings["file"])
weights = {
    name: tensor.requires_grad_()
    for name, tensor in tensors.items()
    if not name.startswith(("batch.", "noise."))
}
batch = {
    name[len("batch.") :]: tensor.long() if tensor.dtype == torch.int32 else tensor
    for name, tensor in tensors.items()
    if name.startswith("batch.")
}
noises = [tensors[f"noise.{i}"] for i in range(settings["noises"])]
one_hots = F.one_hot(batch["result.ids"], len(batch["vocabulary"])).float()
slots = torch.arange(shape["length"])
one_hots *= (slots < batch["result.lengths"][..., None]).float()[..., None]
del tensors


def linear(x, name):
    return F.linear(x, weights[f"{name}.weight"], weights.get(f"{name}.bias"))


def norm(x, name):
    return F.layer_norm(x, x.shape[-1:], weights[f"{name}.weight"], weights[f"{name}.bias"], shape["epsilon"])


def attention(x, bias, name):
    def split(part):
        y = linear(x, f"{name}.{part}")
        return y.view(*y.shape[:2], shape["heads"], -1).transpose(1, 2)

    q, k, v = split("query"), split("key"), split("value")
    if form == "torch-eager":
        joined = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]) + bias, -1) @ v
    else:
        joined = F.scaled_dot_product_attention(q, k, v, attn_mask=bias)
    return linear(joined.transpose(1, 2).reshape(x.shape), f"{name}.output")


def convolution(x, mask, name):
    weight = weights[f"{name}.weight"]
    clean = x * mask[..., None]
    seen = F.conv1d(
        clean.transpose(1, 2),
        weight.t()[:, None, :],
        weights[f"{name}.bias"],
        padding=weight.shape[0] // 2,
        groups=weight.shape[1],
    )
    return (clean + seen.transpose(1, 2)) * mask[..., None]


def encode(x, mask):
    if "encoder.norm.weight" in weights:
        x = norm(x, "encoder.norm")
    bias = ((1 - mask) * -1e9)[:, None, None, :]
    for i in range(shape["layers"]):
        name = f"encoder.layers.layers.{i}"
        if f"{name}.convolution.weight" in weights:
            x = convolution(x, mask, f"{name}.convolution")
        if shape["normalization"] == "pre":
            x = x + attention(norm(x, f"{name}.attentionNorm"), bias, f"{name}.attention")
            x = x + linear(F.gelu(linear(norm(x, f"{name}.outputNorm"), f"{name}.intermediate")), f"{name}.output")
        else:
            x = norm(x + attention(x, bias, f"{name}.attention"), f"{name}.attentionNorm")
            x = norm(x + linear(F.gelu(linear(x, f"{name}.intermediate")), f"{name}.output"), f"{name}.outputNorm")
    return norm(x, "encoder.layers.norm") if shape["normalization"] == "pre" else x


def rows(x, index):
    return x.gather(1, index[..., None].expand(-1, -1, x.shape[-1]))


def masked_log_softmax(x, mask):
    return torch.log_softmax(x.masked_fill(mask == 0, -1e30), -1)


def loss_of(noise):
    tokens, length = shape["tokens"], shape["length"]
    table = weights["encoder.word.weight"]
    words = F.embedding(batch["ids"], table)
    places = F.embedding(batch["positions"], weights["encoder.position.weight"]) + F.embedding(
        batch["segments"], weights["encoder.segment.weight"]
    )

    # Which arguments: a 2-layer ReLU network of the quantities' first digits.
    text = words[:, :tokens]
    encoded = encode(text + places[:, :tokens], batch["mask"])
    quantities = rows(encoded, batch["quantities"])
    parts = [rows(linear(quantities, f"terms.arguments.{i}"), batch[f"tuple{i}"]) for i in range(2)]
    scores = linear(F.relu(parts[0] + parts[1]), "terms.output").squeeze(-1)
    allowed = batch["result.mask"]
    log_probs = masked_log_softmax(scores, allowed)
    labels = batch["labels"]
    labeled = log_probs.masked_fill(labels == 0, -1e30).logsumexp(-1)
    argument_loss = -(labeled * labels.amax(-1)).mean()

    # One of them, by straight-through Gumbel, and what the calculator says to it.
    soft = masked_log_softmax(scores + noise, allowed).exp()
    index = soft.argmax(-1)
    hard = F.one_hot(index, soft.shape[-1]).float()
    choice = hard + soft - soft.detach()
    result = torch.einsum("bc,bclv->blv", choice, one_hots) @ table[batch["vocabulary"]]

    # Read text, result and a [SEP] right behind it.
    lengths = batch["result.lengths"].gather(1, index[:, None])
    closing = F.one_hot(lengths[:, 0], length + 1).float()
    filled = (torch.arange(length + 1) < lengths).float()
    behind = F.pad(result, (0, 0, 0, 1)) + closing[..., None] * words[:, tokens:]
    mask = torch.cat([batch["mask"], filled + closing], 1)
    read = encode(torch.cat([text, behind], 1) + places, mask)
    answerable = torch.cat([batch["answerable"], filled], 1)
    start, end = (masked_log_softmax(x, answerable) for x in linear(read, "span.logits").unbind(-1))
    spans = batch["resultSpans"].gather(1, index[:, None, None].expand(-1, 1, batch["resultSpans"].shape[-1]))
    starts, ends, valid = spans[:, 0].chunk(3, -1)
    starts, ends = torch.cat([batch["starts"], starts.long()], 1), torch.cat([batch["ends"], ends.long()], 1)
    valid = torch.cat([batch["valid"], valid], 1)
    found = (start.gather(1, starts) + end.gather(1, ends)).masked_fill(valid == 0, -1e30).logsumexp(-1)
    return argument_loss - (found * valid.amax(-1)).mean()


decays = [w for w in weights.values() if w.dim() >= 2]
others = [w for w in weights.values() if w.dim() < 2]
optimizer = torch.optim.AdamW(
    [{"params": decays, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}],
    lr=settings["learningRate"],
    **({} if form == "torch-eager" else {"fused": True}),
)
count = 0


def step():
    global count
    start = time.perf_counter()
    optimizer.zero_grad(set_to_none=True)
    loss = loss_of(noises[count % len(noises)])
    loss.backward()
    torch.nn.utils.clip_grad_norm_(list(weights.values()), 1.0)
    optimizer.step()
    value = loss.item()
    count += 1
    return {"ms": (time.perf_counter() - start) * 1e3, "loss": value}


handlers = {"step": step, "memory": lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
for line in sys.stdin:
    print(json.dumps(handlers[json.loads(line)]()), flush=True)
