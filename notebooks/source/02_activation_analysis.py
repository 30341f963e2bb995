"""Notebook 02: what a network does with a set of pictures."""
# ruff: noqa: B018, E402, E501

# %% [markdown] en
# # 02 · Activation analysis
#
# One picture is an anecdote. This notebook sends **a whole set of pictures** through a network once, keeps what every
# unit did as an **atlas**, and reads it: statistics, dead units, classes, single units, depth.
#
# **What you will learn**
# - to choose layers, to scan, and to check a scan against the plain sum over everything
# - to read layer statistics, distributions and zeros, and what "dead" does and does not mean
# - to ask whether a difference between classes, halves of the picture or textures is **more than chance**
# - to go from a layer to one unit, from the unit to one picture, and back
# - to let the numbers write the conclusions
#
# It takes about a minute and needs no connection. [En español](../es/02_activation_analysis.ipynb)

# %% [markdown] es
# # 02 · Análisis de activaciones
#
# Una imagen es una anécdota. Este cuaderno pasa **un conjunto entero de imágenes** por una red una sola vez, guarda lo
# que hizo cada unidad en un **atlas** y lo lee: estadísticas, unidades muertas, clases, unidades sueltas, profundidad.
#
# **Lo que aprenderás**
# - a elegir capas, a escanear y a comprobar un escaneo contra la simple suma de todo
# - a leer estadísticas de capas, distribuciones y ceros, y qué significa «muerta» y qué no
# - a preguntar si una diferencia entre clases, mitades de la imagen o texturas es **más que azar**
# - a ir de una capa a una unidad, de la unidad a una imagen, y volver
# - a dejar que los números escriban las conclusiones
#
# Tarda más o menos un minuto y no necesita conexión. [In English](../en/02_activation_analysis.ipynb)

# %%
# %matplotlib inline
import copy
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import torch

import neurolupa as nl

if os.environ.get("NEUROLUPA_NOTEBOOKS") == "real":
    data = Path(os.environ["NEUROLUPA_DATA"])
    root = next(folder for folder in (Path.cwd(), *Path.cwd().parents) if (folder / "examples").is_dir())
    weights = data / "weights" / "cifar10-resnet20-12fca82f.th"
    model = nl.load_model(f"{root / 'examples' / 'cifar_resnet.py'}:resnet20", weights=weights)
    images = nl.load_images(f"npz:{data / 'cifar10' / 'test-lossless-500.npz'}?names=cifar10")
else:
    model = nl.load_model("embedded")
    images = nl.load_images("stimuli?target=shape&size=32&count=800")
workplace = TemporaryDirectory()
print(model.name)
print(images.info())

# %% [markdown] en
# ## 1. The pictures
#
# By default these are **stimuli**: pictures drawn on the spot, whose shape, colour, texture, size and place are known
# exactly and balanced against each other. The label is the shape. They are no photographs, and the network has never
# seen anything like them: that keeps us from reading our own expectations into its units.

# %% [markdown] es
# ## 1. Las imágenes
#
# Por defecto son **estímulos**: imágenes dibujadas al momento, cuya forma, color, textura, tamaño y lugar se conocen con
# exactitud y están equilibrados entre sí. La etiqueta es la forma. No son fotografías, y la red nunca ha visto nada
# parecido: eso nos evita leer en sus unidades lo que ya esperábamos.

# %%
from PIL import Image

strip = Image.new("RGB", (10 * 84, 80), "white")
for place in range(10):
    strip.paste(images[place].image.resize((80, 80), Image.Resampling.NEAREST), (84 * place, 0))
print([images[place].class_name for place in range(10)])
strip

# %% [markdown] en
# ## 2. Choosing layers
#
# A **site** is one call of a layer (notebook 01). `kind:relu` takes the last ReLU of every block, where a zero means
# silence. Other selections: a name, `layer3.*`, `kind:conv`, `kind:relu-calls` (every call), `kind:all`.

# %% [markdown] es
# ## 2. Elegir capas
#
# Un **sitio** es una llamada de una capa (cuaderno 01). `kind:relu` toma la última ReLU de cada bloque, donde un cero
# significa silencio. Otras selecciones: un nombre, `layer3.*`, `kind:conv`, `kind:relu-calls` (cada llamada), `kind:all`.

# %%
sites = nl.layers(model)
print(sites["kind"].value_counts().to_dict())
sites.loc[sites["kind"] == "relu", ["site", "type", "shape", "rf_height", "link"]].head(6)

# %% [markdown] en
# ## 3. One scan
#
# Each picture is read once. For every unit the scan keeps sums, extremes, counts in fine bins, values on single
# pictures and the pictures that drove it: a fixed size for each unit, however many pictures there are.

# %% [markdown] es
# ## 3. Un escaneo
#
# Cada imagen se lee una vez. De cada unidad el escaneo guarda sumas, extremos, recuentos en casillas finas, valores en
# imágenes sueltas y las imágenes que más la movieron: un tamaño fijo por unidad, por muchas imágenes que haya.

# %%
atlas = nl.scan(model, images, sites="kind:relu", out=Path(workplace.name) / "atlas")
atlas

# %% [markdown] en
# Trust it? Keep **everything** for the last layer, as one would by hand, and compare:

# %% [markdown] es
# ¿Te fías? Guarda **todo** de la última capa, como se haría a mano, y compara:

# %%
last = atlas.sites[-1]
batch = torch.stack([model.prepare(one.image) for one in images])
everything = nl.record(model, batch, last)[last].double()
row = atlas.layers.set_index("site").loc[last]
by_hand = {
    "mean": everything.mean(),
    "std": everything.std(correction=0),
    "max": everything.max(),
    "sparsity_%": 100 * (everything == 0).double().mean(),
    "q75": everything.flatten().quantile(0.75) if everything.numel() < 2**24 else torch.nan,
}
compared = pd.DataFrame({"by hand": {name: float(value) for name, value in by_hand.items()}})
compared["atlas"] = row[list(by_hand)].astype(float)
assert np.allclose(compared["by hand"].iloc[:4], compared["atlas"].iloc[:4], rtol=1e-4)
compared.round(5)

# %% [markdown] en
# The quantile comes from counts in bins and may be off by one part in 256; the other numbers are exact.

# %% [markdown] es
# El cuantil sale de recuentos en casillas y puede desviarse en una parte de 256; los demás números son exactos.

# %% [markdown] en
# ## 4. Layer by layer
#
# Sparsity is the share of **exact** zeros over all values. `active_neurons` have some value other than zero.

# %% [markdown] es
# ## 4. Capa por capa
#
# La esparsidad es la parte de ceros **exactos** entre todos los valores. Las `active_neurons` tienen algún valor
# distinto de cero.

# %%
measures = ["mean", "std", "min", "max", "median", "q25", "q75", "sparsity_%"]
columns = ["site", "shape", "total_elements", *measures, "active_neurons", "total_neurons"]
atlas.layers[columns].round(3)

# %%
nl.figures.layer_statistics(atlas)

# %% [markdown] en
# ### How the values are distributed
#
# A mean hides the shape. Counts are logarithmic; the box ends at 25 and 75 %, the whiskers at 1 and 99 %, the dots are
# the extremes. Where the box sits on zero, more than three quarters of the values are silence.

# %% [markdown] es
# ### Cómo se reparten los valores
#
# Una media esconde la forma. Los recuentos son logarítmicos; la caja acaba en el 25 y el 75 %, los bigotes en el 1 y el
# 99 %, los puntos son los extremos. Donde la caja está pegada al cero, más de tres cuartos de los valores son silencio.

# %%
nl.figures.distributions(atlas, [atlas.sites[0], atlas.sites[len(atlas.sites) // 2], last])

# %% [markdown] en
# ## 5. Dead units
#
# **Dead** here: never above 10⁻⁶, at any position of any of *these* pictures. **Dormant** is weaker: at most 2.5 % of
# its layer's mean magnitude. A share without its N says nothing, so the figure has intervals.

# %% [markdown] es
# ## 5. Unidades muertas
#
# **Muerta** aquí: nunca por encima de 10⁻⁶, en ninguna posición de ninguna de *estas* imágenes. **Adormecida**
# (*dormant*) es menos: como mucho un 2,5 % de la magnitud media de su capa. Una proporción sin su N no dice nada, y por
# eso la figura lleva intervalos.

# %%
found = nl.conditions(atlas)
states = found.to_frame()
print(f"dead: {int(states['dead'].sum())} of {atlas.summary().units} units, N = {atlas.source.read} pictures")
print(
    f"dormant: {int(states['dormant'].sum())};", "by layer", states.groupby("site")["dormant"].sum().to_dict()
)
nl.figures.unit_conditions(found)

# %% [markdown] en
# Take the quietest unit of the first layer and put its filter beside that of an ordinary unit. Is there a reason to be
# seen in the weights? `LIVE` means that it is quiet, but not dead.

# %% [markdown] es
# Toma la unidad más callada de la primera capa y pon su filtro junto al de una unidad corriente. ¿Se ve algún motivo en
# los pesos? `LIVE` quiere decir que está callada, pero no muerta.

# %%
first = atlas.sites[0]
units = atlas.units[atlas.units["site"] == first]
quiet = int(units.loc[units["max"].idxmin(), "unit"])
pair = nl.filter_pair(model, atlas, first, quiet)
print(f"unit {quiet} of {first}: {pair.code}; its highest value is {units['max'].min():.3g}")
nl.figures.filter_pair(pair)

# %% [markdown] en
# ### A control: does the search find death where we put it?
#
# If a method reports no dead units, ask whether it *could* have found one. We kill two units of the first layer in a
# copy of the network, in two ways (a bias far below zero; a filter shrunk to almost nothing), and scan again.

# %% [markdown] es
# ### Un control: ¿encuentra la búsqueda la muerte donde la pusimos?
#
# Si un método no encuentra unidades muertas, pregunta si *podría* haber encontrado alguna. Matamos dos unidades de la
# primera capa en una copia de la red, de dos maneras (un sesgo muy por debajo de cero; un filtro reducido a casi nada), y
# escaneamos otra vez.

# %%
patient = copy.deepcopy(model.module)
with torch.no_grad():
    patient.bn1.bias[3] = -50.0
    patient.conv1.weight[4] *= 1e-4
    patient.bn1.running_mean[4] = 0.0
    patient.bn1.bias[4] = -0.05
steps = model.preprocessing
sick = nl.load_model(patient, input_size=steps.input_size, mean=steps.mean, std=steps.std)
ward = nl.scan(sick, images.subset(limit=200), sites=first, out=Path(workplace.name) / "ward")
dead = ward.dead()["unit"].tolist()
print("dead now:", dead, {unit: str(nl.filter_pair(sick, ward, first, unit).code) for unit in dead})
assert {3, 4} <= set(dead)
nl.figures.filter_pair(nl.filter_pair(sick, ward, first, 4))

# %% [markdown] en
# ## 6. Classes
#
# The classes are those of the **pictures**, not of the network. First for a whole layer:

# %% [markdown] es
# ## 6. Clases
#
# Las clases son las de las **imágenes**, no las de la red. Primero, para una capa entera:

# %%
atlas.classes(last)[["class_id", "class_name", "num_samples", "mean", "std", "median", "sparsity_%"]].round(3)

# %%
nl.figures.class_statistics(atlas, last)

# %% [markdown] en
# Some bar is always the longest. Is the spread of the class means **more than chance**? Shuffle the labels 999 times and
# see how large it gets when classes mean nothing:

# %% [markdown] es
# Alguna barra es siempre la más larga. ¿Es la dispersión de las medias de clase **más que azar**? Baraja las etiquetas
# 999 veces y mira cuánto llega a medir cuando las clases no significan nada:

# %%
samples = atlas.samples(last)
means, labels = samples.mean.mean(axis=1), images.labels[samples.images]


def spread(order):
    """The standard deviation of the class means under some order of the labels."""
    return np.std([means[order == one].mean() for one in np.unique(labels)])


draws = np.random.default_rng(0)
null = np.array([spread(draws.permutation(labels)) for _ in range(999)])
p_classes = (1 + (null >= spread(labels)).sum()) / 1000
high = np.quantile(null, 0.95)
print(f"spread of class means {spread(labels):.4f}; by chance {null.mean():.4f}, 95 % below {high:.4f}")
print(f"p = {p_classes:.3f}, N = {len(labels)} pictures")

# %% [markdown] en
# Keep this p in mind for section 8. A layer's mean can be the same for every class while single units differ: what one
# unit gains, another loses. "The layer does not tell the classes apart" would be a false conclusion from this figure.

# %% [markdown] es
# Guarda esta p en la memoria para la sección 8. La media de una capa puede ser igual para todas las clases mientras las
# unidades difieren: lo que una gana, otra lo pierde. «La capa no distingue las clases» sería una conclusión falsa de esta figura.

# %% [markdown] en
# ## 7. Units by pictures
#
# Every row is a unit, every column a picture; one true scale for all. A bright **row** answers to nearly everything, a
# bright **column** is a picture that moves many units. Rows stand beside those that do alike. The sentences below the
# figure are counted over all sampled pictures, not read off the colours.

# %% [markdown] es
# ## 7. Unidades por imágenes
#
# Cada fila es una unidad, cada columna una imagen; una sola escala verdadera. Una **fila** brillante responde a casi
# todo; una **columna** brillante es una imagen que mueve a muchas unidades. Las filas están junto a las que se portan
# igual. Las frases bajo la figura se cuentan sobre todas las imágenes muestreadas; no se leen en los colores.

# %%
site = "layer3.1.relu" if "layer3.1.relu" in atlas.sites else atlas.sites[-2]
heat = nl.activity_map(atlas, site)
nl.figures.activity_map(heat)

# %% [markdown] en
# ### The strongest units of one picture, and the rank of a given one
#
# Which units were strongest on picture 5? And where does the unit stand that you had in mind? A rank on **one** picture
# says little, so the line below adds the unit's usual rank.

# %% [markdown] es
# ### Las unidades más fuertes de una imagen, y el puesto de una dada
#
# ¿Qué unidades fueron las más fuertes con la imagen 5? ¿Y en qué puesto está la unidad en la que pensabas? Un puesto con
# **una** imagen dice poco; por eso la línea de abajo añade el puesto habitual de la unidad.

# %%
table = nl.class_selectivities(atlas, site)
beyond = table["sampled_index"] - table["null_high"]
unit = int(table.loc[beyond.idxmax(), "unit"])
ranks = nl.rank_units(atlas, site, image=5, mark=unit)
print(
    f"picture 5 is a {images[5].class_name}; unit {unit}: rank {ranks.mark.rank} of {ranks.units}", end="; "
)
print(f"usually {ranks.mark.usual:.0f} ({ranks.mark.usual_low:.0f} to {ranks.mark.usual_high:.0f})")
nl.figures.unit_ranks(ranks)

# %% [markdown] en
# ## 8. One unit
#
# Unit and picture chosen by a rule: the unit is the one whose class selectivity exceeds chance most, the picture the one
# that drives it highest. Such a picture **flatters** the unit; the row "middle" shows what it does most of the time.

# %% [markdown] es
# ## 8. Una unidad
#
# Unidad e imagen elegidas por una regla: la unidad es la que más supera al azar en selectividad de clase; la imagen, la
# que más la mueve. Una imagen así **favorece** a la unidad; la fila «middle» muestra lo que hace casi siempre.

# %%
exemplars = nl.unit_exemplars(atlas, site, unit)
nl.figures.exemplars(atlas, exemplars, nl.exemplar_maps(atlas, model, exemplars, images))

# %%
favourite = exemplars.band("top")[0].image
one = nl.inspect(model, images[favourite], site=site, images=images)
numbers = one.units.loc[unit, ["mean", "max", "min", "std", "sparsity", "percentile"]]
print(numbers.astype(float).round(3).to_dict())
beside = [unit, *(other for other in one.rank("mean", k=3).units if other != unit)][:3]
nl.figures.analysis_overlays(one, one.rank("manual", units=beside), palette="magma")

# %% [markdown] en
# ### Where? Spatial bias
#
# Does the unit prefer left or right, top or bottom? A ratio alone is not enough: a sparse unit reaches 2 by chance. The
# code says *how large*, `supported` says whether it is *more than chance*.

# %% [markdown] es
# ### ¿Dónde? Sesgo espacial
#
# ¿Prefiere la unidad la izquierda o la derecha, arriba o abajo? Un cociente solo no basta: una unidad esparsa llega a 2
# por azar. El código dice *cuánto*; `supported`, si es *más que azar*.

# %%
bias = nl.spatial_bias(atlas, site, unit)
for name, half in (("left/right", bias.horizontal), ("top/bottom", bias.vertical)):
    print(f"{name}: ratio {half.ratio:.2f}, {half.code}", end="; ")
    print(f"supported: {half.supported} (p at most {half.p_bound:.2g})")
print("dominant:", bias.dominant)
nl.figures.spatial_bias(bias)

# %% [markdown] en
# Is it the network or are it the pictures? Show the same pictures mirrored: what the pictures brought changes sides, what
# the network brings stays.

# %% [markdown] es
# ¿Es la red o son las imágenes? Enseña las mismas imágenes en espejo: lo que traían las imágenes cambia de lado; lo que
# pone la red se queda.

# %%
mirrored = nl.mirrored_bias(model, images.subset(limit=200), site, units=[unit]).to_frame()
mirrored[
    [
        "axis",
        "images",
        "content",
        "content_low",
        "content_high",
        "network",
        "network_low",
        "network_high",
        "code",
    ]
]

# %% [markdown] en
# ### Which class? Selectivity and its null
#
# The index compares the best class with the mean of the others. It is **not** 0 for a unit without preference, because
# the largest of several noisy means is always above the rest. Each unit therefore has its own null: its values, with
# shuffled labels.

# %% [markdown] es
# ### ¿Qué clase? Selectividad y su nulo
#
# El índice compara la mejor clase con la media de las demás. **No** vale 0 para una unidad sin preferencia, porque la
# mayor de varias medias ruidosas siempre queda por encima del resto. Por eso cada unidad tiene su propio nulo: sus
# valores, con las etiquetas barajadas.

# %%
chosen = nl.class_selectivity(atlas, site, unit)
print(f"unit {unit} prefers {chosen.top_class}: index {chosen.index:.2f}", end=", ")
print(f"ratio {chosen.ratio:.2f} ({chosen.level}), AUROC {chosen.auroc:.2f}")
nl.figures.class_selectivity(chosen)

# %%
shown = ["unit", "top_class", "index", "null_mean", "null_high", "p"]
early = nl.class_selectivities(atlas, first).sort_values("index", ascending=False)
trap = early.iloc[0]
verdict = "less" if trap["sampled_index"] < trap["null_high"] else "more"
print(f"most selective of {first}: unit {trap['unit']:.0f}, index {trap['index']:.2f}", end="; ")
print(f"{verdict} than the {trap['null_high']:.2f} that chance reaches")
significant, tested = int((table["p"] < 0.05).sum()), int(table["p"].notna().sum())
print(f"{site}: {significant} of {tested} units below p = 0.05", end="; ")
print(f"about {0.05 * tested:.0f} would be by chance alone")
pd.concat([early.head(2), table.loc[[beyond.idxmax()]]])[shown].round(3)

# %% [markdown] en
# ### Counter-evidence: is it really the class?
#
# Look at the exemplars again before you call this unit a detector of that class. A label is only **one** thing in which
# pictures differ. Of stimuli we know the other factors too, and can ask the same unit, the same values, the same
# pictures about each of them:

# %% [markdown] es
# ### Contraprueba: ¿es de verdad la clase?
#
# Mira otra vez los ejemplares antes de llamar a esta unidad detectora de esa clase. Una etiqueta es solo **una** de las
# cosas en que se diferencian las imágenes. De los estímulos conocemos también los otros factores, y podemos preguntar por
# cada uno a la misma unidad, con los mismos valores y las mismas imágenes:

# %%
held = atlas.samples(site)
answers = held.mean[:, unit]
known = {"class": np.array(images.classes)[images.labels[held.images]]}
if hasattr(images, "table"):
    factors = images.table().iloc[held.images]
    known = {name: factors[name].to_numpy() for name in ("shape", "hue", "texture", "scale", "position")}


def index_of(values):
    """The selectivity index of the answers when the pictures are grouped by some values."""
    groups = np.sort([answers[values == one].mean() for one in pd.unique(values)])
    return (groups[-1] - groups[:-1].mean()) / (groups[-1] + groups[:-1].mean())


rows = {}
for name, values in known.items():
    by_chance = np.array([index_of(draws.permutation(values)) for _ in range(299)])
    best = max(pd.unique(values), key=lambda one: answers[values == one].mean())
    rows[name] = best, index_of(values), np.quantile(by_chance, 0.95)
by_factor = pd.DataFrame(rows, index=["preferred", "index", "95 % of chance"]).T
by_factor["beyond chance"] = by_factor["index"] - by_factor["95 % of chance"]
explained = by_factor["beyond chance"].astype(float).idxmax()
print(f"unit {unit} goes most with {explained}: {by_factor.loc[explained, 'preferred']}")
by_factor.infer_objects().round(3)

# %% [markdown] en
# Where another factor stands as high above chance as the class, "it prefers the class" is at most a part of the story.
# Factors have different numbers of values, so compare each with its own chance, and not the indices with each other.

# %% [markdown] es
# Donde otro factor supera al azar tanto como la clase, «prefiere la clase» es, como mucho, una parte de la historia. Los
# factores tienen distinto número de valores: compara cada uno con su propio azar, y no los índices entre sí.

# %% [markdown] en
# ### Which texture, edge or colour?
#
# The unit's map is laid beside what is to be seen in the pictures. Maps and pictures are smooth, so ordinary p-values are
# far too small; the null shifts the maps. One picture tells of that picture, many tell of the unit.

# %% [markdown] es
# ### ¿Qué textura, borde o color?
#
# El mapa de la unidad se pone junto a lo que se ve en las imágenes. Mapas e imágenes son suaves, y los valores p
# corrientes salen demasiado pequeños; el nulo desplaza los mapas. Una imagen habla de esa imagen; muchas, de la unidad.

# %%
profile = nl.texture_profile(model, images.subset(limit=120), site, unit)
looks = profile.to_frame()[["feature", "r", "low", "high", "strength", "p", "images"]]
print(
    f"goes most with {looks.iloc[0]['feature']}: r = {looks.iloc[0]['r']:.2f} ({looks.iloc[0]['strength']})",
    end="; ",
)
print(f"dominant channel {profile.dominant}, texture {profile.texture.level}, edges {profile.edges.level}")
looks.round(3)

# %%
nl.figures.texture_profile(profile)

# %% [markdown] en
# ## 9. From the first layer to the last
#
# The findings are codes with numbers; the words come from a catalogue in both languages. They are computed, so on
# another network they will say something else.

# %% [markdown] es
# ## 9. De la primera capa a la última
#
# Los hallazgos son códigos con números; las palabras salen de un catálogo en los dos idiomas. Se calculan, así que con
# otra red dirán otra cosa.

# %%
nl.figures.evolution(atlas)

# %%
for trend in atlas.evolution().trends:
    print(nl.figures.sentences(trend, "en"))
    print("   ", nl.figures.sentences(trend, "es"))

# %% [markdown] en
# Is that *learning*, or does any network of this shape do it? The same scan with random weights is the null that
# conclusions about depth need (one draw of weights here; take several seeds before you publish):

# %% [markdown] es
# ¿Es *aprendizaje*, o lo hace cualquier red con esta forma? El mismo escaneo con pesos aleatorios es el nulo que
# necesitan las conclusiones sobre la profundidad (aquí, un solo sorteo de pesos; toma varias semillas antes de publicar):

# %%
untrained = nl.load_model(model.spec, weights=None)
random = nl.scan(untrained, images, sites="kind:relu", out=Path(workplace.name) / "random")
depth = pd.DataFrame(
    {
        "trained": atlas.layers.set_index("site")["sparsity_%"],
        "random weights": random.layers.set_index("site")["sparsity_%"],
    }
)
depth.round(1)

# %% [markdown] en
# ## 10. Saving
#
# The atlas is on disk already (`nl.open_atlas(folder)` reads it again). `export_tables` writes plain CSV and JSON,
# `export_figures` every figure (here of the small scan of section 5, to save time). Every single activation can be kept too, `scan(..., keep_activations="all.pth")`, at a
# price: the last line.

# %% [markdown] es
# ## 10. Guardar
#
# El atlas ya está en el disco (`nl.open_atlas(carpeta)` lo vuelve a leer). `export_tables` escribe CSV y JSON sencillos;
# `export_figures`, todas las figuras (aquí, del escaneo pequeño de la sección 5, por ahorrar tiempo). También se puede guardar cada activación, `scan(..., keep_activations="all.pth")`,
# y tiene su precio: la última línea.

# %%
from neurolupa.atlas import export_tables

folder = Path(workplace.name)
written = export_tables(atlas, folder / "tables")
print([path.name for path in written][:4], f"... {len(written)} files")
figures = nl.figures.export_figures(ward, folder / "figures")
print([path.name for path in figures][:4], f"... {len(figures)} files")
again = nl.open_atlas(folder / "atlas")
size = sum(file.stat().st_size for file in (folder / "atlas").rglob("*"))
print("read again:", again.sites == atlas.sites, f"and {size / 1e6:.0f} MB on disk")
print(f"every activation would take {4 * atlas.layers['total_elements'].sum() / 1e6:,.0f} MB")

# %% [markdown] en
# ## 11. Conclusions, computed from the numbers
#
# Nothing below is typed in. Run it on your own network and pictures and read what it says there.

# %% [markdown] es
# ## 11. Conclusiones, calculadas con los números
#
# Nada de lo de abajo está escrito a mano. Ejecútalo con tu red y tus imágenes y lee lo que dice allí.

# %%
summary = atlas.summary()
grown = depth["trained"].iloc[-1] - depth["trained"].iloc[0]
chance = depth["random weights"].iloc[-1] - depth["random weights"].iloc[0]
print(f"{summary.source.model} on {summary.source.images}, N = {summary.source.read} pictures")
print(f"- most zeros: {summary.most_sparse.site} ({summary.most_sparse.value:.1f} %)", end="; ")
print(f"fewest: {summary.least_sparse.site} ({summary.least_sparse.value:.1f} %)")
print(f"- first to last layer: {grown:+.1f} points of zeros; with random weights {chance:+.1f}")
print(f"- dead: {summary.dead} of {summary.units} units; the control found both that we killed")
differ = "yes" if p_classes < 0.05 else "no"
print(f"- means of classes in {last} differ more than chance: {differ} (p = {p_classes:.3f})")
print(
    f"- {site}: {significant} of {tested} units prefer a class beyond p = 0.05 (chance: {0.05 * tested:.0f})"
)
print(f"- most selective beyond chance: unit {unit}, {chosen.top_class}, AUROC {chosen.auroc:.2f}")
print(f"- of the known factors, unit {unit} goes most with {explained}", end=" ")
print(f"({by_factor.loc[explained, 'preferred']})")

# %%
workplace.cleanup()

# %% [markdown] en
# ## What this does not show
#
# - **Selective is not necessary.** That a unit prefers a class does not say that the network needs it for that class.
#   Switching it off tells (notebook 06).
# - **The unit of section 8 was chosen as the most extreme of many.** Its numbers on *other* pictures will be smaller.
# - **The stimuli are not natural.** "Prefers rings" may mean "prefers thin curved lines", and a unit that is silent here
#   may answer to photographs.
# - **Significant is not large.** With enough pictures every small difference is more than chance. Read the size first.
#
# ## Questions
#
# 1. Scan `"stimuli?target=hue&size=32&count=800"` in the place of shapes. In which layer are units most selective now?
# 2. The most selective unit of the first layer had a high index. Why was that nothing? Look at its mean activation.
# 3. Use `kind:relu-calls` in the place of `kind:relu`. How many sites are added, and are they sparser?
# 4. Halve the number of pictures. Which of the conclusions change, and which only get a wider interval?
# 5. Which layer's sparsity would you call learned, given the table with random weights?

# %% [markdown] es
# ## Lo que esto no muestra
#
# - **Selectiva no es necesaria.** Que una unidad prefiera una clase no dice que la red la necesite para esa clase. Eso se
#   sabe apagándola (cuaderno 06).
# - **La unidad de la sección 8 se eligió por ser la más extrema de muchas.** Sus números con *otras* imágenes serán menores.
# - **Los estímulos no son naturales.** «Prefiere anillos» puede querer decir «prefiere líneas finas y curvas», y una
#   unidad que aquí calla quizá responda a fotografías.
# - **Significativo no es grande.** Con bastantes imágenes, cualquier diferencia pequeña es más que azar. Lee antes el tamaño.
#
# ## Preguntas
#
# 1. Escanea `"stimuli?target=hue&size=32&count=800"` en lugar de las formas. ¿En qué capa son ahora más selectivas las unidades?
# 2. La unidad más selectiva de la primera capa tenía un índice alto. ¿Por qué no era nada? Mira su activación media.
# 3. Usa `kind:relu-calls` en lugar de `kind:relu`. ¿Cuántos sitios se añaden, y son más esparsos?
# 4. Reduce las imágenes a la mitad. ¿Qué conclusiones cambian, y cuáles solo ganan un intervalo más ancho?
# 5. ¿De qué capa dirías que su esparsidad es aprendida, vista la tabla con pesos aleatorios?
