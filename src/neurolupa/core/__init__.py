"""Pure tensor maths: no model, no file, no picture of a plot."""
