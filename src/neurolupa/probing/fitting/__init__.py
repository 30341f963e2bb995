"""Linear probes: many strengths and folds at once, chosen on the training part, scored on the rest."""
