"""Encoders with published weights, held to Hugging Face's own models of small size, filled by the names of their tensors."""

import torch
from transformers import BertConfig, BertModel, CLIPConfig, CLIPModel

from common import array, scalar, sequence, write


def fill(model, chosen):
    """Every tensor within 1/4, the scales of norms around 1. Returns the chosen ones by name."""
    parameters = {name: p for name, p in model.named_parameters() if chosen(name)}
    with torch.no_grad():
        for name, p in parameters.items():
            norm = any(word in name for word in ("LayerNorm.weight", "norm.weight", "norm1.weight", "norm2.weight"))
            p.copy_(sequence(name, p.shape) / 4 + (1 if norm else 0))
    return parameters


def case(parameters, features, options, ids=None):
    for p in parameters.values():
        p.grad = None
    (features * sequence("weights", features.shape)).sum().backward()
    sums = {name: scalar(p.grad.abs().sum()) for name, p in parameters.items() if p.grad is not None}
    out = {"options": options, "features": array(features), "gradientSums": sums}
    return out if ids is None else {**out, "ids": ids.tolist()}


def shapes(parameters):
    return {name: list(p.shape) for name, p in parameters.items()}


def bert():
    config = BertConfig(
        vocab_size=110, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12, max_position_embeddings=7,
        hidden_dropout_prob=0, attention_probs_dropout_prob=0, attn_implementation="eager",
    )
    model = BertModel(config).double().eval()
    parameters = fill(model, lambda name: True)
    # [CLS] 101 and [SEP] 102 as in the published vocabularies.
    ids = torch.tensor([[101, 7, 9, 102, 5, 102], [101, 3, 102, 0, 0, 0], [101, 109, 102, 8, 8, 0]])
    real = (ids != 0).long()
    behind = (((ids == 102).long().cumsum(1) - (ids == 102).long()) > 0).long() * real
    options = {"vocabulary": 110, "width": 8, "depth": 2, "heads": 2, "feedForward": 12, "positions": 7, "dropout": 0}
    cases = {}
    for segments, kinds in (("none", torch.zeros_like(ids)), ("after-separator", behind)):
        for output in ("pooled", "cls", "mean"):
            given = model(ids, attention_mask=real, token_type_ids=kinds)
            states = given.last_hidden_state
            features = {
                "pooled": given.pooler_output, "cls": states[:, 0],
                "mean": (states * real[..., None]).sum(1) / real.sum(1, keepdim=True),
            }[output]
            cases[f"{output}, {segments}"] = case(parameters, features, {**options, "segments": segments, "output": output}, ids)
    write("encoders/src/bert/bert.fixture.json", {"tensors": shapes(parameters), "cases": cases})


def clip():
    text = {"vocab_size": 50, "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 12,
            "max_position_embeddings": 7, "hidden_act": "quick_gelu", "eos_token_id": 2, "bos_token_id": 0}
    vision = {"image_size": 8, "patch_size": 4, "num_channels": 3, "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2,
              "intermediate_size": 12, "hidden_act": "quick_gelu"}
    model = CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=6, attn_implementation="eager")).double().eval()
    parameters = fill(model, lambda name: name != "logit_scale")
    options = {"width": 8, "depth": 2, "heads": 2, "feedForward": 12, "projection": 6}
    # The end of text, 49, is the largest id; behind it stands padding, by zeros and by ends.
    ids = torch.tensor([[48, 5, 9, 3, 49, 0], [48, 7, 49, 49, 49, 49], [48, 1, 2, 3, 4, 49]])
    pixels = sequence("input", (2, 8, 8, 3)).permute(0, 3, 1, 2)

    def unit(x):
        return x / x.norm(dim=1, keepdim=True)

    def projected(given):
        return given if torch.is_tensor(given) else given.pooler_output

    for name, tower, compute, own, extra in [
        ("text", "text_", lambda: projected(model.get_text_features(ids)), {"vocabulary": 50, "positions": 7}, ids),
        ("image", "visi|visual_", lambda: projected(model.get_image_features(pixels)), {"patch": 4}, None),
    ]:
        mine = {n: p for n, p in parameters.items() if n.startswith(tuple(tower.split("|")))}
        cases = {
            "features": case(mine, compute(), {**options, **own}, extra),
            "normalised": case(mine, unit(compute()), {**options, **own, "normalise": True}, extra),
        }
        write(f"encoders/src/clip-{name}/clip-{name}.fixture.json", {"tensors": shapes(mine), "cases": cases})


def main():
    bert()
    clip()


if __name__ == "__main__":
    main()
