"""Draws the picture of docs/probing.md and the READMEs: `python -m docs.images.draw_probes`.

It needs the project's test data (`NEUROLUPA_DATA`, or `../shared/data`). It draws scores, and no photograph.
"""

from docs.images.draw import DATA, ROOT, WEIGHTS, save

import neurolupa as nl

PICTURES = f"npz:{DATA / 'cifar10' / 'train-lossless-8068.npz'}?names=cifar10"
CONCEPTS = ("label", "group", "dominant_hue", "dominant_orientation", "brightness", "edge_density")
GROUPS = {
    "animal": ("bird", "cat", "deer", "dog", "frog", "horse"),
    "vehicle": ("airplane", "automobile", "ship", "truck"),
}


def report() -> nl.ProbeReport:
    """ResNet-20's ten rectifiers, six concepts, with every control."""
    network = nl.load_model(f"{ROOT / 'examples' / 'cifar_resnet.py'}:resnet20", weights=WEIGHTS)
    return nl.probe(network, PICTURES, "kind:relu", CONCEPTS, groups=GROUPS)


if __name__ == "__main__":
    found = report()
    print(found.to_frame()[["concept", "site", "control", "score", "low", "high"]].to_string())
    for language in ("en", "es"):
        save(nl.figures.probes(found, lang=language), f"probes.{language}.png")
