"""The training run: epoch after epoch, each kept on disk, so that an interrupted run goes on where it was."""

import json
import time
from dataclasses import asdict
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from neurolupa.models import Preprocessing
from neurolupa.models.embedded.network import SlimResNet
from training.pictures import Pictures, batches, normalise
from training.recipe import Recipe

CHECKPOINT = "checkpoint.pt"
CURVE = "curve.jsonl"


class Run:
    """One training run in its folder: `checkpoint.pt` after every epoch, `curve.jsonl` with a line for each.

    Raises:
        SystemExit: The folder holds a run of another recipe.
    """

    def __init__(self, folder: Path, recipe: Recipe, preprocessing: Preprocessing, outputs: int) -> None:
        self.folder, self.recipe, self.preprocessing = folder, recipe, preprocessing
        torch.manual_seed(recipe.seed)
        self.module: nn.Module = SlimResNet(outputs).to(memory_format=torch.channels_last)
        self.averaged = AveragedModel(
            self.module, multi_avg_fn=get_ema_multi_avg_fn(recipe.averaging), use_buffers=True
        )
        self.optimiser = recipe.optimiser(self.module)
        self.epoch = 0
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / CHECKPOINT).exists():
            self._resume(torch.load(folder / CHECKPOINT, weights_only=True))

    def finish(self, pictures: Pictures) -> nn.Module:
        """Trains what is left of the epochs; gives the averaged network, in eval mode."""
        while self.epoch < self.recipe.epochs:
            started = time.perf_counter()
            loss, accuracy = self._train(pictures)
            self.epoch += 1
            self._keep()
            self._log(loss, accuracy, time.perf_counter() - started)
        return self.averaged.module.eval()

    def _train(self, pictures: Pictures) -> tuple[float, float]:
        """Loss and accuracy on the training crops, means over the epoch."""
        self.module.train()
        recipe, epoch = self.recipe, self.epoch
        batch, size = recipe.batch(epoch), recipe.size(epoch, pictures.pixels.shape[1])
        steps = len(pictures) // batch
        loss = correct = torch.zeros(())
        for step, (pixels, labels) in enumerate(
            batches(pictures, size, batch, epoch, recipe.seed, recipe.hidden(epoch))
        ):
            self._set_rate(epoch + step / steps)
            step_loss, step_correct = self._step(normalise(pixels, self.preprocessing), labels)
            loss, correct = loss + step_loss, correct + step_correct
        return float(loss) / steps, float(correct) / (steps * batch)

    def _step(self, inputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        outputs = self.module(inputs)
        loss = F.cross_entropy(outputs, labels, label_smoothing=self.recipe.smoothing)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()
        self.averaged.update_parameters(self.module)
        return loss.detach(), (outputs.detach().argmax(1) == labels).sum()

    def _set_rate(self, epochs_done: float) -> None:
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.rate_at(epochs_done)

    def _keep(self) -> None:
        state = {
            "recipe": asdict(self.recipe),
            "epoch": self.epoch,
            "module": self.module.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }
        unfinished = self.folder / f"{CHECKPOINT}.part"
        torch.save(state, unfinished)
        unfinished.replace(self.folder / CHECKPOINT)

    def _resume(self, state: dict) -> None:
        if state["recipe"] != asdict(self.recipe):
            raise SystemExit(f"{self.folder} holds a run of another recipe; give another --out")
        self.epoch = state["epoch"]
        self.module.load_state_dict(state["module"])
        self.averaged.load_state_dict(state["averaged"])
        self.optimiser.load_state_dict(state["optimiser"])

    def _log(self, loss: float, accuracy: float, seconds: float) -> None:
        line = {
            "epoch": self.epoch,
            "size": self.recipe.size(self.epoch - 1, self.preprocessing.input_size[0]),
            "rate": round(self.recipe.rate_at(self.epoch), 5),
            "loss": round(loss, 4),
            "accuracy": round(accuracy, 4),
            "seconds": round(seconds, 1),
        }
        print(line, flush=True)
        with (self.folder / CURVE).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
