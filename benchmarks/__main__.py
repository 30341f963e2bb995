"""`python -m benchmarks [NAME ...]`: prints every figure beside its target and keeps it in `results/`."""

import sys

from benchmarks import attribution, dashboard, inspect, monitoring, probing, scale, scan, synthesis, unit
from benchmarks.results import kept_or_measured, machine

BENCHMARKS = (
    scan.BENCHMARKS
    | inspect.BENCHMARKS
    | dashboard.BENCHMARKS
    | unit.BENCHMARKS
    | synthesis.BENCHMARKS
    | probing.BENCHMARKS
    | attribution.BENCHMARKS
    | scale.BENCHMARKS
    | monitoring.BENCHMARKS
)


def main(names: list[str]) -> int:
    """Runs the named benchmarks, or all; zero when every target is met."""
    unknown = sorted(set(names) - set(BENCHMARKS))
    if unknown:
        print(f"unknown benchmark {unknown[0]!r}; choose from: {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    print(", ".join(f"{key} {value}" for key, value in machine().items()), flush=True)
    met = True
    for name in names or BENCHMARKS:
        for row in kept_or_measured(name, BENCHMARKS[name]):
            print(row.line(), flush=True)
            met &= row.met
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
