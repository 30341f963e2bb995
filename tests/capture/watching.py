"""Values at sites, kept for comparing."""

from neurolupa.capture import observe, trace


def watch(model, selection, *batches):
    """Clones of the values of a selection, by address, of the last batch."""
    values = {}
    with observe(
        model, trace(model).select(selection), lambda s, v: values.update({s.address: v.clone()})
    ) as run:
        for images in batches:
            values.clear()
            run(images)
    return values
