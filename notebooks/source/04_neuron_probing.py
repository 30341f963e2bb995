"""Notebook 04: what units are tuned to, and what can be read from a layer."""

# ruff: noqa: B018

# %% [markdown] en
# # 04 · Neuron probing
#
# Two questions that sound alike and are not: *what does this unit answer?* (tuning) and *what can be read
# from this layer?* (probes). Both are asked here with drawn pictures, whose every factor is known.
#
# **What you will learn**
#
# - to measure tuning curves with gratings, hues and places, as in a laboratory of vision
# - why a perfect selectivity index may mean nothing
# - linear probes, layer by layer, and the controls without which they say nothing: random weights, shuffled
#   labels, the pixels, chance
# - how few units are enough (1, 2, 4, ...)
# - network dissection: which unit is a detector of what, beside its null
# - the most important thing: that something *can be read* does not mean that it *is used*
#
# It runs offline on the network that ships with neurolupa, in about a minute.

# %% [markdown] es
# # 04 · Sondeo de neuronas
#
# Dos preguntas que suenan igual y no lo son: *¿a qué responde esta unidad?* (sintonía) y *¿qué se puede leer
# en esta capa?* (sondas). Aquí se hacen las dos con imágenes dibujadas, de las que se conoce cada factor.
#
# **Qué vas a aprender**
#
# - a medir curvas de sintonía con rejillas, tonos y posiciones, como en un laboratorio de visión
# - por qué un índice de selectividad perfecto puede no significar nada
# - sondas lineales, capa por capa, y los controles sin los que no dicen nada: pesos al azar, etiquetas
#   permutadas, los píxeles, el azar
# - cuántas unidades bastan (1, 2, 4, ...)
# - disección de redes: qué unidad detecta qué, junto a su hipótesis nula
# - lo más importante: que algo *se pueda leer* no quiere decir que *se use*
#
# Funciona sin conexión con la red que viene con neurolupa, en un minuto más o menos. Las figuras están en
# inglés porque el código se ejecuta una sola vez para los dos idiomas; con `lang="es"` salen en español.

# %%
# %matplotlib inline
import os
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import neurolupa as nl
from neurolupa.probing import random_twin

model = nl.load_model("embedded")
print(model.name)

# %% [markdown] en
# ## 1. The stimuli
#
# A photograph shows many things at once. A stimulus shows one, and we know which: gratings (orientation,
# frequency, phase), patches of one hue, and objects whose shape, hue, texture, place and size are balanced
# against each other.

# %% [markdown] es
# ## 1. Los estímulos
#
# Una fotografía enseña muchas cosas a la vez. Un estímulo enseña una, y sabemos cuál: rejillas (orientación,
# frecuencia, fase), parches de un solo tono, y objetos cuya forma, tono, textura, posición y tamaño están
# equilibrados entre sí.

# %%
specs = ("gratings?size=32", "hues?size=32", "stimuli?size=32&count=720")
figure = Figure(figsize=(9, 3.6), layout="constrained")
for line, spec in zip(figure.subplots(3, 9), specs, strict=True):
    shown = nl.load_images(spec)
    for axes, index in zip(line, np.linspace(0, len(shown) - 1, 9).astype(int), strict=True):
        axes.imshow(shown[int(index)].image)
        axes.set_axis_off()
figure

# %%
nl.load_images("stimuli?size=32&count=720").table().head(4)

# %% [markdown] en
# ## 2. Tuning curves
#
# A unit's answer is the highest value of its map inside a window; a tuning curve is its mean answer to each
# value of a factor. Beside every index stands what it is with shuffled labels: of 24 noisy values one is
# always the highest.
#
# First a unit of the first layer.

# %% [markdown] es
# ## 2. Curvas de sintonía
#
# La respuesta de una unidad es el valor más alto de su mapa dentro de una ventana; una curva de sintonía es
# su respuesta media a cada valor de un factor. Junto a cada índice está lo que vale con etiquetas permutadas:
# de 24 valores con ruido, alguno es siempre el mayor.
#
# Primero, una unidad de la primera capa.

# %%
early = nl.tuning(model, "relu", shuffles=499)
table = early.to_frame()
oriented = table[table["factor"] == "orientation"].sort_values("index", ascending=False)
oriented[["unit", "preferred", "angle", "width", "index", "null_95", "p"]].head(5).round(3)

# %%
nl.figures.tuning(early, int(oriented["unit"].iloc[0]))

# %% [markdown] en
# And a whole deep layer. How many units are tuned to what (p at most 0.01)? `by_chance` is how many of as
# many would be by chance.

# %% [markdown] es
# Y ahora una capa profunda entera. ¿Cuántas unidades están sintonizadas con qué (p de 0,01 como mucho)?
# `by_chance` es cuántas saldrían por azar.

# %%
deep = nl.tuning(model, "layer4.1.relu", shuffles=499).to_frame()
untrained = nl.tuning(random_twin(model), "layer4.1.relu", shuffles=499).to_frame()


def counted(table):
    """Units with p of 0.01 at most, by factor, among those that answer at all."""
    told = table[table["state"] == "OK"]
    return told[told["p"] <= 0.01].groupby("factor").size(), told.groupby("factor").size()


(tuned, asked), (shallow, _) = counted(deep), counted(untrained)
summary = pd.DataFrame(
    {"answering": asked, "tuned": tuned, "by_chance": 0.01 * asked, "tuned_untrained": shallow}
)
summary.fillna(0).round(1)

# %% [markdown] en
# The last column is the surprise: a network of *random* weights has many "tuned" units as well, for hue even
# more. Tuning shows that a unit tells the values apart, not that it *learnt* to. Shape sets the two networks
# apart most clearly. Also look at `position`: a convolution is the same everywhere, so how does a deep unit
# know where an object is? From the padding at the border (notebook 05).
#
# ### A perfect index that means nothing
#
# The index runs from 0 to 1. Here are units with an index of exactly 1:

# %% [markdown] es
# La última columna es la sorpresa: una red de pesos *al azar* también tiene muchas unidades «sintonizadas»,
# de tono incluso más. La sintonía muestra que una unidad distingue los valores, no que haya *aprendido* a
# hacerlo. Lo que más claramente separa las dos redes es la forma. Fíjate también en `position`: una
# convolución es igual en todas partes; ¿cómo sabe una unidad profunda dónde está un objeto? Por el relleno
# del borde (cuaderno 05).
#
# ### Un índice perfecto que no significa nada
#
# El índice va de 0 a 1. Aquí hay unidades con un índice de exactamente 1:

# %%
perfect = deep[(deep["index"] > 0.9999) & (deep["factor"] == "hue")]
assert len(perfect)
assert (perfect["p"] > 0.05).all()
perfect[["unit", "factor", "preferred", "index", "null_95", "p", "pictures"]].head(6).round(3)

# %% [markdown] en
# They answered a single patch of all. One answer always has an index of 1, under whatever label; so p is 1.
# Without the null this would have been the list of the "most selective units".
#
# ## 3. What can be read from a layer? Linear probes
#
# A probe is a linear classifier on the means of a layer's units. Four controls stand beside it:
#
# | control | question |
# |---|---|
# | `random_weights` | would any network do? |
# | `shuffled_labels` | could the probe have learnt it by heart? |
# | `pixels` | was it in the picture all along? |
# | chance | what does one score who sees nothing? |

# %% [markdown] es
# Respondieron a un solo parche de todos. Una sola respuesta tiene siempre un índice de 1, con la etiqueta que
# sea; por eso p es 1. Sin la hipótesis nula, esta habría sido la lista de las «unidades más selectivas».
#
# ## 3. ¿Qué se puede leer en una capa? Sondas lineales
#
# Una sonda es un clasificador lineal sobre las medias de las unidades de una capa. A su lado hay cuatro
# controles:
#
# | control | pregunta |
# |---|---|
# | `random_weights` | ¿valdría cualquier red? |
# | `shuffled_labels` | ¿puede la sonda haberlo aprendido de memoria? |
# | `pixels` | ¿estaba ya en la imagen? |
# | azar | ¿cuánto acierta quien no ve nada? |

# %%
stimuli = nl.load_images("stimuli?count=720&size=32")
sites = ("relu", "layer1.1.relu", "layer2.1.relu", "layer3.1.relu", "layer4.0.relu", "layer4.1.relu")
report = nl.probe(model, stimuli, sites, ["hue", "texture", "shape", "position"], cache=False)
nl.figures.probes(report)

# %%
scores = report.to_frame().pivot_table(index=["concept", "site"], columns="control", values="score")
pixels = scores["pixels"].xs("pixels", level="site")
wide = scores.drop(columns="pixels").dropna()
last = wide.xs("layer4.1.relu", level="site").assign(pixels=pixels)
last.round(2)

# %% [markdown] en
# Read it line by line, with the controls:
#
# - **hue**: the trained network reads it well in the first layers, and *worse and worse* with depth; random
#   weights do no worse anywhere, and at the end do better. Training did not put hue in; it threw some of it
#   away.
# - **position**: it can be read deep down, from random weights as well. That is padding and geometry, not
#   knowledge.
# - **texture**: here the trained network lies well above its random twin. This is what one hopes to find.
# - **shape**: it emerges late and stays weak, hardly above chance at the last site, although nearly *every*
#   deep unit was tuned to shape in section 2. That is no contradiction: a tuning curve is a mean over many
#   pictures of a unit's highest value; the probe must tell one single picture from the means of the maps.
#
# With depth, in codes: `UNTRAINED` says that the same site of the random network is as good.

# %% [markdown] es
# Léelo línea a línea, con los controles:
#
# - **tono** (`hue`): la red entrenada lo lee bien en las primeras capas y *cada vez peor* al avanzar; los
#   pesos al azar no son peores en ningún sitio, y al final son mejores. El entrenamiento no metió el tono:
#   tiró una parte.
# - **posición** (`position`): se puede leer al fondo, también con pesos al azar. Es relleno y geometría, no
#   conocimiento.
# - **textura** (`texture`): aquí la red entrenada queda muy por encima de su gemela al azar. Es lo que uno
#   espera encontrar.
# - **forma** (`shape`): aparece tarde y sigue siendo débil, apenas por encima del azar en el último sitio,
#   aunque casi *todas* las unidades profundas estaban sintonizadas con la forma en el apartado 2. No es una
#   contradicción: una curva de sintonía es una media, sobre muchas imágenes, del valor más alto de una
#   unidad; la sonda tiene que acertar una sola imagen con las medias de los mapas.
#
# Con la profundidad, en códigos: `UNTRAINED` dice que el mismo sitio de la red al azar es igual de bueno.

# %%
assert last.loc["hue", "random_weights"] > last.loc["hue", "none"]
assert last.loc["position", "random_weights"] > 0.25
assert last.loc["texture", "none"] > last.loc["texture", "random_weights"]
pd.DataFrame(
    [{"concept": each.concept, "code": each.code.value, "site": each.site} for each in report.emergence()]
)

# %% [markdown] en
# ## 4. How few units are enough?
#
# A probe over all units does not say whether one unit or all of them carry a concept. `probe_units` fits it
# again with the best 1, 2, 4, ... units; shuffled labels go the same way, the choice of units included.

# %% [markdown] es
# ## 4. ¿Cuántas unidades bastan?
#
# Una sonda sobre todas las unidades no dice si el concepto lo lleva una o lo llevan todas. `probe_units` la
# ajusta otra vez con las mejores 1, 2, 4, ... unidades; las etiquetas permutadas recorren el mismo camino,
# incluida la elección de unidades.

# %%
few = nl.probe_units(model, stimuli, "layer2.1.relu", "hue", cache=False)
nl.figures.sparse_probes(few)

# %%
print(few.code.value, few.enough)
few.to_frame()[["units", "score", "low", "high", "shuffled", "chance"]].round(2)

# %% [markdown] en
# One unit alone does better than chance, and yet nobody should call it "the hue unit": the concept is spread
# over many.
#
# ## 5. Dissection: which unit is a detector of what?
#
# The other way round: for every unit, lay the highest 0.5 % of its map over the exact masks of the objects,
# and take the concept with the best overlap (IoU). A unit counts as a detector above 0.04 (Bau et al. 2017).
# The null keeps the masks and deals the concepts out anew: a unit that answers *any* object overlaps with
# every shape, and is a "detector" by the published rule.

# %% [markdown] es
# Una sola unidad acierta más que el azar y, sin embargo, nadie debería llamarla «la unidad del tono»: el
# concepto está repartido entre muchas.
#
# ## 5. Disección: ¿qué unidad detecta qué?
#
# Al revés: de cada unidad se pone el 0,5 % más alto de su mapa sobre las máscaras exactas de los objetos, y
# se toma el concepto con mejor solapamiento (IoU). Una unidad cuenta como detector por encima de 0,04 (Bau et
# al. 2017). La hipótesis nula conserva las máscaras y reparte los conceptos de nuevo: una unidad que responde
# a *cualquier* objeto se solapa con todas las formas, y según la regla publicada es un «detector».

# %%
found = nl.dissect(
    model, "stimuli?count=480&size=32", ["layer2.1.relu", "layer4.1.relu"], factors="hue,shape,texture"
)
rows = [
    {"site": site, "rule": rule, **count.detectors_in}
    for rule, counts in (("published", found.counts()), ("above chance", found.counts(above_chance=True)))
    for site, count in counts.items()
]
table = pd.DataFrame(rows).set_index(["site", "rule"])
assert (
    table.loc[("layer2.1.relu", "above chance"), "shape"] < table.loc[("layer2.1.relu", "published"), "shape"]
)
table

# %%
nl.figures.dissected_units(found, "layer2.1.relu")

# %% [markdown] en
# The detectors of shapes in the second layer vanish when the null is asked: those units answer objects of any
# shape. Hues and stripes remain.
#
# ## 6. Read, but used?
#
# The probe reads position from the last layer, far above chance. Does the network *use* it for its answer?
# Switch off the eight units with the most weight in a probe, and count the answers that change. The null: 99
# random groups of eight units.

# %% [markdown] es
# Los detectores de formas de la segunda capa desaparecen al preguntar a la hipótesis nula: esas unidades
# responden a objetos de cualquier forma. Quedan tonos y rayas.
#
# ## 6. Se lee, pero ¿se usa?
#
# La sonda lee la posición en la última capa, muy por encima del azar. ¿La *usa* la red para responder?
# Apagamos las ocho unidades con más peso en una sonda y contamos las respuestas que cambian. Hipótesis nula:
# 99 grupos de ocho unidades al azar.

# %%
SITE, SIZE = "layer4.1.relu", 8
random = np.random.default_rng(0)
groups = [random.choice(128, SIZE, replace=False).tolist() for _ in range(99)]
concepts = ("hue", "position", "texture", "shape")
carrying = [report.carriers(name, SITE)["unit"].tolist()[:SIZE] for name in concepts]
off = nl.ablate(
    model, nl.load_images("stimuli?size=32&count=200"), SITE, [*carrying, *groups], truth="prediction"
)
changed = 1 - off.to_frame()["after"].to_numpy()
null = changed[len(concepts) :]
used = pd.DataFrame(
    {
        "concept": concepts,
        "read": [wide.loc[(name, SITE), "none"] for name in concepts],
        "answers_changed": changed[: len(concepts)],
        "null_mean": null.mean(),
        "null_95": np.quantile(null, 0.95),
        "p": [(1 + (null >= each).sum()) / (1 + len(null)) for each in changed[: len(concepts)]],
    }
).set_index("concept")
used.round(3)

# %%
figure = Figure(figsize=(6, 2.4), layout="constrained")
axes = figure.subplots()
axes.hist(null, 20, color="lightgrey")
for number, (name, each) in enumerate(used["answers_changed"].items()):
    axes.axvline(each, color=f"C{number}", label=name)
axes.set(xlabel="answers changed", ylabel="random groups")
axes.legend(fontsize=8)
figure

# %%
assert used.loc["position", "p"] > 0.05
assert used.loc["position", "read"] > 0.3

# %% [markdown] en
# The units from which position is read best matter no more for the answers than eight units drawn by lot. It
# is there, it can be read, and this test finds no use of it. (With p above 0.05 we have not shown that it is
# *not* used: other units may carry it, and eight of 128 may be too few. But whoever claims that it is used
# has the burden of proof.)
#
# ## 7. With labelled photographs
#
# Where the project's test data are asked for (`NEUROLUPA_NOTEBOOKS=real`, `NEUROLUPA_DATA`), the same probe
# reads the ten *classes* of CIFAR-10, which is what the network did learn; elsewhere the cell shows `-`.

# %% [markdown] es
# Las unidades en las que mejor se lee la posición no importan más para las respuestas que ocho unidades
# sacadas a suerte. Está ahí, se puede leer, y esta prueba no encuentra que se use. (Con una p mayor que 0,05
# no hemos demostrado que *no* se use: puede que la lleven otras unidades, y ocho de 128 pueden ser pocas.
# Pero la carga de la prueba es de quien afirme que se usa.)
#
# ## 7. Con fotografías etiquetadas
#
# Donde se pidan los datos de prueba del proyecto (`NEUROLUPA_NOTEBOOKS=real`, `NEUROLUPA_DATA`), la misma
# sonda lee las diez *clases* de CIFAR-10, que es lo que la red sí aprendió; si no, la celda muestra `-`.

# %%
if os.environ.get("NEUROLUPA_NOTEBOOKS") == "real":
    photographs = Path(os.environ["NEUROLUPA_DATA"]) / "cifar10" / "test-lossless-500.npz"
    classes = nl.probe(model, f"npz:{photographs}?names=cifar10", sites, "label", cache=False)
    print(classes.source.images)
    shown = nl.figures.probes(classes)
else:
    shown = "-"
shown

# %% [markdown] en
# ## What a probe cannot show
#
# 1. **That it is used.** Section 6.
# 2. **That it was learnt.** Random weights read a lot; without that control a probe says something about
#    geometry.
# 3. **That it is absent.** A linear probe that fails says that nothing *linear on the means* is there. With
#    `pooling="grid:3"`, or with more pictures, it may succeed.
# 4. **What happens on photographs.** Drawn objects on grey are far from what the network was trained on.
# 5. **Which unit is responsible.** Of two equal units either may get the weight.
#
# ## Questions
#
# 1. Why is the orientation curve taken at the unit's *best* frequency and not averaged over all of them?
#    Which mistake does that prevent?
# 2. Probe `position` with `pooling="grid:3"`. Which layers gain most, and why?
# 3. Draw the random twin with another seed (`random_twin(model, 1)`). How much does the column
#    `tuned_untrained` vary? Is one twin enough as a control?
# 4. Half of the pictures (`count=360`): which conclusions stand, which fall? Look at the intervals first.
# 5. Section 6 chose the units by weight. Design a fairer test: which pictures choose, which ones measure?
# 6. A paper reports "layer 5 encodes shape: 26 % against a chance of 12.5 %". Which three numbers would you
#    ask for?

# %% [markdown] es
# ## Lo que una sonda no puede mostrar
#
# 1. **Que se use.** Apartado 6.
# 2. **Que se haya aprendido.** Los pesos al azar leen mucho; sin ese control, una sonda habla de geometría.
# 3. **Que no esté.** Una sonda lineal que falla dice que no hay nada *lineal en las medias*. Con
#    `pooling="grid:3"`, o con más imágenes, quizá acierte.
# 4. **Qué pasa con fotografías.** Los objetos dibujados sobre gris están lejos de lo que vio la red al
#    entrenarse.
# 5. **Qué unidad es la responsable.** De dos unidades iguales, el peso puede tocarle a cualquiera.
#
# ## Preguntas
#
# 1. ¿Por qué se toma la curva de orientación en la *mejor* frecuencia de la unidad y no se promedian todas?
#    ¿Qué error evita?
# 2. Sondea `position` con `pooling="grid:3"`. ¿Qué capas ganan más, y por qué?
# 3. Sortea la gemela con otra semilla (`random_twin(model, 1)`). ¿Cuánto varía la columna `tuned_untrained`?
#    ¿Basta una sola gemela como control?
# 4. Con la mitad de las imágenes (`count=360`), ¿qué conclusiones aguantan y cuáles caen? Mira antes los
#    intervalos.
# 5. En el apartado 6 elegimos las unidades por su peso. Diseña una prueba más justa: ¿qué imágenes eligen y
#    cuáles miden?
# 6. Un artículo dice: «la capa 5 codifica la forma: 26 % frente a un azar del 12,5 %». ¿Qué tres números
#    pedirías?
