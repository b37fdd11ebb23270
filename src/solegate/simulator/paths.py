"""Finding what is meant by a method and a path. Of each number of segments there are few."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Route(Generic[T]):
    target: T
    literals: tuple[tuple[int, str], ...]
    parameters: tuple[tuple[int, str], ...]


class Paths(Generic[T]):
    """Templates such as `/catalog/products/{productId}` and what they stand for."""

    def __init__(self) -> None:
        self._routes: defaultdict[tuple[str, int], list[_Route[T]]] = defaultdict(list)

    def add(self, method: str, template: str, target: T) -> None:
        """A template; of two that fit a path, the one that was added first wins. A GET answers HEAD too."""
        parts = tuple(enumerate(template.split("/")))
        route = _Route(
            target,
            literals=tuple((at, part) for at, part in parts if not part.startswith("{")),
            parameters=tuple((at, part[1:-1]) for at, part in parts if part.startswith("{")),
        )
        for each in (method, "HEAD") if method == "GET" else (method,):
            self._routes[each, len(parts)].append(route)

    def find(self, method: str, path: str) -> tuple[T, dict[str, str]] | None:
        """What a path stands for, and its parameters; a parameter is never empty."""
        parts = path.split("/")
        for route in self._routes.get((method, len(parts)), ()):
            fits = all(parts[at] == part for at, part in route.literals)
            if fits and all(parts[at] for at, _ in route.parameters):
                return route.target, {name: parts[at] for at, name in route.parameters}
        return None
