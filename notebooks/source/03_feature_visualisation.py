"""Notebook 03: pictures made to drive a unit, what they show and what they do not."""

# ruff: noqa: B018

# %% [markdown] en
# # 03 · Feature visualisation
#
# What would a unit like to see most? Nothing forbids us to ask: start with noise, and change the picture step
# by step in the direction that raises the unit. What comes out is called its *ideal picture*.
#
# **What you will learn**
#
# - to write this optimisation by hand in ten lines, and why the result disappoints
# - what the start, the parameterisation and the regularisers each do
# - to ask for several different pictures of one unit
# - DeepDream: the same with a photograph as the start
# - to tell what the network put into a picture from what the method did, with a null
# - why an ideal picture is not an explanation
#
# Everything runs offline on the network that ships with neurolupa (CIFAR-10, 32 x 32 pixels), in about a
# minute.

# %% [markdown] es
# # 03 · Visualización de características
#
# ¿Qué es lo que más le gustaría ver a una unidad? Nada impide preguntárselo: se empieza con ruido y se cambia
# la imagen, paso a paso, en la dirección que aumenta la unidad. A lo que sale se le llama su *imagen ideal*.
#
# **Qué vas a aprender**
#
# - a escribir esta optimización a mano en diez líneas, y por qué el resultado decepciona
# - qué hacen el punto de partida, la parametrización y cada regularizador
# - a pedir varias imágenes distintas de una misma unidad
# - DeepDream: lo mismo, pero empezando con una fotografía
# - a distinguir lo que pone la red de lo que pone el método, con una hipótesis nula
# - por qué una imagen ideal no es una explicación
#
# Todo funciona sin conexión con la red que viene con neurolupa (CIFAR-10, 32 x 32 píxeles), en un minuto más
# o menos. Las figuras están en inglés porque el código se ejecuta una sola vez para los dos idiomas; con
# `lang="es"` salen en español.

# %%
# %matplotlib inline
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure
from PIL import Image

import neurolupa as nl
from neurolupa.probing import random_twin
from neurolupa.synthesis import METHODS, TotalVariation, Unit

model = nl.load_model("embedded")
workplace = TemporaryDirectory()
SITE, UNIT = "layer3.1.relu", 2
print(model.name, SITE, UNIT)


def row(pictures, titles, width=1.6):
    """Pictures (3, H, W) of 0 to 1 beside each other."""
    figure = Figure(figsize=(width * len(pictures), width + 0.3), layout="constrained")
    for axes, picture, title in zip(
        np.atleast_1d(figure.subplots(1, len(pictures))), pictures, titles, strict=True
    ):
        axes.imshow(np.clip(np.moveaxis(picture, 0, 2), 0, 1), interpolation="nearest")
        axes.set_title(title, fontsize=9)
        axes.set_axis_off()
    return figure


# %% [markdown] en
# ## 1. By hand
#
# The recipe is that of training, with the roles exchanged: the weights stay, the picture learns.
# `forward_hook` catches the unit's map, the loss is minus its mean, and Adam does the rest.

# %% [markdown] es
# ## 1. A mano
#
# La receta es la del entrenamiento con los papeles cambiados: los pesos se quedan quietos y aprende la
# imagen. Un *hook* de la pasada hacia delante atrapa el mapa de la unidad, la pérdida es menos su media, y
# Adam hace el resto.

# %%
caught = {}
hook = model.module.layer3.register_forward_hook(lambda module, given, result: caught.update(maps=result))
mean, std = (
    torch.tensor(one).view(1, 3, 1, 1) for one in (model.preprocessing.mean, model.preprocessing.std)
)
picture = 0.5 + 0.05 * torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
picture.requires_grad_(True)
climber = torch.optim.Adam([picture], lr=0.05)
curve = []
for _ in range(128):
    climber.zero_grad()
    model.module((picture.clamp(0, 1) - mean) / std)
    activation = caught["maps"][0, UNIT].mean()
    (-activation).backward()
    climber.step()
    curve.append(activation.item())
hook.remove()
by_hand = picture.detach().clamp(0, 1)[0].numpy()
print([round(curve[step], 2) for step in (0, 15, 31, 63, 127)])

# %% [markdown] en
# The activation climbs steeply. Now look at what drives it, beside the three methods of `nl.synthesize` for
# the same unit:
#
# - `pixel` optimises pixels, as we did, but moves, turns and scales the picture a little before every step
# - `fourier` optimises the coefficients of a Fourier transform in decorrelated colours: large and small
#   structures grow alike
# - `maco` keeps the amplitudes of natural pictures and changes the phases alone

# %% [markdown] es
# La activación sube con fuerza. Ahora mira qué es lo que la hace subir, junto a los tres métodos de
# `nl.synthesize` para la misma unidad:
#
# - `pixel` optimiza píxeles, como nosotros, pero mueve, gira y escala un poco la imagen antes de cada paso
# - `fourier` optimiza los coeficientes de una transformada de Fourier con colores decorrelacionados: las
#   estructuras grandes y las pequeñas crecen por igual
# - `maco` conserva las amplitudes de las imágenes naturales y cambia solo las fases

# %%
made = {name: nl.synthesize(model, SITE, UNIT, name) for name in ("pixel", "fourier", "maco")}
row([by_hand, *(one.images[0] for one in made.values())], ["by hand", *made])

# %% [markdown] en
# ## 2. What each regulariser does
#
# The picture by hand is noise to us, and an excellent picture to the unit. It sits on a needle: move it a
# little and the unit falls. So for eight units we measure three things of each recipe:
#
# - `activation`: what the picture reaches, as it is
# - `moved`: what is left of it when the picture is rolled by two pixels, as a share
# - `fine`: the share of its power in the finest detail (above 0.35 cycles a pixel), where noise lives

# %% [markdown] es
# ## 2. Qué hace cada regularizador
#
# La imagen hecha a mano es ruido para nosotros y una imagen excelente para la unidad. Está en la punta de una
# aguja: basta moverla un poco para que la unidad se caiga. Por eso medimos, con ocho unidades, tres cosas de
# cada receta:
#
# - `activation`: lo que alcanza la imagen tal como es
# - `moved`: qué parte queda cuando la imagen se desplaza dos píxeles
# - `fine`: qué parte de su potencia está en el detalle más fino (por encima de 0,35 ciclos por píxel), donde
#   vive el ruido

# %%
down, across = np.meshgrid(np.fft.fftfreq(32), np.fft.fftfreq(32), indexing="ij")
radius = np.hypot(down, across)


def power(picture):
    """The power spectrum of the grey picture, faded out at its borders."""
    grey = picture.mean(0)
    return np.abs(np.fft.fft2((grey - grey.mean()) * np.outer(np.hanning(32), np.hanning(32)))) ** 2


def measured(images, units):
    """Means over the pictures, each made for one of the units."""
    pictures = torch.from_numpy(images)
    rolls = [pictures] + [pictures.roll(by, (2, 3)) for by in ((2, 0), (-2, 0), (0, 2), (0, -2))]
    maps = [nl.record(model, (one - mean) / std, SITE)[SITE].mean((2, 3)) for one in rolls]
    reached = np.stack([one[range(len(units)), units].numpy() for one in maps])
    spectra = [power(one) for one in images]
    fine = np.mean([one[radius > 0.35].sum() / one.sum() for one in spectra])
    return {"activation": reached[0].mean(), "moved": (reached[1:].mean(0) / reached[0]).mean(), "fine": fine}


units = list(range(8))
recipes = {
    "pixel, still": METHODS["pixel"].altered(transforms=()),
    "pixel": METHODS["pixel"],
    "fourier, still": METHODS["fourier"].altered(transforms=()),
    "fourier": METHODS["fourier"],
    "maco": METHODS["maco"],
}
found = {name: nl.synthesize(model, SITE, units, recipe=recipe).images for name, recipe in recipes.items()}
for weight in (5, 20):
    wanted = [Unit(SITE, unit) - weight * TotalVariation() for unit in units]
    found[f"fourier, TV {weight}"] = nl.synthesize(model, objectives=wanted).images
trade = pd.DataFrame({name: measured(images, units) for name, images in found.items()}).T
trade.round(2)

# %%
row([images[UNIT] for images in found.values()], list(found))

# %% [markdown] en
# Read the table as a trade. Without the small movements (`still`) a picture reaches more, and loses more of
# it when it is moved. Fourier coefficients take most of the noise away. A penalty on the total variation (TV)
# smooths further, and is paid for with activation; more of it leaves little but blurred bands. **None of
# these is "right"**: each is a decision of ours about what a picture should look like, and it is ours that we
# see in the smoothness, not the network's.

# %% [markdown] es
# Lee la tabla como un trueque. Sin los pequeños movimientos (`still`) la imagen alcanza más, y pierde más
# cuando se la mueve. Los coeficientes de Fourier quitan la mayor parte del ruido. Una penalización de la
# variación total (TV) alisa todavía más, y se paga con activación; si se exagera, apenas quedan franjas
# borrosas. **Ninguna es «la correcta»**: cada una es una decisión nuestra sobre el aspecto que debe tener una
# imagen, y lo liso que vemos es cosa nuestra, no de la red.

# %%
shaken, still = trade.loc["pixel"], trade.loc["pixel, still"]
assert still["activation"] > shaken["activation"]
assert still["moved"] < shaken["moved"]
assert trade.loc["fourier", "fine"] < shaken["fine"] / 2

# %% [markdown] en
# ## 3. Does the start matter? Several pictures of one unit
#
# Six starts from different noise give six pictures. `stability` is how alike they are to the network's own
# last layer (mean cosine over pairs); `stability_null` is the same between pictures of *different* units. The
# first number means nothing without the second.

# %% [markdown] es
# ## 3. ¿Importa el punto de partida? Varias imágenes de una unidad
#
# Seis puntos de partida con ruido distinto dan seis imágenes. `stability` dice cuánto se parecen para la
# última capa de la propia red (coseno medio entre pares); `stability_null` es lo mismo entre imágenes de
# unidades *distintas*. El primer número no significa nada sin el segundo.

# %%
pair = nl.synthesize(model, SITE, [UNIT, 6], copies=6)
pair.to_frame().groupby("unit")[["activation", "stability", "stability_null"]].mean().round(2)

# %%
nl.figures.synthesis_grid(pair, columns=6)

# %% [markdown] en
# The start hardly matters: the copies of a unit are variations of one picture. That is comfortable, and it
# can deceive. A unit may have other things that it likes; the optimiser always climbs the same hill.
# `diversity` pushes the copies apart while they climb.

# %% [markdown] es
# El punto de partida apenas importa: las copias de una unidad son variaciones de una sola imagen. Es cómodo,
# y puede engañar. Quizá a la unidad le gustan también otras cosas; el optimizador sube siempre a la misma
# colina. `diversity` separa las copias mientras suben.

# %%
pushes = (0, 1, 3, 6)
apart = {push: nl.synthesize(model, SITE, UNIT, copies=4, diversity=push) for push in pushes}
reached = {push: [quality.mean for quality in one.quality] for push, one in apart.items()}
alike = {push: np.mean([quality.stability for quality in one.quality]) for push, one in apart.items()}
pd.DataFrame(
    {
        "weakest": {push: min(values) for push, values in reached.items()},
        "strongest": {push: max(values) for push, values in reached.items()},
        "stability": alike,
    }
).rename_axis("diversity").round(2)

# %%
row(list(apart[3].images), [f"{value:.1f}" for value in reached[3]])

# %% [markdown] en
# Pictures that the network itself hardly takes for alike drive the unit almost as high (above each: the
# activation). So "the" ideal picture of a unit does not exist; there is a whole family, and the optimiser
# shows the member that is easiest to reach.

# %% [markdown] es
# Hay imágenes que la propia red apenas encuentra parecidas y que aumentan la unidad casi lo mismo (encima de
# cada una, la activación). Así que «la» imagen ideal de una unidad no existe: hay toda una familia, y el
# optimizador enseña al miembro al que es más fácil llegar.

# %%
assert alike[3] < 0.6 * alike[0]
assert min(reached[3]) > 0.5 * max(reached[0])

# %% [markdown] en
# ## 4. Natural pictures beside it
#
# An atlas knows which pictures of a set drive the unit most. Put them beside the synthetic one, always.
# People who had to predict which pictures drive a unit did better with natural exemplars (92 % right) than
# with synthetic pictures (82 %; Borowski et al. 2021).

# %% [markdown] es
# ## 4. Al lado, imágenes naturales
#
# Un atlas sabe qué imágenes de un conjunto aumentan más la unidad. Ponlas siempre junto a la sintética. Las
# personas que tenían que predecir qué imágenes activan una unidad acertaron más con ejemplares naturales (92
# %) que con imágenes sintéticas (82 %; Borowski et al. 2021).

# %%
images = nl.load_images("stimuli?target=texture&size=32&count=400")
atlas = nl.scan(model, images, SITE, out=Path(workplace.name) / "atlas")
beside = nl.synthesize(model, SITE, range(16), atlas=atlas)
nl.figures.synthetic_beside_natural(beside, UNIT, atlas)

# %% [markdown] en
# (Here the "natural" pictures are drawn stimuli, whose every factor is known; with your own folder of
# photographs it works the same way.) Both sides agree on horizontal stripes. What the stimuli cannot say,
# because they contain none, is whether the blue and the little windows matter too.

# %% [markdown] es
# (Aquí las imágenes «naturales» son estímulos dibujados, de los que se conoce cada factor; con una carpeta
# tuya de fotografías es igual.) Los dos lados coinciden en las rayas horizontales. Lo que los estímulos no
# pueden decir, porque no lo contienen, es si importan también el azul y las ventanitas.

# %% [markdown] en
# ## 5. Real, or an artefact of the method?
#
# Ideal pictures are full of texture. Is that the unit, or would *any* optimisation look like this? Two tests.
#
# **A network that learnt nothing.** `random_twin` draws every layer anew. If its units' pictures looked like
# those above, the look would say nothing of training.

# %% [markdown] es
# ## 5. ¿Real, o un artefacto del método?
#
# Las imágenes ideales están llenas de textura. ¿Es cosa de la unidad, o saldría lo mismo de *cualquier*
# optimización? Dos pruebas.
#
# **Una red que no ha aprendido nada.** `random_twin` vuelve a sortear cada capa. Si las imágenes de sus
# unidades se parecieran a las de arriba, su aspecto no diría nada del entrenamiento.

# %%
some = [0, 2, 4, 6]
twin = nl.synthesize(random_twin(model), SITE, some)
columns = [f"{name} {unit}" for name in ("trained", "random") for unit in some]
row([*beside.images[some], *twin.images], columns)

# %% [markdown] en
# Random units want plain, glaring colours and a few blurred structures. So the *saturated colours* are what
# any optimisation gives; the fine, repeated patterns came with training. (Eight pictures are an impression,
# not a measurement. The second test measures.)

# %% [markdown] es
# Las unidades al azar quieren colores planos y chillones y alguna estructura borrosa. Así que los *colores
# saturados* salen de cualquier optimización; los motivos finos y repetidos llegaron con el entrenamiento.
# (Ocho imágenes son una impresión, no una medida. La segunda prueba sí mide.)

# %% [markdown] en
# **A prediction.** A picture that tells the truth must predict something that was not used to make it. Take
# all units of one layer; read the dominant orientation of each ideal picture off its spectrum; and measure,
# with gratings, which orientation the unit truly prefers. The null: the same pictures dealt out to other
# units.

# %% [markdown] es
# **Una predicción.** Una imagen que dice la verdad tiene que predecir algo que no se usó para hacerla.
# Tomamos todas las unidades de una capa, leemos en el espectro de cada imagen ideal su orientación dominante,
# y medimos con rejillas qué orientación prefiere de verdad la unidad. La hipótesis nula: las mismas imágenes,
# repartidas entre otras unidades.

# %%
PLACE = "layer2.0.relu"
ideal = nl.synthesize(model, PLACE)
tuned = nl.tuning(model, PLACE, factors="orientation", shuffles=199).to_frame()


def orientation(picture):
    """In degrees, of the bars; angles are doubled, since 180 is 0 again."""
    energy = power(picture) * (radius > 0.04)
    doubled = (energy * np.exp(2j * np.arctan2(-down, across))).sum()
    return (np.degrees(np.angle(doubled)) / 2 + 90) % 180


def apart_by(first, second):
    """Degrees between two orientations, 0 to 90."""
    return np.abs((first - second + 90) % 180 - 90)


kept = ((tuned["p"] <= 0.01) & (tuned["index"] > 0.1)).to_numpy()
read = np.array([orientation(one) for one in ideal.images])[kept]
preferred = tuned["angle"].to_numpy()[kept]
error = apart_by(read, preferred).mean()
random = np.random.default_rng(0)
null = np.array([apart_by(random.permutation(read), preferred).mean() for _ in range(999)])
p = (1 + (null <= error).sum()) / 1000
print(f"units {kept.sum()} of {len(kept)}; error {error:.1f} deg; null {null.mean():.1f} deg; p {p:.3f}")

# %%
figure = Figure(figsize=(7, 2.8), layout="constrained")
left, right = figure.subplots(1, 2)
left.scatter(preferred, read, s=14)
left.plot([0, 180], [0, 180], "k:", lw=0.8)
left.set(xlabel="gratings (degrees)", ylabel="ideal picture (degrees)")
right.hist(null, 30, color="lightgrey")
right.axvline(error, color="firebrick")
right.set(xlabel="mean error (degrees)", ylabel="shuffles")
figure

# %% [markdown] en
# Chance would give 45 degrees for orientations spread evenly; the shuffles take into account how uneven they
# are. The pictures do much better: the *orientation* in them is the unit's. That licenses no more than this
# one property, at this one layer. Points in the corners at top left or bottom right are no outliers: 179
# degrees is next to 1.

# %% [markdown] es
# El azar daría 45 grados si las orientaciones estuvieran repartidas por igual; las permutaciones tienen en
# cuenta lo desigual que es el reparto. Las imágenes lo hacen mucho mejor: la *orientación* que se ve en ellas
# es de la unidad. Eso no autoriza más que esta propiedad, en esta capa. Los puntos de las esquinas superior
# izquierda e inferior derecha no son errores: 179 grados está al lado de 1.

# %%
assert p <= 0.01
assert error < null.mean() - 5

# %% [markdown] en
# ## 6. DeepDream: a photograph as the start
#
# `nl.dream` begins with a picture and drives a whole layer, at several sizes. As a control, the same with a
# picture that holds nothing: grey clouds of blurred noise.

# %% [markdown] es
# ## 6. DeepDream: una fotografía como punto de partida
#
# `nl.dream` empieza con una imagen y hace subir una capa entera, a varios tamaños. Como control, lo mismo con
# una imagen en la que no hay nada: nubes grises de ruido difuminado.

# %%
cat = nl.load_images("samples")[0]
noise = np.random.default_rng(0).integers(100, 156, (7, 10), dtype=np.uint8)
clouds = Image.fromarray(noise).resize((144, 108), Image.Resampling.BICUBIC).convert("RGB")
nights = [nl.dream(model, one, SITE, steps=20, most=12_000) for one in (cat.image, clouds)]
print([[(one.width, one.height, round(one.after, 2)) for one in night.octaves] for night in nights])
row([nights[0].original, nights[0].picture], ["cat", "cat, dreamt"], 3)

# %%
row([nights[1].original, nights[1].picture], ["clouds", "clouds, dreamt"], 3)

# %% [markdown] en
# Eyes, beaks and fur appear in the cat, and in the clouds too, where there is nothing: a dream shows what the
# layer looks for, not what is in the picture. (`nl.figures.dream_beside_original` draws the pair with the
# curve of what was driven.)

# %% [markdown] es
# En el gato aparecen ojos, picos y pelo, y en las nubes también, donde no hay nada: un sueño enseña lo que
# busca la capa, no lo que hay en la imagen. (`nl.figures.dream_beside_original` dibuja la pareja con la curva
# de lo que se hizo subir.)

# %% [markdown] en
# ## 7. Why an ideal picture is not an explanation
#
# Sixteen units, each with its ideal picture. For every picture we ask: how far above the highest natural
# value is it? And how many *other* units of the layer does the same picture also drive above anything that
# they reached on the 400 stimuli?

# %% [markdown] es
# ## 7. Por qué una imagen ideal no es una explicación
#
# Dieciséis unidades, cada una con su imagen ideal. De cada imagen preguntamos: ¿cuánto supera el mayor valor
# natural? ¿Y a cuántas *otras* unidades de la capa lleva esa misma imagen por encima de todo lo que
# alcanzaron con los 400 estímulos?

# %%
highest = np.asarray(atlas.samples(SITE).mean).max(0)
reached = nl.record(model, (torch.from_numpy(beside.images) - mean) / std, SITE)[SITE].mean((2, 3)).numpy()
above = reached > highest
judged = beside.to_frame()[["unit", "rank", "mean_ratio"]].assign(others_above=above.sum(1) - 1)
guesses = [model.predict(beside.picture(place), k=1)[0] for place in range(len(beside))]
judged["answer"] = [guess.name for guess in guesses]
judged["probability"] = [guess.probability for guess in guesses]
judged.round(2)

# %%
photographs = torch.stack([model.prepare(one.image) for one in nl.load_images("samples")])
unmade = (nl.record(model, photographs, SITE)[SITE].mean((2, 3)).numpy() > highest).sum(1)
others = judged["others_above"].mean()
print(f"times the best of 400 stimuli: {judged['mean_ratio'].min():.1f} to {judged['mean_ratio'].max():.1f}")
print(f"others above their own best: {others:.1f} of {above.shape[1] - 1}; N = {len(judged)} pictures")
print(f"on photographs made for no unit: {unmade.mean():.1f} of {above.shape[1]}; N = {len(unmade)}")
assert (judged["rank"] == 1).mean() > 0.8
assert others > unmade.mean()

# %% [markdown] en
# Each picture is the unit's own (`rank` 1), yet a good part of the layer is above its own best at the same
# time. The last line is the control: stimuli are poor pictures, so that even a photograph, made for no unit,
# surpasses some of these bests. The ideal pictures surpass more. So:
#
# 1. **It is far away.** The picture drives the unit several times higher than anything natural; what happens
#    there says little of what happens on photographs.
# 2. **It is not exclusive.** Many units are driven at once; you cannot point at a detail and say "that is
#    what this unit is".
# 3. **It is one of many**, as section 3 showed, and its look is partly our choice, as section 2 showed.
# 4. **It says what raises the unit, not what the unit does for the answer.** That is asked with ablation
#    (notebooks 05, 06).
# 5. **The network's answer to it means nothing.** It names one of ten classes for any picture at all.
#
# An ideal picture is a *hypothesis generator*. The test comes afterwards, with pictures that were not made
# for the unit.

# %% [markdown] es
# Cada imagen es de su unidad (`rank` 1) y, sin embargo, una buena parte de la capa supera al mismo tiempo su
# propio máximo. La última línea es el control: los estímulos son imágenes pobres, y hasta una fotografía, que
# no se hizo para ninguna unidad, supera algunos de esos máximos. Las imágenes ideales superan más. Por tanto:
#
# 1. **Está muy lejos.** La imagen lleva la unidad varias veces más alto que cualquier imagen natural; lo que
#    pasa allí dice poco de lo que pasa con fotografías.
# 2. **No es exclusiva.** Aumenta muchas unidades a la vez; no se puede señalar un detalle y decir «esto es
#    esta unidad».
# 3. **Es una entre muchas**, como vimos en el apartado 3, y su aspecto es en parte decisión nuestra, como
#    vimos en el 2.
# 4. **Dice qué aumenta la unidad, no qué aporta la unidad a la respuesta.** Eso se pregunta con ablación
#    (cuadernos 05 y 06).
# 5. **La respuesta de la red ante ella no significa nada.** Nombra una de diez clases ante cualquier imagen.
#
# Una imagen ideal es un *generador de hipótesis*. La prueba viene después, con imágenes que no se hicieron
# para la unidad.

# %%
workplace.cleanup()

# %% [markdown] en
# ## Questions
#
# 1. In section 1, what would happen without `.clamp(0, 1)`? Try it, and look at the smallest and the largest
#    pixel.
# 2. Why does rolling a picture by two pixels change the mean of a map at all, where a convolution is the same
#    everywhere? (Think of strides, of padding and of the seam.)
# 3. The recipe `fourier` reaches less than `fourier, still`. Why would you still prefer it?
# 4. With `diversity=6` one copy may be much weaker. How would you tell a second preference of the unit from a
#    picture that is merely worse?
# 5. Section 5 tests orientation. Design the same test for hue: what would you measure on the picture, what
#    with stimuli, and what would you shuffle?
# 6. A colleague shows you an ideal picture with an eye in it and says "this is an eye detector". Which two
#    experiments would you ask for?

# %% [markdown] es
# ## Preguntas
#
# 1. En el apartado 1, ¿qué pasaría sin `.clamp(0, 1)`? Pruébalo y mira el píxel menor y el mayor.
# 2. ¿Por qué cambia la media de un mapa al desplazar la imagen dos píxeles, si una convolución es igual en
#    todas partes? (Piensa en los pasos, el relleno y la costura.)
# 3. La receta `fourier` alcanza menos que `fourier, still`. ¿Por qué la preferirías aun así?
# 4. Con `diversity=6` alguna copia puede ser mucho más débil. ¿Cómo distinguirías una segunda preferencia de
#    la unidad de una imagen que simplemente es peor?
# 5. El apartado 5 pone a prueba la orientación. Diseña la misma prueba para el tono: ¿qué medirías en la
#    imagen, qué con estímulos, y qué permutarías?
# 6. Alguien te enseña una imagen ideal con un ojo y dice «es un detector de ojos». ¿Qué dos experimentos le
#    pedirías?
