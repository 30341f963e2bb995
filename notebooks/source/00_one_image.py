"""Notebook 00: one image through one network."""

# %% [markdown] en
# # 00 · One image
#
# What do the units of a network do with one picture?

# %% [markdown] es
# # 00 · Una imagen
#
# ¿Qué hacen las unidades de una red con una imagen?

# %%
# %matplotlib inline
import neurolupa as nl

model = nl.load_model("embedded")
print(model.info())

# %%
images = nl.load_images("samples")
found = nl.inspect(model, images[0], site="layer2.0.conv1", point="relu", images=images)
nl.figures.analysis_overview(found)
