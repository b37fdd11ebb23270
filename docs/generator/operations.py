"""The operations page: which method of the client asks StockX what, and whether the practice market answers it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping

from docs.generator import markdown
from docs.generator.markdown import code
from docs.generator.source import class_body, first_line
from solegate.client.operations.base import OperationGroup
from solegate.client.policy import call
from solegate.client.policy.call import Operation
from solegate.client.service import StockXService
from solegate.domain.batches import BatchKind
from solegate.simulator import Simulator, SimulatorConfig


def page() -> str:
    """Every operation in the order of the code."""
    methods, practised = methods_by_operation(), practised_operations()
    total = len(call.OPERATIONS)
    return markdown.page(
        "StockX operations",
        "Which method of `StockXService` makes which StockX call. One row is one request; `operation` is the name in "
        "metrics, logs, errors and the faults of the practice market. Paths stand below `SOLEGATE_STOCKX_API_URL`.",
        f"The client speaks {len(methods)} of {total} operations; the practice market answers "
        f"{len(practised)} of {total}.",
        markdown.table(
            ("Method", "Operation", "Request", "Effect", "Practice market", "What it gives"), _rows(methods, practised)
        ),
        "`iter_search`, `iter_listings`, `iter_listing_operations`, `iter_active_orders` and `iter_historical_orders` "
        "make the calls of their lists, one for each page; `wait_for_operation` and `wait_for_batch` those of what "
        "they wait for. `execute` carries out any `Call` and gives the raw answer, past models and cache.",
    )


def methods_by_operation() -> Mapping[str, str]:
    """The public method that makes each operation's call, by operationId: the first that names it, before waiters."""
    found: dict[str, str] = {}
    for group in StockXService.__mro__:
        if issubclass(group, OperationGroup) and group is not StockXService:
            bodies = {each.name: each for each in class_body(group) if isinstance(each, ast.AsyncFunctionDef)}
            public = (name for name in bodies if not name.startswith("_"))
            named = ((each.name, name) for name in public for each in _Source(group, bodies).operations(name))
            for operation, method in named:
                found.setdefault(operation, method)
    return {each.name: found[each.name] for each in call.OPERATIONS if each.name in found}


def practised_operations() -> frozenset[str]:
    """The operations that the practice market answers, by operationId."""
    answered = {each.name for each in Simulator(SimulatorConfig(products=0)).operations}
    return frozenset(each.name for each in call.OPERATIONS if each.name in answered)


def _rows(methods: Mapping[str, str], practised: frozenset[str]) -> Iterator[tuple[str, ...]]:
    for operation in call.OPERATIONS:
        method = methods[operation.name]
        yield (
            code(method),
            code(operation.name),
            code(f"{operation.method} {operation.template}"),
            operation.effect.value,
            "yes" if operation.name in practised else "no",
            first_line(getattr(StockXService, method)),
        )


class _Source:
    """What the methods of one group name in their source: operations, or tables of them by kind of batch."""

    def __init__(self, group: type, bodies: Mapping[str, ast.AsyncFunctionDef]) -> None:
        self._names = vars(sys.modules[group.__module__])
        self._bodies = bodies

    def operations(self, method: str) -> set[Operation]:
        """The operations that a method calls, itself or through the group's private methods."""
        kinds, named, tables = set[BatchKind](), set[Operation](), list[Mapping[BatchKind, Operation]]()
        for node in self._nodes(method):
            match node:
                case ast.Attribute(value=ast.Name(id="operations"), attr=constant):
                    named.add(getattr(call, constant))
                case ast.Attribute(value=ast.Name(id="BatchKind"), attr=kind):
                    kinds.add(BatchKind[kind])
                case ast.Subscript(value=ast.Name(id=table), slice=ast.Name() | ast.Attribute()) if table.isupper():
                    tables.append(self._names[table])
        return named | {table[kind] for table in tables for kind in kinds or BatchKind}

    def _nodes(self, method: str) -> Iterator[ast.AST]:
        for node in ast.walk(self._bodies[method]):
            yield node
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=name)) if name in self._bodies:
                    if name.startswith("_"):
                        yield from self._nodes(name)
