"""A linear classifier: learnt once from the phrases, kept as small numbers in a file, read fast.

Learning is dual coordinate descent for support vector machines with squared hinge loss, one class against the rest
(Hsieh, Chang, Lin, Keerthi and Sundararajan, 2008). Python alone suffices: lines are short.
"""

from __future__ import annotations

import math
import random
import struct
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing import Pool
from operator import mul
from sys import byteorder
from typing import BinaryIO

Features = Mapping[int, int]
"""Bucket -> weight, a small whole number: what the classifier takes is their direction, a vector of length 1."""

MOST_ROWS = 4_000
"""Rows that are kept spread out, at most: about one megabyte."""

LANE, LIFT = array("I").itemsize, 128
"""Bytes of a label in a row, and what makes its weight (-127 to 127) positive there: no sum of a line's rows carries into the next lane."""


def length(features: Features) -> float:
    """Of the vector."""
    return math.sqrt(sum(weight * weight for weight in features.values())) or 1.0


@dataclass(frozen=True, slots=True)
class Linear:
    """Weights of labels by bucket: those of bucket b stand at `starts[b]` to `starts[b + 1]` of `labels_of` and `weights`."""

    labels: tuple[str, ...]
    scale: float
    starts: array[int]
    labels_of: bytes
    weights: array[int]
    bias: tuple[float, ...]
    rows: dict[int, int] = field(default_factory=dict, repr=False, compare=False)

    def scores(self, features: Features) -> list[float]:
        """One score for each label: above 0 speaks for it."""
        # A row is one large integer with a lane for each label: rows are weighted and added in one step for all labels.
        total, lift = 0, 0
        for bucket, value in features.items():
            row = self.rows.get(bucket)
            if row is None:
                row = self._row(bucket)
            if row:
                total += value * row
                lift += value * LIFT
        lanes = array("I", total.to_bytes(LANE * len(self.labels), byteorder))
        scale = self.scale / length(features)
        return [(lane - lift) * scale + bias for lane, bias in zip(lanes, self.bias, strict=True)]

    def _row(self, bucket: int) -> int:
        """The weights of a bucket for every label, each lifted above zero; 0 where it has none. Kept, for the next line that wants it."""
        start, end = self.starts[bucket], self.starts[bucket + 1]
        row = 0
        if start < end:
            lanes = array("I", [LIFT]) * len(self.labels)
            for place in range(start, end):
                lanes[self.labels_of[place]] += self.weights[place]
            row = int.from_bytes(lanes.tobytes(), byteorder)
        if len(self.rows) >= MOST_ROWS:
            self.rows.clear()
        self.rows[bucket] = row
        return row

    def knows(self, bucket: int) -> bool:
        return self.starts[bucket] < self.starts[bucket + 1]

    def write(self, file: BinaryIO) -> None:
        names = "\n".join(self.labels).encode()
        file.write(struct.pack("<IIId", len(names), len(self.starts), len(self.weights), self.scale))
        file.write(names)
        for numbers in (array("f", self.bias), self.starts, array("B", self.labels_of), self.weights):
            file.write(numbers.tobytes())

    @classmethod
    def read(cls, file: BinaryIO) -> Linear:
        length, rows, count, scale = struct.unpack("<IIId", file.read(20))
        labels = tuple(file.read(length).decode().split("\n"))
        bias, starts, weights = array("f"), array("I"), array("b")
        bias.frombytes(file.read(4 * len(labels)))
        starts.frombytes(file.read(4 * rows))
        labels_of = file.read(count)
        weights.frombytes(file.read(count))
        return cls(labels, scale, starts, labels_of, weights, tuple(bias))


@dataclass(frozen=True, slots=True)
class Example:
    features: Features
    label: str
    weight: float = 1.0


def learn(
    examples: Sequence[Example],
    buckets: int,
    *,
    cost: float,
    rounds: int,
    labels: Sequence[str] = (),
    keep: float = 1.0,
) -> Linear:
    """What tells the labels apart. The same examples always give the same weights. `keep`: smallest weight kept, of 127."""
    labels = tuple(labels) or tuple(sorted({example.label for example in examples}))
    rows = [_row(example.features) for example in examples]
    share = {label: sum(example.weight for example in examples if example.label == label) for label in labels}
    costs = [
        cost * example.weight * min(4.0, sum(share.values()) / len(labels) / share[example.label])
        for example in examples
    ]
    with Pool(
        initializer=_share, initargs=(rows, [example.label for example in examples], costs, buckets, rounds)
    ) as pool:
        learnt = pool.map(_one_against_rest, labels, chunksize=1)
    return _packed(labels, learnt, buckets, keep)


FAR = 0.3
"""An example this far on its side of the border is left alone for two rounds."""

Row = tuple[tuple[int, ...], tuple[float, ...]]


def _row(features: Features) -> Row:
    whole = length(features)
    return tuple(features), tuple(weight / whole for weight in features.values())


class _Lesson:
    """What every process of a lesson works on."""

    rows: Sequence[Row]
    labels: Sequence[str]
    costs: Sequence[float]
    buckets: int
    rounds: int


def _share(rows: Sequence[Row], labels: Sequence[str], costs: Sequence[float], buckets: int, rounds: int) -> None:
    _Lesson.rows, _Lesson.labels, _Lesson.costs, _Lesson.buckets, _Lesson.rounds = rows, labels, costs, buckets, rounds


def _one_against_rest(label: str) -> tuple[array[float], float]:
    """Weights and bias of one label."""
    rows, costs = _Lesson.rows, _Lesson.costs
    weights = array("d", bytes(8 * _Lesson.buckets))
    weight_of = weights.__getitem__
    bias = 0.0
    signs = [1.0 if one == label else -1.0 for one in _Lesson.labels]
    alphas = [0.0] * len(rows)
    squares = [sum(value * value for value in values) + 1.0 for _, values in rows]
    order = list(range(len(rows)))
    shuffled = random.Random(label)
    resting = [0] * len(rows)
    for round_ in range(_Lesson.rounds):
        shuffled.shuffle(order)
        for index in order:
            if resting[index] > round_:
                continue
            keys, values = rows[index]
            sign, alpha, softness = signs[index], alphas[index], 0.5 / costs[index]
            gradient = sign * (sum(map(mul, map(weight_of, keys), values)) + bias) - 1.0 + softness * alpha
            if alpha == 0.0 and gradient >= 0.0:
                if round_ and gradient > FAR:
                    resting[index] = round_ + 3
                continue
            better = max(0.0, alpha - gradient / (squares[index] + softness))
            if better != alpha:
                alphas[index] = better
                step = (better - alpha) * sign
                bias += step
                for key, value in zip(keys, values, strict=True):
                    weights[key] += step * value
    return weights, bias


def _packed(labels: tuple[str, ...], learnt: Sequence[tuple[array[float], float]], buckets: int, keep: float) -> Linear:
    scale = max(max(abs(weight) for weight in weights) for weights, _ in learnt) / 127
    starts, labels_of, small = array("I", [0]), bytearray(), array("b")
    for bucket in range(buckets):
        for number, (weights, _) in enumerate(learnt):
            weight = round(weights[bucket] / scale)
            if abs(weight) >= keep:
                labels_of.append(number)
                small.append(weight)
        starts.append(len(small))
    return Linear(labels, scale, starts, bytes(labels_of), small, tuple(bias for _, bias in learnt))
