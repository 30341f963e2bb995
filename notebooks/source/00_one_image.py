"""Notebook 00: one picture through one network."""
# ruff: noqa: B018, E402, E501

# %% [markdown] en
# # 00 · One image
#
# A convolutional network turns a picture into thousands of maps. This notebook takes **one** picture and asks which
# units of a layer answer it, how much, and where.
#
# **What you will learn**
# - to load a network and a picture, and to look at what the network *really* gets
# - to read the statistics of a layer's units: mean, maximum, spread, sparsity
# - why "the most interesting units" depends on how you choose them
# - to lay a map over the picture, and what such an overlay does not say
# - to compare layers, to look at filters, and to put filters beside their maps
#
# It takes about a minute and needs no connection. [En español](../es/00_one_image.ipynb)

# %% [markdown] es
# # 00 · Una imagen
#
# Una red convolucional convierte una imagen en miles de mapas. Este cuaderno toma **una sola** imagen y pregunta qué
# unidades de una capa responden a ella, cuánto y dónde.
#
# **Lo que aprenderás**
# - a cargar una red y una imagen, y a mirar lo que la red recibe *de verdad*
# - a leer las estadísticas de las unidades de una capa: media, máximo, dispersión y esparsidad
# - por qué «las unidades más interesantes» dependen de cómo se eligen
# - a poner un mapa sobre la imagen, y qué cosas no dice esa superposición
# - a comparar capas, a mirar filtros y a ponerlos junto a sus mapas
#
# Tarda más o menos un minuto y no necesita conexión. [In English](../en/00_one_image.ipynb)

# %%
# %matplotlib inline
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import torch

import neurolupa as nl

if os.environ.get("NEUROLUPA_NOTEBOOKS") == "real":
    weights = Path(os.environ["NEUROLUPA_DATA"]) / "weights" / "squeezenet1_1-imagenet.pth"
    model = nl.load_model("squeezenet1_1", weights=weights)
    first, layer = "features.0", "features.4.expand3x3"
    several = ["features.1", *(f"features.{block}.expand3x3_activation" for block in (3, 6, 9, 12))]
else:
    model = nl.load_model("embedded")
    first, layer = "conv1", "layer2.0.conv1"
    several = ["relu", "layer1.0.relu", "layer2.0.relu", "layer3.0.relu", "layer4.0.relu"]
print(model.info())

# %% [markdown] en
# ## 1. The network and the picture
#
# `embedded` is a small ResNet that comes with neurolupa, trained on CIFAR-10: ten classes, pictures of 32 × 32 pixels.
# The photographs of `samples` come with scikit-image and scikit-learn.
#
# Before anything else, look at the picture **as the network sees it**. On the left the photograph, on the right
# all that is left of it at the network's own size. Whatever you cannot see there, no unit can see either.

# %% [markdown] es
# ## 1. La red y la imagen
#
# `embedded` es una ResNet pequeña que viene con neurolupa, entrenada con CIFAR-10: diez clases, imágenes de 32 × 32
# píxeles. Las fotografías de `samples` vienen con scikit-image y scikit-learn.
#
# Antes de nada, mira la imagen **tal como la ve la red**. A la izquierda, la fotografía; a la derecha, lo que queda
# de ella en el tamaño de la red. Lo que tú no veas ahí tampoco puede verlo ninguna unidad.

# %%
images = nl.load_images("samples")
print(images.info())

picture = images[0]
found = nl.inspect(model, picture, site=layer, point="relu", images=images)
found

# %%
from PIL import Image

from neurolupa.figures.overlays import enlarged

given, seen = found.picture.original, enlarged(found.picture.seen, 300)
beside = Image.new("RGB", (given.width + 20 + seen.width, max(given.height, seen.height)), "white")
beside.paste(given, (0, 0))
beside.paste(seen, (given.width + 20, 0))
print(f"{given.size} -> {found.picture.seen.size}, {found.picture.share:.0%} of the area is seen")
beside

# %% [markdown] en
# What does the network answer? A probability is a share among the classes that the network **has**. It cannot answer
# "none of these": ask it about the astronaut, whom no class fits, and it will still be sure of something.

# %% [markdown] es
# ¿Qué responde la red? Una probabilidad es un reparto entre las clases que la red **tiene**. No puede responder
# «ninguna de estas»: pregúntale por la astronauta, a la que no le va bien ninguna clase, y aun así estará segura de algo.

# %%
answers = [(one.class_name, *model.predict(one.image, k=1)) for one in images]
pd.DataFrame([(shown, guess.name, f"{guess.probability:.0%}") for shown, guess in answers]).set_axis(
    ["picture", "strongest class", "probability"], axis=1
)

# %% [markdown] en
# ## 2. Statistics of every unit
#
# `inspect` ran the network once and kept the maps of one layer. A **unit** is one channel of it; its map has one
# number for each position. We asked for `point="relu"`: the value after the non-linearity, which is what the next
# layer gets.
#
# | column | meaning |
# |---|---|
# | `mean`, `std` | over all positions of the map |
# | `max`, `min` | the strongest and the weakest position |
# | `sparsity` | the share of positions that are **exactly** zero |
# | `percentile` | the share of the layer's other units with a lower mean |
# | `dead` | never above 10⁻⁶ *on this picture*, which says nothing about others |

# %% [markdown] es
# ## 2. Estadísticas de cada unidad
#
# `inspect` pasó la imagen por la red una sola vez y guardó los mapas de una capa. Una **unidad** es uno de sus canales;
# su mapa tiene un número para cada posición. Hemos pedido `point="relu"`: el valor después de la no linealidad, que
# es lo que recibe la capa siguiente.
#
# | columna | significado |
# |---|---|
# | `mean`, `std` | media y desviación sobre todas las posiciones del mapa |
# | `max`, `min` | la posición más fuerte y la más débil |
# | `sparsity` | la parte de las posiciones que valen **exactamente** cero |
# | `percentile` | la parte de las demás unidades de la capa con una media menor |
# | `dead` | nunca pasa de 10⁻⁶ *en esta imagen*, lo que no dice nada de otras |

# %%
print("maps:", found.maps.shape, "= units, rows, columns; read at", found.site.address)
found.units.round(3).head(8)

# %% [markdown] en
# None of this is a secret of the library. The same numbers by hand, for one unit:

# %% [markdown] es
# Nada de esto es un secreto de la biblioteca. Los mismos números a mano, para una unidad:

# %%
unit = 3
values = found.maps[unit].astype("float64")
by_hand = {"mean": values.mean(), "max": values.max(), "std": values.std(), "sparsity": (values == 0).mean()}
compared = pd.DataFrame({"by hand": by_hand, "neurolupa": found.units.loc[unit, list(by_hand)]}).astype(float)
assert (compared["by hand"] - compared["neurolupa"]).abs().max() < 1e-9
compared.round(4)

# %% [markdown] en
# ## 3. Which units to look at?
#
# A layer may have hundreds of units; a figure has room for a dozen. Each strategy answers another question:
#
# | `rank(...)` | takes | is drawn to |
# |---|---|---|
# | `"mean"` | the highest mean | units that are on everywhere, background included |
# | `"max"` | the highest single value | a strong answer, perhaps at one position |
# | `"std"` | the largest spread | contrasts inside the map |
# | `"mixed"` | half by mean, half by maximum | a bit of both |
# | `"interesting"` | by mean, among those with mean > 0.3 and max > 2 | thresholds that fit one network and not another |
# | `"balanced"` | mean and share of zeros, half and half; at least 15 % zeros | strong *and* choosy units |
# | `"manual"` | what you name | your own question |

# %% [markdown] es
# ## 3. ¿Qué unidades mirar?
#
# Una capa puede tener cientos de unidades, y en una figura cabe una docena. Cada estrategia responde a otra pregunta:
#
# | `rank(...)` | toma | tiende hacia |
# |---|---|---|
# | `"mean"` | la media más alta | unidades encendidas en todas partes, también en el fondo |
# | `"max"` | el valor más alto | una respuesta fuerte, quizá en una sola posición |
# | `"std"` | la mayor dispersión | contrastes dentro del mapa |
# | `"mixed"` | mitad por media, mitad por máximo | un poco de ambas |
# | `"interesting"` | por media, entre las de media > 0,3 y máximo > 2 | umbrales que valen para una red y no para otra |
# | `"balanced"` | media y parte de ceros, a medias; al menos un 15 % de ceros | unidades fuertes *y* exigentes |
# | `"manual"` | lo que tú nombres | tu propia pregunta |

# %%
strategies = ["mean", "max", "std", "mixed", "interesting", "balanced"]
rankings = {by: found.rank(by, k=12) for by in strategies}
rankings["manual"] = found.rank("manual", units=[0, 5, 10, 15, 20, 25])
pd.DataFrame({by: pd.Series(ranking.units) for by, ranking in rankings.items()}).astype("Int64").T

# %%
chosen = {by: set(found.rank(by, k=6).units) for by in strategies}
pd.DataFrame({a: {b: len(chosen[a] & chosen[b]) for b in strategies} for a in strategies})

# %% [markdown] en
# The second table counts how many of the first six units two strategies share. Read the column of `max` beside the
# row of `mean`: "the most active units" is not one list. Say which strategy you used whenever you show one.

# %% [markdown] es
# La segunda tabla cuenta cuántas de las seis primeras unidades comparten dos estrategias. Lee la columna de `max`
# junto a la fila de `mean`: «las unidades más activas» no son una sola lista. Di siempre qué estrategia usaste.

# %%
nl.figures.analysis_overview(found, rankings["mean"], palette="magma")

# %%
nl.figures.analysis_overview(found, rankings["balanced"], palette="magma")

# %% [markdown] en
# All maps of a figure share **one** colour scale, so a weak unit stays dark. If each map were stretched to its own
# range, a unit whose highest value is 0.01 would glow like one that reaches 5.
#
# A filter that is too strict gives no random units and no crash. It says what would have worked:

# %% [markdown] es
# Todos los mapas de una figura comparten **una** escala de color, así que una unidad débil se queda oscura. Si cada mapa
# se estirara a su propio rango, una unidad cuyo valor más alto es 0,01 brillaría como una que llega a 5.
#
# Un filtro demasiado estricto no da unidades al azar ni un fallo. Dice lo que habría funcionado:

# %%
strict = found.rank("interesting", k=6, mean_above=5.0, max_above=50.0)
print(len(strict), "units;", strict.note.code, dict(strict.note.nearest))

# %% [markdown] en
# ## 4. Where? Maps over the picture
#
# The overlay is transparent where the map is silent. Two warnings before you read it:
#
# 1. The map is coarser than the picture and is stretched over it. The sharp edge that you see may be the stretching.
# 2. A position of the map looks at a whole **receptive field**, and is drawn at its place alone.

# %% [markdown] es
# ## 4. ¿Dónde? Mapas sobre la imagen
#
# La superposición es transparente donde el mapa calla. Dos avisos antes de leerla:
#
# 1. El mapa es más grueso que la imagen y se estira sobre ella. El borde nítido que ves puede venir del estirado.
# 2. Una posición del mapa mira un **campo receptivo** entero, y se dibuja solo en su lugar.

# %%
nl.figures.analysis_overlays(found, found.rank("balanced", k=6), palette="magma", opacity=0.6)

# %%
best = found.rank("balanced", k=1).units[0]
row, column = found.peak(best)
x0, y0, x1, y1 = found.field_of(row, column)
print(f"unit {best} is strongest at row {row}, column {column} of a map of {found.maps.shape[1:]}")
print(f"that position sees pixels {x0} to {x1} across and {y0} to {y1} down, of {found.picture.seen.size}")

# %%
from neurolupa.inspection.regions import find_regions

regions = find_regions(found.maps[best], found.picture.seen.size, percentile=85.0)
columns = [name for name in regions.to_frame() if not name.startswith("field")]
regions.to_frame()[columns].round(3)

# %% [markdown] en
# Regions are the connected parts above the 85th percentile of the map, so about 15 % of *any* map is "a region",
# also of a map that shows nothing. A region is a place to look at, not a finding.

# %% [markdown] es
# Las regiones son las partes conexas por encima del percentil 85 del mapa: más o menos un 15 % de *cualquier* mapa es
# «una región», también de un mapa que no muestra nada. Una región es un lugar donde mirar, no un hallazgo.

# %% [markdown] en
# ## 5. Several layers, one pass
#
# One forward pass gives all of them. Each row has its own scale: values of different layers are in different units and
# cannot be compared by their brightness.

# %% [markdown] es
# ## 5. Varias capas, una sola pasada
#
# Una sola pasada las da todas. Cada fila tiene su propia escala: los valores de capas distintas están en unidades
# distintas y no se pueden comparar por su brillo.

# %%
layers = nl.inspect_layers(model, picture, sites=several, images=images)
by_mean = [one.rank("mean", k=4) for one in layers]
nl.figures.analysis_layers(layers, by_mean, palette="magma")

# %%
rows = [
    (one.site.name, *one.maps.shape, one.units["sparsity"].mean(), int(one.units["dead"].sum()))
    for one in layers
]
depth = pd.DataFrame(rows, columns=["site", "units", "rows", "columns", "sparsity", "silent here"]).round(3)
depth["receptive field"] = [one.site.receptive_field.size[0] for one in layers]
depth

# %%
grows = depth["sparsity"].is_monotonic_increasing
print(f"zeros on this picture: {depth['sparsity'].iloc[0]:.0%} in {depth['site'].iloc[0]},", end=" ")
print(f"{depth['sparsity'].iloc[-1]:.0%} in {depth['site'].iloc[-1]}; they grow at every step: {grows}")

# %% [markdown] en
# Deeper, maps become smaller, fields larger, and usually more units are silent. "Usually" is worth a look at the line
# above, which is computed and not remembered: it need not grow at *every* step.

# %% [markdown] es
# Hacia el fondo los mapas se hacen más pequeños, los campos más grandes y, por lo general, callan más unidades. Ese
# «por lo general» merece una mirada a la línea de arriba, que se calcula y no se recita: no tiene por qué crecer a *cada* paso.

# %% [markdown] en
# ## 6. Filters
#
# A filter of the **first** layer has three input channels, red, green and blue, so it can be shown as a small colour
# picture: grey is zero, and one scale holds for all filters.

# %% [markdown] es
# ## 6. Filtros
#
# Un filtro de la **primera** capa tiene tres canales de entrada, rojo, verde y azul, y por eso puede mostrarse como una
# pequeña imagen en color: el gris es cero, y una sola escala vale para todos.

# %%
from neurolupa.inspection.kernels import first_kernels, kernels_of

nl.figures.layer_kernels(first_kernels(model, first, 16))

# %% [markdown] en
# A deeper filter has dozens of input channels, which are no colours. Averaging them is a popular shortcut, and a bad
# one: positive and negative weights cancel. neurolupa shows the **norm** over the channels instead. How much would the
# average have hidden? Here is the share of a filter's energy that survives averaging; 1 would mean that all of it does.

# %% [markdown] es
# Un filtro más profundo tiene decenas de canales de entrada, que no son colores. Promediarlos es un atajo muy usado,
# y malo: los pesos positivos y los negativos se anulan. neurolupa muestra en su lugar la **norma** sobre los canales.
# ¿Cuánto habría escondido la media? Esta es la parte de la energía de un filtro que sobrevive al promedio; 1 sería toda.

# %%
weight = model.module.get_submodule(layer).weight.detach()
channels = weight.shape[1]
kept = channels * weight.mean(dim=1).square().sum((1, 2)) / weight.square().sum((1, 2, 3))
print(f"{layer}: {channels} input channels, {len(weight)} filters")
print(f"energy kept by averaging: median {kept.median():.1%}, best filter {kept.max():.1%}")
print(f"what weights of independent random signs would keep on average: {1 / channels:.1%}")
nl.figures.layer_kernels(first_kernels(model, layer, 16))

# %% [markdown] en
# ## 7. Filters beside their maps
#
# A filter says what is *looked for*, a map says where it was *found*. In the first layer they can be put side by side:
# what the unit's strongest position sees, the filter, the map.

# %% [markdown] es
# ## 7. Filtros junto a sus mapas
#
# Un filtro dice qué se *busca*; un mapa, dónde se *encontró*. En la primera capa pueden ponerse uno al lado del otro:
# lo que ve la posición más fuerte de la unidad, el filtro y el mapa.

# %%
early = nl.inspect(model, picture, site=first, point="conv", images=images)
ranking = early.rank("max", k=6)
nl.figures.analysis_kernels(early, kernels_of(model, early.site, ranking.units), ranking)

# %% [markdown] en
# And what *is* a number of the map? Multiply the filter with the pixels that its position sees, weight by weight, and
# add it all up. Nothing else happens in a convolution:

# %% [markdown] es
# ¿Y qué *es* un número del mapa? Multiplica el filtro por los píxeles que ve su posición, peso a peso, y súmalo todo.
# En una convolución no ocurre nada más:

# %%
convolution = model.module.get_submodule(first)
unit = ranking.units[0]
row, column = early.peak(unit)
patches = torch.nn.functional.unfold(
    model.prepare(picture.image)[None],
    convolution.kernel_size,
    padding=convolution.padding,
    stride=convolution.stride,
)
patch = patches[0, :, row * early.maps.shape[2] + column]
by_hand = patch @ convolution.weight[unit].flatten()
if convolution.bias is not None:
    by_hand = by_hand + convolution.bias[unit]
in_the_map = early.maps[unit, row, column]
print(f"unit {unit} at row {row}, column {column}: by hand {by_hand:.4f}, in the map {in_the_map:.4f}")
assert abs(by_hand - in_the_map) < 1e-3

# %% [markdown] en
# ## 8. Keeping it
#
# Figures, tables and where all of it came from, in one folder. The same from the command line:
#
# ```bash
# neurolupa inspect embedded "samples#cat" --site layer2.0.conv1 --point relu --out cat
# ```

# %% [markdown] es
# ## 8. Guardarlo
#
# Figuras, tablas y de dónde salió todo, en una carpeta. Lo mismo desde la línea de comandos:
#
# ```bash
# neurolupa inspect embedded "samples#cat" --site layer2.0.conv1 --point relu --out cat
# ```

# %%
from neurolupa.figures import Inspected, export_inspection
from neurolupa.inspection.kernels import kernel_of

with TemporaryDirectory() as folder:
    ranking = found.rank("balanced", k=6)
    kernels = tuple(kernel_of(model, found.site, unit) for unit in ranking.units)
    for path in export_inspection([Inspected(found, ranking, kernels)], Path(folder) / "cat"):
        print(path.name)

# %% [markdown] en
# ## What this does not show
#
# - **One picture is an anecdote.** A unit that lights up on this cat may light up on everything. Notebook 02 asks the
#   same of a whole data set.
# - **A map shows where a unit answers, not what it is for.** Whether the network *uses* it for its answer is another
#   question (notebook 06).
# - **The network is small and saw 32 × 32 pixels.** What holds here need not hold for a network trained on ImageNet.
#
# ## Questions
#
# 1. Take the astronaut (`images[1]`). Which strategy gives a list most unlike the cat's?
# 2. Put `point="conv"` in the place of `point="relu"` and rank by `"balanced"`. What does the note say, and why must it?
# 3. Which units of the first layer have grey filters? What do you expect of their maps? Look.
# 4. Load the same network with `weights=None` and draw the overlays again. Would you have noticed, by the picture
#    alone, that these units know nothing?

# %% [markdown] es
# ## Lo que esto no muestra
#
# - **Una imagen es una anécdota.** Una unidad que se enciende con este gato quizá se encienda con todo. El cuaderno 02
#   pregunta lo mismo a un conjunto de datos entero.
# - **Un mapa muestra dónde responde una unidad, no para qué sirve.** Si la red la *usa* para su respuesta es otra
#   pregunta (cuaderno 06).
# - **La red es pequeña y vio 32 × 32 píxeles.** Lo que vale aquí no tiene por qué valer para una red entrenada con ImageNet.
#
# ## Preguntas
#
# 1. Toma la astronauta (`images[1]`). ¿Qué estrategia da la lista más distinta de la del gato?
# 2. Pon `point="conv"` en lugar de `point="relu"` y ordena por `"balanced"`. ¿Qué dice la nota, y por qué tiene que decirlo?
# 3. ¿Qué unidades de la primera capa tienen filtros grises? ¿Qué esperas de sus mapas? Míralos.
# 4. Carga la misma red con `weights=None` y dibuja otra vez las superposiciones. ¿Habrías notado, solo por la imagen,
#    que estas unidades no saben nada?
