"""Symmetric InfoNCE and the hypergradient of alpha, the way one writes them in PyTorch."""
import torch
import torch.nn.functional as F


def info_nce(a, b, temperature):
    """Mean of both directions of the cross entropy over cosine similarities; the other samples are the negatives."""
    similarities = F.normalize(a, dim=1) @ F.normalize(b, dim=1).T / temperature
    matching = torch.arange(len(a))
    return (F.cross_entropy(similarities, matching) + F.cross_entropy(similarities.T, matching)) / 2


def flat(gradients):
    return torch.cat([g.reshape(-1) for g in gradients])


def split_like(vector, params):
    return [part.view_as(p) for part, p in zip(vector.split([p.numel() for p in params]), params)]


def conjugate_gradient(apply, b, iterations):
    """Solves A x = b from x = 0, with a fixed number of products."""
    x, r, p = torch.zeros_like(b), b.clone(), b.clone()
    rr = torch.dot(r, r).item()
    for _ in range(iterations):
        ap = apply(p)
        length = rr / torch.dot(p, ap).item()
        x = x + length * p
        r = r - length * ap
        following = torch.dot(r, r).item()
        p = r + following / rr * p
        rr = following
    return x


def hypergradient(losses, params, inner, outer, alpha, products, damping):
    """
    -(grad L_align - grad L_cls) . v with (H + damping I) v = grad L_cls(outer).

    `losses(batch)` gives (L_cls, L_align). One graph of the inner gradient serves all Hessian-vector products
    (double backward), and the two gradients at the end.
    """
    outer_gradient = flat(torch.autograd.grad(losses(outer)[0], params))
    classification, alignment = losses(inner)
    total = (1 - alpha) * classification + alpha * alignment
    gradient = torch.autograd.grad(total, params, create_graph=True)

    def apply(v):
        product = torch.autograd.grad(gradient, params, grad_outputs=split_like(v, params), retain_graph=True)
        return flat(product) + damping * v

    v = conjugate_gradient(apply, outer_gradient, products)
    # Only the alignment loss does not depend on the head.
    of_alignment = torch.autograd.grad(alignment, params, retain_graph=True, allow_unused=True)
    of_alignment = [torch.zeros_like(p) if g is None else g for g, p in zip(of_alignment, params)]
    of_classification = torch.autograd.grad(classification, params)
    return -torch.dot(flat(of_alignment) - flat(of_classification), v).item()
