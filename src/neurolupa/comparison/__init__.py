"""One thing beside another: classes within an atlas, and two atlases."""
