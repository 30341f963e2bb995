"""Notebook 06: which pixels and which units an answer rests on, and how to check such a claim."""

# ruff: noqa: B018

# %% [markdown] en
# # 06 · Attribution: the bridge to Grad-CAM
#
# An activation map says what a unit *saw*. It does not say what the answer *rests on*. Between the two lies
# the gradient, and with it we build Grad-CAM here by hand, out of what the notebooks before this one already
# had: a hook forward, a hook backward.
#
# **What you will learn**
#
# - to make Grad-CAM out of activations and gradients, and to check it against two other programs
# - saliency and integrated gradients, whose values must add up, and how many steps that takes
# - three tests that a map can fail: a network that forgets, deletion and insertion, the same map in another
#   place
# - what is lost when a unit is switched off, and how well the gradient foresees it
# - why an activation map is no explanation, and what the Grad-CAM module takes on from here
#
# Everything runs offline on the network that ships with neurolupa, in well under a minute.

# %% [markdown] es
# # 06 · Atribución: el puente hacia Grad-CAM
#
# Un mapa de activación dice qué *vio* una unidad. No dice en qué se *apoya* la respuesta. Entre lo uno y lo
# otro está el gradiente, y con él vamos a construir Grad-CAM a mano con lo que ya tenían los cuadernos
# anteriores: un *hook* hacia delante y otro hacia atrás.
#
# **Qué vas a aprender**
#
# - a construir Grad-CAM con activaciones y gradientes, y a compararlo con otros dos programas
# - saliencia y gradientes integrados, cuyos valores tienen que sumar lo debido, y cuántos pasos cuesta eso
# - tres pruebas que un mapa puede suspender: una red que olvida, borrar e insertar, el mismo mapa en otro
#   sitio
# - qué se pierde al apagar una unidad, y hasta qué punto lo prevé el gradiente
# - por qué un mapa de activación no es una explicación, y qué retoma desde aquí el módulo de Grad-CAM
#
# Todo funciona sin conexión con la red que viene con neurolupa, en bastante menos de un minuto. Las figuras
# están en inglés porque el código se ejecuta una sola vez para los dos idiomas; con `lang="es"` salen en
# español.

# %%
# %matplotlib inline
import warnings

import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure

import neurolupa as nl
from neurolupa.attribution import Settings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of progress bars, which nothing here shows
    from captum.attr import IntegratedGradients, LayerGradCam, Saliency

model = nl.load_model("embedded")
images = nl.load_images("samples")
cat = images[0]
target = model.classes.index("cat")
x = model.prepare(cat.image)[None]
print(model.name, [(guess.name, round(guess.probability, 3)) for guess in model.predict(cat.image, k=3)])

# %% [markdown] en
# ## 1. Grad-CAM by hand
#
# The logit of *cat* is one number, $y$. Let $A^k$ be the map of unit $k$ at some site. Backpropagation gives
# $\partial y / \partial A^k_{ij}$: by how much the logit would grow if that unit were a little higher at that
# position. Grad-CAM (Selvaraju et al. 2017) averages it over the positions, and adds up the maps with these
# weights:
#
# $$w_k = \frac{1}{HW}\sum_{ij}\frac{\partial y}{\partial A^k_{ij}}, \qquad
# L = \mathrm{ReLU}\Big(\sum_k w_k A^k\Big)$$

# %% [markdown] es
# ## 1. Grad-CAM a mano
#
# El logit de *cat* (gato) es un número, $y$. Sea $A^k$ el mapa de la unidad $k$ en un sitio de la red. La
# retropropagación da $\partial y / \partial A^k_{ij}$: cuánto crecería el logit si esa unidad fuera un poco
# más alta en esa posición. Grad-CAM (Selvaraju et al. 2017) promedia eso sobre las posiciones y suma los
# mapas con esos pesos:
#
# $$w_k = \frac{1}{HW}\sum_{ij}\frac{\partial y}{\partial A^k_{ij}}, \qquad
# L = \mathrm{ReLU}\Big(\sum_k w_k A^k\Big)$$

# %%
kept = {}


def keep(module, given, result):
    """Forward: the maps; backward: their gradient."""
    kept["maps"] = result.clone()
    result.register_hook(lambda gradient: kept.update(gradient=gradient))


hook = model.module.layer3.register_forward_hook(keep)
logit = model.module(x)[0, target]
logit.backward()
hook.remove()
model.module.zero_grad()
maps, gradient = kept["maps"][0].detach(), kept["gradient"][0]
weights = gradient.mean((1, 2))
by_hand = torch.relu((weights[:, None, None] * maps).sum(0)).numpy()
print(maps.shape, by_hand.shape, f"{logit.item():.3f}")

# %% [markdown] en
# The same from neurolupa's recording (activations *and* gradients in one call), from `nl.attribute`, and from
# Captum. Four ways, one map:

# %% [markdown] es
# Lo mismo con lo que graba neurolupa (activaciones *y* gradientes en una sola llamada), con `nl.attribute` y
# con Captum. Cuatro caminos, un mapa:

# %%
SITE = "layer3.1.relu"
recording = nl.record(model, x, SITE, gradients=True, target=target)
slopes = recording.gradients[SITE][0].mean((1, 2))
recorded = torch.relu((slopes[:, None, None] * recording[SITE][0]).sum(0)).numpy()
found = nl.attribute(model, cat, "gradcam", target="cat", site=SITE)
captum = LayerGradCam(model.module, model.module.layer3).attribute(x, target, relu_attributions=True)
ways = {"record": recorded, "attribute": found.map, "captum": captum[0, 0].detach().numpy()}
largest = {name: float(np.abs(each - by_hand).max() / by_hand.max()) for name, each in ways.items()}
assert max(largest.values()) < 1e-5
pd.Series(largest, name="largest difference").to_frame().map("{:.0e}".format)

# %%
nl.figures.attribution(found)

# %% [markdown] en
# At the left what the network saw: 32 x 32 pixels. The map has 8 x 8 positions, no more; whatever looks finer
# in an overlay is interpolation. At the right are the units that speak for and against the class.
#
# ## 2. The activation map is something else
#
# Which unit is *strongest* on this picture, and which one *carries the answer*? Rank all units by their mean
# activation, and by their contribution (gradient times activation, summed).

# %% [markdown] es
# A la izquierda, lo que vio la red: 32 x 32 píxeles. El mapa tiene 8 x 8 posiciones, ni una más; lo que
# parezca más fino en una superposición es interpolación. A la derecha, las unidades que hablan a favor y en
# contra de la clase.
#
# ## 2. El mapa de activación es otra cosa
#
# ¿Qué unidad es la *más fuerte* en esta imagen y cuál es la que *sostiene la respuesta*? Ordenamos todas las
# unidades por su activación media y por su contribución (gradiente por activación, sumado).

# %%
units = found.to_frame()
units["rank_activation"] = units["activation"].rank(ascending=False).astype(int)
units["rank_contribution"] = units["contribution"].abs().rank(ascending=False).astype(int)
strong = units.sort_values("activation", ascending=False).head(6)
strong[["unit", "activation", "rank_activation", "contribution", "rank_contribution"]].round(3)

# %%
mean_map = maps.mean(0).numpy()
classes = ("cat", "dog", "ship")
cams = {name: nl.attribute(model, cat, "gradcam", target=name, site=SITE) for name in classes}
figure = Figure(figsize=(8, 2.2), layout="constrained")
for axes, (name, each) in zip(
    figure.subplots(1, 5),
    {
        "picture": np.asarray(found.picture.seen),
        "mean activation": mean_map,
        **{name: each.map for name, each in cams.items()},
    }.items(),
    strict=True,
):
    axes.imshow(each)
    axes.set_title(name, fontsize=9)
    axes.set_axis_off()
figure

# %% [markdown] en
# The activation map is one and the same, whatever class you ask about. Grad-CAM has another map for every
# class, and that is the whole difference: *strong* is not *important*. A unit can be strong and speak against
# the class (a negative contribution), or strong and of no account.

# %% [markdown] es
# El mapa de activación es siempre el mismo, preguntes por la clase que preguntes. Grad-CAM tiene un mapa
# distinto para cada clase, y esa es toda la diferencia: *fuerte* no es *importante*. Una unidad puede ser
# fuerte y hablar en contra de la clase (contribución negativa), o ser fuerte y no pintar nada.

# %% [markdown] en
# ## 3. Down to the pixels: saliency and integrated gradients
#
# *Saliency* (Simonyan et al. 2013) is the gradient of the logit with respect to the pixels, the largest over
# the colours: where a small change would matter. *Integrated gradients* (Sundararajan et al. 2017) walks from
# a baseline $b$ (here the mean colour) to the picture and collects gradients on the way. It comes with a
# promise, **completeness**: the map adds up to the difference of the logits, $\sum_i \mathrm{IG}_i = y(x) -
# y(b)$. A promise can be checked. (The comparison with Captum proves little here: for pixels neurolupa asks
# Captum itself. Grad-CAM above is its own.)

# %% [markdown] es
# ## 3. Hasta los píxeles: saliencia y gradientes integrados
#
# La *saliencia* (Simonyan et al. 2013) es el gradiente del logit respecto a los píxeles, el mayor de los tres
# colores: dónde importaría un cambio pequeño. Los *gradientes integrados* (Sundararajan et al. 2017) caminan
# desde una imagen de base $b$ (aquí, el color medio) hasta la imagen y recogen gradientes por el camino.
# Vienen con una promesa, la **completitud**: el mapa suma la diferencia de los logits, $\sum_i \mathrm{IG}_i
# = y(x) - y(b)$. Y una promesa se puede comprobar. (Aquí la comparación con Captum prueba poco: para los
# píxeles, neurolupa llama al propio Captum. El Grad-CAM de arriba sí es suyo.)

# %%
saliency = nl.attribute(model, cat, "saliency", target="cat")
theirs = Saliency(model.module).attribute(x.clone().requires_grad_(True), target)[0].amax(0).numpy()
path = nl.attribute(model, cat, "integrated_gradients", target="cat", settings=Settings(steps=128))
whole = IntegratedGradients(model.module).attribute(x, torch.zeros_like(x), target, n_steps=128)
print(f"saliency: {np.abs(saliency.map - theirs).max():.0e}")
print(f"integrated: {np.abs(path.map - whole[0].sum(0).detach().numpy()).max():.0e}")

# %%
steps = (4, 8, 16, 32, 64, 128, 256)
rows = []
for count in steps:
    one = nl.attribute(model, cat, "integrated_gradients", target="cat", settings=Settings(steps=count))
    rows.append({"steps": count, "sum": one.map.sum(), "difference": one.facts["difference"]})
table = pd.DataFrame(rows)
table["error_%"] = 100 * (table["sum"] / table["difference"] - 1)
assert table["error_%"].iloc[-1].__abs__() < 5 < table["error_%"].iloc[0].__abs__()
table.round(2)

# %% [markdown] en
# With few steps the promise is broken by a wide margin: the logit bends sharply along the way. So never show
# integrated gradients without this error. And completeness says that the parts add up, **not** that they lie
# in the right place; any way of handing the same sum out over the pixels would be as complete. That takes
# tests.

# %% [markdown] es
# Con pocos pasos la promesa se rompe con creces: el logit da giros bruscos por el camino. Por eso, nunca
# enseñes gradientes integrados sin este error. Y la completitud dice que las partes suman, **no** que estén
# en su sitio; cualquier otro reparto de la misma suma entre los píxeles sería igual de completo. Para eso
# hacen falta pruebas.

# %%
methods = ("gradcam", "saliency", "integrated_gradients", "occlusion", "guided_backprop", "edges")
every = [nl.attribute(model, cat, name, target="cat") for name in methods]
nl.figures.attributions(every)

# %% [markdown] en
# ## 4. A test that can be failed: the network forgets
#
# Draw the layers anew, from the last to the first (Adebayo et al. 2018). A map that explains what the network
# *learnt* must change. Guided backpropagation gives the prettiest picture above; look at what it does when
# half of the layers are noise. `edges` never looks at the network: it shows what failing completely looks
# like.

# %% [markdown] es
# ## 4. Una prueba que se puede suspender: la red olvida
#
# Se vuelven a sortear las capas, de la última a la primera (Adebayo et al. 2018). Un mapa que explique lo que
# la red *aprendió* tiene que cambiar. La retropropagación guiada da la imagen más bonita de arriba; mira qué
# hace cuando la mitad de las capas son ruido. `edges` (bordes) nunca mira la red: así se ve un suspenso
# completo.

# %%
checks = {
    "gradcam": nl.sanity_check(model, cat, "gradcam", target="cat", site=SITE),
    "saliency": nl.sanity_check(model, cat, "saliency", target="cat"),
    "guided_backprop": nl.sanity_check(model, cat, "guided_backprop", target="cat"),
    "edges": nl.sanity_check(model, cat, "edges", target="cat", seeds=2),
}
verdicts = {
    name: {
        "half": check.mean("rank")[check.half],
        "all": check.mean("rank")[-1],
        "verdict": check.verdict.value,
    }
    for name, check in checks.items()
}
assert verdicts["guided_backprop"]["half"] > verdicts["saliency"]["half"] > verdicts["gradcam"]["half"]
pd.DataFrame(verdicts).T

# %%
nl.figures.sanity(checks["guided_backprop"])

# %% [markdown] en
# `half` and `all` are rank correlations with the map of the trained network, where half and all of the layers
# are random. The map of guided backpropagation stays much the same while the network forgets: it draws the
# picture's structure, whoever looks. Grad-CAM and saliency change. Passing is necessary and not sufficient:
# **a map that passes can still be wrong**.
#
# ## 5. Do the marked pixels matter? Deletion and insertion, with a null
#
# Cover the most marked pixels first, and follow the probability (deletion: a small area is good); uncover
# them in a blurred picture (insertion: a large area is good). Areas mean nothing alone: any patch in the
# middle of a cat does something. So the same map, rolled around and mirrored, serves as null: as smooth and
# as patchy, in other places. With 19 moved maps the smallest p possible is 0.05.

# %% [markdown] es
# `half` y `all` son correlaciones de rangos con el mapa de la red entrenada, con la mitad y con todas las
# capas al azar. El mapa de la retropropagación guiada sigue casi igual mientras la red olvida: dibuja la
# estructura de la imagen, mire quien mire. Grad-CAM y la saliencia cambian. Aprobar es necesario y no basta:
# **un mapa que aprueba puede seguir siendo falso**.
#
# ## 5. ¿Importan los píxeles marcados? Borrar e insertar, con hipótesis nula
#
# Se tapan primero los píxeles más marcados y se sigue la probabilidad (borrado: un área pequeña es buena); se
# destapan en una imagen borrosa (inserción: un área grande es buena). Las áreas solas no significan nada:
# cualquier parche en medio de un gato hace algo. Por eso sirve de hipótesis nula el mismo mapa, desplazado y
# reflejado: igual de liso y de troceado, en otros sitios. Con 19 mapas movidos, la menor p posible es 0,05.

# %%
asked = [("cat", images[0]), ("ship", images[3]), ("automobile", images[4])]
rows = []
for name, picture in asked:
    for method in ("gradcam", "saliency", "integrated_gradients", "edges"):
        judged = nl.deletion_insertion(model, nl.attribute(model, picture, method, target=name), moved=19)
        rows.append(
            {
                "picture": picture.class_name,
                "class": name,
                "method": method,
                "deletion": judged.deletion.area,
                "p_deletion": judged.deletion.p,
                "insertion": judged.insertion.area,
                "p_insertion": judged.insertion.p,
            }
        )
tests = pd.DataFrame(rows)
tests.round(2)

# %%
nl.figures.deletion_insertion(nl.deletion_insertion(model, path))

# %%
least = tests[["p_deletion", "p_insertion"]].min(axis=1)
passed = (tests[["p_deletion", "p_insertion"]] <= 0.05).sum(axis=1)
tests.assign(passed=passed).pivot(index="method", columns="picture", values="passed").loc[
    ["gradcam", "saliency", "integrated_gradients", "edges"]
]

# %% [markdown] en
# Of two tests a map can pass 0, 1 or 2. No method passes everywhere. On the cat, Grad-CAM at the last layer
# (the default site) passes neither: its 4 x 4 map marks the nose, and covering other places costs the network
# more. That is no fault of the program, which agrees with Captum to the last digits; it is what a map of
# sixteen positions can do on a picture that is all cat. Three pictures are no study of methods either. They
# are a reason to test *your* map before you show it.

# %% [markdown] es
# De dos pruebas, un mapa puede aprobar 0, 1 o 2. Ningún método aprueba siempre. Con el gato, Grad-CAM en la
# última capa (el sitio por defecto) no aprueba ninguna: su mapa de 4 x 4 marca la nariz, y tapar otros sitios
# le cuesta más a la red. No es un fallo del programa, que coincide con Captum hasta las últimas cifras; es lo
# que da de sí un mapa de dieciséis posiciones en una imagen que es toda gato. Tres imágenes tampoco son un
# estudio de métodos. Son un motivo para poner a prueba *tu* mapa antes de enseñarlo.

# %%
first = tests[(tests["class"] == "cat") & (tests["method"] == "gradcam")].iloc[0]
assert first["p_deletion"] > 0.5
assert first["p_insertion"] > 0.5
assert (passed < 2).groupby(tests["method"]).any().all()

# %% [markdown] en
# ## 6. Switching units off
#
# The gradient *promises* what a unit does; ablation *measures* it. Each of the 64 units is set to zero alone,
# and the change of the logit stands beside what the gradient expects.

# %% [markdown] es
# ## 6. Apagar unidades
#
# El gradiente *promete* lo que hace una unidad; la ablación lo *mide*. Cada una de las 64 unidades se pone a
# cero ella sola, y el cambio del logit queda al lado de lo que espera el gradiente.

# %%
effects = nl.unit_effects(model, cat, SITE, target="cat")
nl.figures.unit_effects(effects)

# %%
agreement = {
    site: nl.unit_effects(model, cat, site, target="cat").agreement
    for site in ("layer1.1.relu", "layer2.1.relu", "layer3.1.relu", "layer4.0.relu", "layer4.1.relu")
}
assert agreement["layer4.1.relu"] > 0.9999 > agreement["layer1.1.relu"]
pd.Series(agreement, name="agreement").to_frame().round(4)

# %% [markdown] en
# At the last site the agreement is exactly 1: from there on the network only averages and multiplies, and the
# gradient of a linear function is the whole truth. Further back rectifiers lie between, and the promise gets
# worse, in the first layers much worse. No single unit of layer 3 turns the answer; that does not make them
# unimportant *together*:

# %% [markdown] es
# En el último sitio la coincidencia es exactamente 1: desde ahí la red solo promedia y multiplica, y el
# gradiente de una función lineal es toda la verdad. Más atrás hay rectificadores por medio, y la promesa
# empeora, en las primeras capas mucho. Ninguna unidad de la capa 3 cambia por sí sola la respuesta; eso no
# las hace poco importantes *juntas*:

# %%
ranked = effects.to_frame()["unit"].tolist()
random = np.random.default_rng(0)
together = []
for size in (1, 4, 8, 16):
    groups = [ranked[:size], *(random.choice(64, size, replace=False).tolist() for _ in range(20))]
    off = nl.ablate(model, nl.load_images("samples?classes=cat"), SITE, groups, truth="prediction").to_frame()
    lost = -off["logit_change"].to_numpy()
    together.append(
        {"units": size, "chosen": lost[0], "random_mean": lost[1:].mean(), "random_max": lost[1:].max()}
    )
joint = pd.DataFrame(together)
joint.round(2)

# %% [markdown] en
# `chosen` are the units that cost most one by one, switched off together; beside them 20 random groups of the
# same size. The choice was made on this very picture, so of course it wins here: a fair test would choose on
# some pictures and measure on others.
#
# ## 7. Towards the Grad-CAM module
#
# What this module had, the next one needs:
#
# | here | there |
# |---|---|
# | `nl.record`: maps and gradients of any site | Grad-CAM, and every variation of its weights |
# | `nl.layers`, receptive fields, site names | which layer? 8 x 8 positions or 4 x 4? |
# | activation maps, overlays | the same overlays, now for a class |
# | dead and selective units | which of them get a weight at all |
# | `sanity_check`, `deletion_insertion` | no map without a test |
# | `unit_effects`, `ablate` | weights by ablation in the place of gradients (Ablation-CAM) |
#
# Three habits to take along: say the **site** and the **class** of every map; never stretch a map to 0..1
# without saying so; show the **null** beside it.

# %% [markdown] es
# `chosen` son las unidades que más cuestan una a una, apagadas juntas; al lado, 20 grupos al azar del mismo
# tamaño. La elección se hizo con esta misma imagen, así que claro que aquí gana: una prueba justa elegiría
# con unas imágenes y mediría con otras.
#
# ## 7. Hacia el módulo de Grad-CAM
#
# Lo que tenía este módulo lo necesita el siguiente:
#
# | aquí | allí |
# |---|---|
# | `nl.record`: mapas y gradientes de cualquier sitio | Grad-CAM y cada variante de sus pesos |
# | `nl.layers`, campos receptivos, nombres de sitios | ¿qué capa? ¿8 x 8 posiciones o 4 x 4? |
# | mapas de activación, superposiciones | las mismas superposiciones, ahora para una clase |
# | unidades muertas y selectivas | cuáles de ellas reciben algún peso |
# | `sanity_check`, `deletion_insertion` | ningún mapa sin prueba |
# | `unit_effects`, `ablate` | pesos por ablación en lugar de gradientes (Ablation-CAM) |
#
# Tres costumbres para el camino: di de qué **sitio** y de qué **clase** es cada mapa; nunca estires un mapa a
# 0..1 sin decirlo; enseña al lado la **hipótesis nula**.

# %% [markdown] en
# ## Questions
#
# 1. Drop the ReLU in section 1 (`gradcam_signed`). What do the negative positions mean, and what does the
#    ReLU hide?
# 2. In section 2, find a unit that is among the ten strongest and speaks *against* the cat. What would happen
#    to the logit without it? Check with `nl.unit_effects`.
# 3. Change the baseline of integrated gradients to `Settings(baseline="black")`. Does the sum still agree? Is
#    the map the same? Which of the two would you show?
# 4. `edges` passes an insertion test above, though it has never seen the network. What does that tell you
#    about the test?
# 5. Why can the agreement of section 6 be high although no unit flips the answer?
# 6. Write weights by ablation (the loss of the logit without each unit) in the place of `weights` in section
#    1. Compare the two maps by rank correlation.

# %% [markdown] es
# ## Preguntas
#
# 1. Quita la ReLU del apartado 1 (`gradcam_signed`). ¿Qué significan las posiciones negativas y qué oculta la
#    ReLU?
# 2. En el apartado 2, busca una unidad que esté entre las diez más fuertes y hable *en contra* del gato. ¿Qué
#    le pasaría al logit sin ella? Compruébalo con `nl.unit_effects`.
# 3. Cambia la base de los gradientes integrados a `Settings(baseline="black")`. ¿Sigue cuadrando la suma? ¿Es
#    el mismo mapa? ¿Cuál de los dos enseñarías?
# 4. `edges` aprueba arriba una prueba de inserción sin haber visto nunca la red. ¿Qué te dice eso de la
#    prueba?
# 5. ¿Por qué puede ser alta la coincidencia del apartado 6 aunque ninguna unidad cambie la respuesta?
# 6. Pon pesos por ablación (lo que pierde el logit sin cada unidad) en lugar de `weights` en el apartado 1.
#    Compara los dos mapas con la correlación de rangos.
