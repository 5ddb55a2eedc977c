"""A forest as one node of ONNX: TreeEnsemble of ai.onnx.ml 5, whose thresholds are doubles.

The older TreeEnsembleRegressor holds floats of 32 bits: a cell that equals a threshold then goes the
other way (RandomForest off by 0.025 on 60 of 2,000 rows by skl2onnx).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from anping.learn.forest import Forest
from anping.learn.onnx_graph import TREES, Graph

_AT_MOST, _MEMBER = 0, 6
Places = NDArray[np.int64]


def add_forest(graph: Graph, forest: Forest, matrix: str) -> str:
    """Add a forest's node and its base; return the sums (n, outputs)."""
    inner = forest.child[:, 0] != np.arange(forest.feature.size)
    nodes = np.flatnonzero(inner)
    # A tree of one leaf needs a node: it asks anything, and both answers lead to the leaf.
    alone = np.flatnonzero(~inner[forest.roots])
    place = np.zeros(forest.feature.size, dtype=np.int64)
    place[nodes] = np.arange(nodes.size)
    leaves = np.flatnonzero(~inner)
    leaf_place = np.zeros(forest.feature.size, dtype=np.int64)
    leaf_place[leaves] = np.arange(leaves.size)
    roots = place[forest.roots]
    roots[alone] = nodes.size + np.arange(alone.size)
    lone = leaf_place[forest.roots[alone]]
    categories = forest.first_bit[nodes] >= 0
    told: dict[str, Any] = {
        "tree_roots": roots,
        "nodes_featureids": _with(forest.feature[nodes], alone.size),
        "nodes_missing_value_tracks_true": _with(forest.missing_left[nodes], alone.size),
        "leaf_targetids": forest.output[_tree_of(forest)[leaves]],
    }
    for name, side in (("true", 0), ("false", 1)):
        child = forest.child[nodes, side]
        leaf = ~inner[child]
        at = np.where(leaf, leaf_place[child], place[child])
        told[f"nodes_{name}nodeids"] = np.concatenate([at, lone])
        told[f"nodes_{name}leafs"] = np.concatenate([leaf, np.ones(alone.size, dtype=bool)])
    plain = {name: values.astype(np.int64).tolist() for name, values in told.items()}
    modes = np.where(categories, _MEMBER, _AT_MOST).astype(np.uint8)
    splits = np.where(categories, 0.0, forest.threshold[nodes])
    if categories.any():
        plain["membership_values"] = graph.tensor(_members(forest, nodes[categories]))
    sums = graph.add(
        "TreeEnsemble",
        [matrix],
        domain=TREES,
        n_targets=forest.outputs,
        aggregate_function=1,
        post_transform=0,
        nodes_modes=graph.tensor(_with(modes, alone.size)),
        nodes_splits=graph.tensor(_with(splits, alone.size)),
        leaf_weights=graph.tensor(forest.value[leaves].astype(np.float64)),
        **plain,
    )
    return graph.add("Add", [sums, graph.constant(forest.base.reshape(1, -1).astype(np.float64))])


def _with(values: NDArray[Any], more: int) -> NDArray[Any]:
    """Return values with as many zeros as there are trees of one leaf."""
    return np.concatenate([values, np.zeros(more, dtype=values.dtype)])


def _tree_of(forest: Forest) -> Places:
    """Return (m,): which tree each node is of."""
    tree = np.full(forest.feature.size, -1, dtype=np.int64)
    tree[forest.roots] = np.arange(forest.trees)
    here = forest.roots.astype(np.int64)
    while here.size:
        inner = here[forest.child[here, 0] != here]
        below = forest.child[inner].astype(np.int64)
        tree[below] = tree[inner][:, None]
        here = below.reshape(-1)
    return tree


def _members(forest: Forest, nodes: Places) -> NDArray[np.float64]:
    """Return the codes that each node sends left, with a NaN after each node's."""
    found: list[NDArray[np.float64]] = []
    for node in nodes:
        start, count = int(forest.first_bit[node]), int(forest.bit_count[node])
        codes = np.flatnonzero(forest.bits[start : start + count]).astype(np.float64)
        # The runtime takes no empty set; no row has the code -1.
        found.append(np.append(codes if codes.size else -1.0, np.nan))
    return np.concatenate(found)
