"""Orders, cycles and reachability in a directed graph given by the parents of each node."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Sequence


def children_of(parents: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return the nodes each node is a parent of, from the parents of each."""
    children: list[list[int]] = [[] for _ in parents]
    for child, its_parents in enumerate(parents):
        for parent in its_parents:
            children[parent].append(child)
    return children


def topological_order(parents: Sequence[Sequence[int]]) -> tuple[list[int], list[int]]:
    """Order nodes so that each comes after its parents.

    Of the nodes whose parents have all been listed, the lowest comes next (Kahn's algorithm,
    Communications of the ACM 5, 1962).

    Parameters
    ----------
    parents : sequence of sequences of int
        The parents of each node, each named once.

    Returns
    -------
    order : list of int
        Every node that can be placed.
    cycle : list of int
        Empty if all could; otherwise a path from parent to child that ends where it began, at the
        lowest of its nodes.
    """
    waiting = {node: len(its_parents) for node, its_parents in enumerate(parents)}
    children = children_of(parents)
    ready = [node for node, count in waiting.items() if count == 0]
    order: list[int] = []
    while ready:
        node = heapq.heappop(ready)
        del waiting[node]
        order.append(node)
        for child in children[node]:
            waiting[child] -= 1
            if waiting[child] == 0:
                heapq.heappush(ready, child)
    return order, _cycle_among(waiting, parents) if waiting else []


def reached_from(start: int, steps: Sequence[Sequence[int]]) -> list[int]:
    """Return the nodes reached from one by one or more steps, lowest first."""
    reached: set[int] = set()
    pending = [start]
    while pending:
        new = set(steps[pending.pop()]) - reached
        reached |= new
        pending.extend(new)
    return sorted(reached)


def _cycle_among(nodes: Collection[int], parents: Sequence[Sequence[int]]) -> list[int]:
    # Each of these nodes has a parent among them, so walking upwards must come back somewhere.
    visited = {min(nodes): 0}
    path = [min(nodes)]
    while True:
        above = next(parent for parent in parents[path[-1]] if parent in nodes)
        if above in visited:
            break
        visited[above] = len(path)
        path.append(above)
    downwards = path[visited[above] :][::-1]
    start = downwards.index(min(downwards))
    return [*downwards[start:], *downwards[:start], downwards[start]]
