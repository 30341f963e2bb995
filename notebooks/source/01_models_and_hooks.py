"""Notebook 01: loading networks, and looking into them while they run."""
# ruff: noqa: B018, E402, E501

# %% [markdown] en
# # 01 · Models and hooks
#
# To see a unit one has to catch a value inside a running network. That is a hook: a function of yours which PyTorch
# calls whenever a module has been called. Hooks are short to write and easy to get wrong **without any error**.
#
# **What you will learn**
# - to load networks: by name, from a file of weights, your own module
# - to list what a network computes: its *sites*, and why they are calls and not layers
# - to write a forward hook by hand, and two ways in which it deceives: in-place ReLUs and layers that are used twice
# - to record the same values with neurolupa, gradients included
# - what keeping activations costs, and how the network is left as it was found
#
# It takes less than a minute and needs no connection. [En español](../es/01_models_and_hooks.ipynb)

# %% [markdown] es
# # 01 · Modelos y hooks
#
# Para ver una unidad hay que atrapar un valor dentro de una red en marcha. Eso es un *hook*: una función tuya a la que
# PyTorch llama cada vez que se ha llamado a un módulo. Los hooks se escriben en dos líneas y se escriben mal con
# facilidad, **sin ningún error**.
#
# **Lo que aprenderás**
# - a cargar redes: por su nombre, desde un fichero de pesos, con un módulo tuyo
# - a listar lo que calcula una red: sus *sitios*, y por qué son llamadas y no capas
# - a escribir a mano un *forward hook*, y dos maneras en que engaña: las ReLU *in-place* y las capas usadas dos veces
# - a registrar los mismos valores con neurolupa, incluidos los gradientes
# - lo que cuesta guardar activaciones, y cómo la red queda tal como se encontró
#
# Tarda menos de un minuto y no necesita conexión. [In English](../en/01_models_and_hooks.ipynb)

# %%
# %matplotlib inline
import os
from pathlib import Path

import pandas as pd
import torch
from torch import nn

import neurolupa as nl

if os.environ.get("NEUROLUPA_NOTEBOOKS") == "real":
    weights = Path(os.environ["NEUROLUPA_DATA"]) / "weights" / "resnet18-imagenet-trunk.pth"
    model = nl.load_model("resnet18", weights=weights, allow_partial=True)
else:
    model = nl.load_model("embedded")
images = nl.load_images("samples")
batch = torch.stack([model.prepare(one.image) for one in images])
print(model.name, "on", images.name, tuple(batch.shape))

# %% [markdown] en
# ## 1. What a loaded network carries
#
# A network alone is not enough: feed it pictures in the wrong size or with the wrong mean and it answers confidently
# and wrongly. A `Model` therefore keeps the module, its own preprocessing, its class names and where its weights came
# from. The digest is computed from the tensors: two networks with the same digest have the same weights.

# %% [markdown] es
# ## 1. Lo que lleva consigo una red cargada
#
# Una red sola no basta: si le das imágenes del tamaño equivocado o con otra media, responde con seguridad y mal. Por eso
# un `Model` guarda el módulo, su propio preprocesado, los nombres de sus clases y de dónde vienen sus pesos. La huella se
# calcula con los tensores: dos redes con la misma huella tienen los mismos pesos.

# %%
print(model.info())
print("weights:", model.weights.source, model.weights_digest[:12])
for note in model.notes:
    print("note:", note)
print("preprocessing:", model.preprocessing.to_dict())

# %% [markdown] en
# Does the preprocessing matter? Here is the same cat twice: prepared as the network was trained, and with the pixels
# only scaled to 0..1, a frequent slip. Nothing fails. The answer just changes.

# %% [markdown] es
# ¿Importa el preprocesado? Aquí está el mismo gato dos veces: preparado como en el entrenamiento de la red, y con los
# píxeles solo escalados a 0..1, un desliz frecuente. Nada falla. Simplemente cambia la respuesta.

# %%
careless = nl.load_model(model.module, mean=0.0, std=1.0, input_size=model.preprocessing.input_size)
right, wrong = model.prepare(images[0].image), careless.prepare(images[0].image)
with torch.no_grad():
    logits = model.module(torch.stack([right, wrong]).to(model.device)).softmax(dim=1)
pd.DataFrame(logits.topk(3).values.numpy(), index=["as trained", "only scaled"]).round(3).assign(
    strongest=[model.classes[one] if model.classes else int(one) for one in logits.argmax(dim=1)]
)

# %% [markdown] en
# Other ways to load. A name is refused with the nearest valid one, and weights that do not fit are refused with what is
# missing, because a network with silently random layers is the worst of both worlds.
#
# | you have | call |
# |---|---|
# | a name of torchvision | `nl.load_model("resnet18")` (downloads), `weights="file.pth"`, `weights=None` (random) |
# | a name of timm | `nl.load_model("timm:convnext_tiny")` |
# | a factory in a file | `nl.load_model("examples/cifar_resnet.py:resnet20", weights="file.th")` |
# | a module | `nl.load_model(module, input_size=32)` |

# %% [markdown] es
# Otras maneras de cargar. Un nombre desconocido se rechaza con el más parecido, y unos pesos que no encajan se rechazan
# diciendo qué falta, porque una red con capas aleatorias en silencio es lo peor de ambos mundos.
#
# | tienes | llamada |
# |---|---|
# | un nombre de torchvision | `nl.load_model("resnet18")` (descarga), `weights="fichero.pth"`, `weights=None` (aleatorios) |
# | un nombre de timm | `nl.load_model("timm:convnext_tiny")` |
# | una función en un fichero | `nl.load_model("examples/cifar_resnet.py:resnet20", weights="fichero.th")` |
# | un módulo | `nl.load_model(module, input_size=32)` |

# %%
from neurolupa.errors import NeurolupaError

try:
    nl.load_model("resnet81")
except NeurolupaError as error:
    print(error)

# %% [markdown] en
# ## 2. Sites: calls, not layers
#
# `model.module.named_modules()` lists what a network *has*. What it *computes* is another list: a module may be called
# twice, and an addition is no module at all. A **site** is one call, `path:number`; below are those of one block. Then
# the first convolutions: `norm` and `relu` say where their values go next, and `link` whether a sum comes in between
# (`after_add`).

# %% [markdown] es
# ## 2. Sitios: llamadas, no capas
#
# `model.module.named_modules()` lista lo que una red *tiene*. Lo que *calcula* es otra lista: un módulo puede llamarse
# dos veces, y una suma no es ningún módulo. Un **sitio** es una llamada, `ruta:número`; abajo están los de un bloque.
# Luego, las primeras convoluciones: `norm` y `relu` dicen adónde van después sus valores, y `link`, si hay una suma por
# medio (`after_add`).

# %%
sites = nl.layers(model)
modules = sum(1 for _, module in model.module.named_modules() if not list(module.children()))
print(f"{modules} modules without children, {len(sites)} sites")
print(sites["kind"].value_counts().to_dict())
sites[["address", "type", "kind", "shape", "parameters"]].iloc[4:12]

# %%
convolutions = sites[sites["kind"] == "conv"]
convolutions[["address", "shape", "rf_height", "norm", "relu", "link"]].head(5)

# %% [markdown] en
# Ask which ReLUs there are. The block has **one** ReLU module and uses it **twice**:

# %% [markdown] es
# Pregunta qué ReLU hay. El bloque tiene **un** módulo ReLU y lo usa **dos veces**:

# %%
relus = sites[sites["kind"] == "relu"]
paths = relus["address"].str.rsplit(":", n=1).str[0].rename("module")
twice = relus.groupby(paths)["address"].agg(list)
print(f"{len(twice)} ReLU modules, {len(relus)} calls of them")
twice.to_frame().head(4)

# %% [markdown] en
# ## 3. A hook by hand
#
# Three lines, as they stand in many tutorials: a dictionary, a function, a registration. We hook the ReLU of the first
# block and look at what comes out.

# %% [markdown] es
# ## 3. Un hook a mano
#
# Tres líneas, como están en muchos tutoriales: un diccionario, una función, un registro. Ponemos un hook en la ReLU del
# primer bloque y miramos qué sale.

# %%
kept = {}
block = model.module.get_submodule("layer1.0")
handle = block.relu.register_forward_hook(lambda module, inputs, output: kept.update(relu=output))
with torch.no_grad():
    model.module(batch.to(model.device))
handle.remove()
{name: tuple(value.shape) for name, value in kept.items()}

# %% [markdown] en
# ### First deception: the layer that is used twice
#
# The hook ran twice, and the second value took the place of the first, in silence. Which of the two do we have? And
# how wrong would it be to take it for the ReLU after the first convolution? `record` keeps both, by their addresses:

# %% [markdown] es
# ### Primer engaño: la capa usada dos veces
#
# El hook se ejecutó dos veces y el segundo valor ocupó el lugar del primero, en silencio. ¿Cuál de los dos tenemos? ¿Y
# cuánto nos equivocaríamos al tomarlo por la ReLU tras la primera convolución? `record` guarda los dos, por su dirección:

# %%
recorded = nl.record(model, batch, "layer1.0.relu:0, layer1.0.relu:1")
for site, value in zip(recorded.sites, recorded.values(), strict=True):
    same = bool(torch.equal(value, kept["relu"]))
    zeros = (value == 0).float().mean()
    print(f"{site.address}: zeros {zeros:.1%}, mean {value.mean():.3f}; is it what the hook kept? {same}")

# %%
first, last = recorded.values()
means = torch.stack([value.mean((2, 3)).flatten() for value in (first, last)])
r = torch.corrcoef(means)[0, 1]
print(f"means of units and pictures, first against last call: r = {r:.2f}, N = {len(images)} pictures")


# %% [markdown] en
# The two calls do not even have the same meaning: the first follows the first convolution alone, the last comes **after
# the addition** of the shortcut. Unit 3 of one is not unit 3 of the other.

# %% [markdown] es
# Las dos llamadas ni siquiera significan lo mismo: la primera sigue solo a la primera convolución; la última viene
# **después de la suma** con el atajo. La unidad 3 de una no es la unidad 3 de la otra.

# %% [markdown] en
# ### Second deception: the in-place ReLU
#
# `nn.ReLU(inplace=True)` saves memory by writing its result **over** its input. Hook the batch normalisation before it,
# keep the tensor, look at it after the run: you see the value *after* the ReLU. A small network with known weights
# shows it without doubt. Its normalised values must have negative ones, half of them or so:

# %% [markdown] es
# ### Segundo engaño: la ReLU in-place
#
# `nn.ReLU(inplace=True)` ahorra memoria escribiendo su resultado **encima** de su entrada. Pon un hook en la
# normalización anterior, guarda el tensor, míralo cuando termine: ves el valor *después* de la ReLU. Una red pequeña lo
# muestra sin lugar a dudas. Sus valores normalizados han de tener negativos, más o menos la mitad:

# %%
torch.manual_seed(0)
small = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8, affine=False), nn.ReLU(inplace=True)).train()
noise = torch.randn(16, 3, 12, 12)
small(noise)
small.eval()

raw, copied = {}, {}
handles = [
    small[1].register_forward_hook(lambda module, inputs, output: raw.update(norm=output)),
    small[1].register_forward_hook(lambda module, inputs, output: copied.update(norm=output.clone())),
]
with torch.no_grad():
    small(noise)
for handle in handles:
    handle.remove()

by_neurolupa = nl.record(nl.load_model(small, input_size=12), noise, "1")["1"]
values = {
    "hook, kept as it is": raw["norm"],
    "hook, cloned at once": copied["norm"],
    "nl.record": by_neurolupa,
}
pd.DataFrame(
    {
        name: {"lowest": float(value.min()), "negative": float((value < 0).float().mean())}
        for name, value in values.items()
    }
).T.round(3)

# %% [markdown] en
# The first line is not a little wrong: it says that a batch normalisation never gives a negative number. `.clone()`
# inside the hook heals it. How often does it happen in the network of this notebook? Hook **every** batch
# normalisation both ways and compare:

# %% [markdown] es
# La primera línea no se equivoca un poco: dice que una normalización nunca da un número negativo. `.clone()` dentro del
# hook lo cura. ¿Con qué frecuencia ocurre en la red de este cuaderno? Pon hooks en **todas** las normalizaciones de las
# dos maneras y compara:

# %%
norms = {name: module for name, module in model.module.named_modules() if isinstance(module, nn.BatchNorm2d)}
late, at_once, handles = {}, {}, []


def keep(name):
    """A hook that keeps a value late and at once."""

    def hook(module, inputs, output):
        late[name], at_once[name] = output, output.clone()

    return hook


for name, module in norms.items():
    handles.append(module.register_forward_hook(keep(name)))
with torch.no_grad():
    model.module(batch.to(model.device))
for handle in handles:
    handle.remove()

spoilt = [name for name in norms if not torch.equal(late[name], at_once[name])]
print(f"{len(spoilt)} of {len(norms)} batch normalisations read late are not what they computed")
print("only these are:", sorted(set(norms) - set(spoilt)))
recorded = nl.record(model, batch, list(norms))
apart = max(float((recorded[name] - at_once[name]).abs().max()) for name in norms)
print("neurolupa against the clones, largest difference:", apart)

# %%
pd.DataFrame(
    {
        "read late": [float(late[name].min()) for name in spoilt],
        "true": [float(at_once[name].min()) for name in spoilt],
    },
    index=pd.Index(spoilt, name="lowest value of"),
).round(3).head(8)

# %% [markdown] en
# As pictures: the four units of the first of them with the most negative values on the cat, above as computed, below as a late reader sees them. One scale
# for all, purple below zero, orange above.

# %% [markdown] es
# En imágenes: las cuatro unidades de la primera con más valores negativos en el gato; arriba, como se calcularon; abajo, como las ve quien lee tarde.
# Una escala para todas: morado por debajo de cero, naranja por encima.

# %%
from PIL import Image

from neurolupa.figures.overlays import painted, scale_of

name = spoilt[0]
most = (at_once[name][0] < 0).float().mean((1, 2)).argsort(descending=True)[:4]
rows = [tensors[name][0, most].cpu().numpy() for tensors in (at_once, late)]
scale = scale_of(rows[0])
sheet = Image.new("RGB", (4 * 140, 2 * 140), "white")
for down, maps in enumerate(rows):
    for across, values in enumerate(maps):
        sheet.paste(painted(values, scale, side=132), (140 * across + 4, 140 * down + 4))
print(name, "on the cat, units", most.tolist())
sheet

# %%
both = nl.record(model, batch, "layer1.0.bn2, layer1.0.relu")
same = torch.equal(late["layer1.0.bn2"], both["layer1.0.relu"])
print("layer1.0.bn2 read late is the output of the whole block:", same)

# %% [markdown] en
# Worse than rectified: in a ResNet the sum is written over `bn2` as well (`out += identity`), and then the ReLU over the
# sum. Read late, `layer1.0.bn2` is the output of the whole block, shortcut included. The other addend, the shortcut's own
# normalisation, is the only one that survives. You cannot tell any of this from a layer's name. Copy at once.

# %% [markdown] es
# Peor que rectificada: en una ResNet también la suma se escribe encima de `bn2` (`out += identity`), y luego la ReLU
# encima de la suma. Leída tarde, `layer1.0.bn2` es la salida del bloque entero, atajo incluido. El otro sumando, la
# normalización del propio atajo, es la única que sobrevive. Nada de esto se ve en el nombre de una capa. Copia en el acto.

# %% [markdown] en
# ## 4. Gradients: a hook backward
#
# A gradient says how much an output would change if a value changed a little. `gradients=True` gives that of the
# strongest class with respect to every recorded value. The check is arithmetic: a small step along one value must move
# the logit by the gradient times the step.

# %% [markdown] es
# ## 4. Gradientes: un hook hacia atrás
#
# Un gradiente dice cuánto cambiaría una salida si un valor cambiara un poco. `gradients=True` da el de la clase más
# fuerte respecto a cada valor registrado. La comprobación es aritmética: un paso pequeño en un valor tiene que mover el
# logit tanto como el gradiente por el paso.

# %%
site = "layer4.1.relu" if model.name == "embedded" else "layer3.1.relu"
few = nl.record(model, batch[:1], site, gradients=True)
gradient = few.gradients[site]
flat = int(gradient.abs().argmax())
unit, row, column = (int(one) for one in torch.unravel_index(torch.tensor(flat), gradient.shape[1:]))
step, moved = 1e-2, {}
for sign in (1, -1):

    def push(module, inputs, output, sign=sign):
        """The output with one value a step further."""
        changed = output.clone()
        changed[0, unit, row, column] += sign * step
        return changed

    parent = model.module.get_submodule(site.removesuffix(".relu"))
    handle = parent.register_forward_hook(push)
    with torch.no_grad():
        moved[sign] = float(model.module(batch[:1].to(model.device))[0, few.targets[0]])
    handle.remove()
measured = (moved[1] - moved[-1]) / (2 * step)
slope = float(gradient[0, unit, row, column])
print(f"unit {unit}, row {row}, column {column}: gradient {slope:.4f}, by steps {measured:.4f}")
assert abs(measured - slope) < 0.02 * abs(measured) + 1e-3

# %% [markdown] en
# ## 5. What it costs, and leaving no trace
#
# Keeping activations is cheap for seven pictures and ruinous for a data set. The numbers below are computed from the
# shapes: float32, four bytes a value.

# %% [markdown] es
# ## 5. Lo que cuesta, y no dejar rastro
#
# Guardar activaciones es barato con siete imágenes y ruinoso con un conjunto de datos. Los números de abajo se calculan
# con las formas: float32, cuatro bytes por valor.

# %%
last_calls = relus[~relus["site"].str.contains(":")]
values = last_calls["shape"].map(lambda shape: int(torch.tensor(shape).prod())).sum()
for pictures in (len(images), 10_000, 1_281_167):
    print(f"{pictures:>9,} pictures, the last call of every ReLU: {pictures * values * 4 / 2**30:10.3f} GB")

# %% [markdown] en
# So a scan (notebook 02) keeps sums, counts and extremes of fixed size for each unit, and never all the values. And the
# network must not notice that we looked:

# %% [markdown] es
# Por eso un escaneo (cuaderno 02) guarda sumas, recuentos y extremos de tamaño fijo por unidad, y nunca todos los
# valores. Y la red no debe notar que hemos mirado:


# %%
def state(module):
    """Whatever a look inside might have changed."""
    hooks = sum(len(one._forward_hooks) + len(one._forward_pre_hooks) for one in module.modules())
    modes = [one.training for one in module.modules()]
    return hooks, modes, [one.requires_grad for one in module.parameters()], torch.get_rng_state().tolist()


size = model.preprocessing.input_size
before, digest = state(model.module), nl.load_model(model.module, input_size=size).weights_digest
nl.record(model, batch, "kind:relu", gradients=True)
try:
    nl.record(model, torch.zeros(1, 5, 32, 32), "kind:relu")
except NeurolupaError as error:
    print("refused:", error)
after = state(model.module), nl.load_model(model.module, input_size=size).weights_digest
print(
    "hooks, modes, gradients and random state as before:",
    after[0] == before,
    "- weights:",
    after[1] == digest,
)

# %% [markdown] en
# ## What this does not show
#
# - **Sites are found by running the network once.** A network that takes another path on another picture has sites that
#   the first run did not see; neurolupa then refuses with a line, and does not guess.
# - **`torch.compile` and TorchScript hide what is inside.** Hand over the module before compiling.
# - **A recorded value is not an explanation.** It says what was computed, not what for.
#
# ## Questions
#
# 1. Which of the two calls of `layer1.0.relu` would a hook keep if you wrote `setdefault` in the place of `update`?
# 2. Why does `layer2.0.downsample.1` survive and `layer2.0.bn2` not? Look for the line in torchvision's `BasicBlock`.
# 3. Why must the hook that measures gradients by steps return a *changed copy*, and what would happen if it changed
#    `output` itself while gradients are wanted?
# 4. How many gigabytes would the first call of every ReLU add to the table of section 5?

# %% [markdown] es
# ## Lo que esto no muestra
#
# - **Los sitios se encuentran ejecutando la red una vez.** Una red que toma otro camino con otra imagen tiene sitios que
#   la primera pasada no vio; neurolupa lo rechaza entonces con una línea, y no adivina.
# - **`torch.compile` y TorchScript esconden lo que hay dentro.** Entrega el módulo antes de compilarlo.
# - **Un valor registrado no es una explicación.** Dice qué se calculó, no para qué.
#
# ## Preguntas
#
# 1. ¿Cuál de las dos llamadas de `layer1.0.relu` guardaría un hook si escribieras `setdefault` en lugar de `update`?
# 2. ¿Por qué sobrevive `layer2.0.downsample.1` y no `layer2.0.bn2`? Busca la línea en el `BasicBlock` de torchvision.
# 3. ¿Por qué el hook que mide gradientes por pasos tiene que devolver una *copia cambiada*, y qué pasaría si cambiara
#    `output` mismo cuando se quieren gradientes?
# 4. ¿Cuántos gigabytes añadiría la primera llamada de cada ReLU a la tabla de la sección 5?
