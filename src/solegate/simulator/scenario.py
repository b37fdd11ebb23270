"""Scenarios: files that say what happens on the practice market and when, read into values.

    name: Drop day
    description: A hyped release.
    seed: 7
    pace: {settle_seconds: [20, 120]}
    events:
      - {at: 10m, for: 2h, price: {style: DD1391-100, factor: 1.8}}
      - {at: 10m, for: 30m, fault: {kind: throttle, probability: 0.3}}

Times count from the start. A pace or limits name everything; what they leave out is as usual. `for` takes back what an
event did.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

from solegate.simulator.config import Limits, Pace, SimulatorConfig
from solegate.simulator.faults import Fault

UNITS: Mapping[str, int] = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)([smhd])")
_PROFILES: Mapping[str, Callable[[], Limits]] = {
    "official": Limits.official,
    "guide": Limits.guide,
    "off": Limits.off,
}


class ScenarioError(ValueError):
    """Raised when a scenario cannot be read or played; the message says where it is wrong."""


def parse_duration(value: object) -> object:
    """Seconds of `90s`, `10m`, `2h`, `1d`.

    Raises:
        ValueError: it is something else.
    """
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError("a duration such as 90s, 10m, 2h or 1d")
    return float(match[1]) * UNITS[match[2]]


def _limits_by_name(value: object) -> object:
    return _PROFILES[value]() if isinstance(value, str) and value in _PROFILES else value


Duration = Annotated[float, BeforeValidator(parse_duration)]
LimitsOrName = Annotated[Limits, BeforeValidator(_limits_by_name)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceChange:
    """A product's fair value is multiplied by `factor`: a hyped release, or the end of a hype."""

    style: str
    factor: Annotated[float, Field(gt=0, le=100)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """A buyer takes the account's lowest live ask of a style."""

    style: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioEvent:
    """One thing that happens, `at` seconds after the start, for `lasts` seconds or for good."""

    at: Duration
    lasts: Annotated[Duration | None, Field(alias="for")] = None
    fault: Fault | None = None
    limits: LimitsOrName | None = None
    pace: Pace | None = None
    expire_tokens: Literal[True] | None = None
    revoke_tokens: Literal[True] | None = None
    price: PriceChange | None = None
    sell: Sale | Literal["any"] | None = None

    def __post_init__(self) -> None:
        lasting = (self.fault, self.limits, self.pace, self.price)
        passing = (self.expire_tokens, self.revoke_tokens, self.sell)
        if sum(each is not None for each in (*lasting, *passing)) != 1:
            raise ValueError("one of fault, limits, pace, expire_tokens, revoke_tokens, price, sell")
        if self.lasts is not None and all(each is None for each in lasting):
            raise ValueError("`for` goes with fault, limits, pace and price only")

    def describe(self) -> str:
        """What it does, in a few words."""
        for text in (
            self.fault and f"fault {self.fault.kind} on {self.fault.operation}",
            self.limits and f"limits: {self.limits.per_second} requests per window, {self.limits.per_day} a day",
            self.pace and "the market changes its pace",
            self.expire_tokens and "access tokens expire",
            self.revoke_tokens and "every login ends",
            self.price and f"price of {self.price.style} times {self.price.factor:g}",
        ):
            if text:
                return text
        style = self.sell.style if isinstance(self.sell, Sale) else "any style"
        return f"a buyer takes the lowest ask of {style}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A course of events. `seed`, `limits`, `pace` and `latency` take the place of the configuration's."""

    name: Annotated[str, Field(min_length=1)]
    description: str = ""
    seed: int | None = None
    limits: LimitsOrName | None = None
    pace: Pace | None = None
    latency: tuple[float, float] | None = None
    events: tuple[ScenarioEvent, ...] = ()

    def configured(self, config: SimulatorConfig) -> SimulatorConfig:
        """A configuration as the scenario wants it.

        Raises:
            ValueError: the latency is none.
        """
        return replace(
            config,
            seed=config.seed if self.seed is None else self.seed,
            limits=self.limits or config.limits,
            pace=self.pace or config.pace,
            latency=self.latency or config.latency,
        )

    def overview(self) -> tuple[str, ...]:
        """What will happen, a line each, in the order of time."""
        ordered = sorted(self.events, key=lambda event: event.at)
        return tuple(
            f"{_spoken(event.at):>6}  {event.describe()}" + (f", for {_spoken(event.lasts)}" if event.lasts else "")
            for event in ordered
        )


_SCENARIO = TypeAdapter(Scenario)


def parse_scenario(text: str) -> Scenario:
    """The scenario that a YAML text describes.

    Raises:
        ScenarioError: it is no YAML, or no scenario.
    """
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise ScenarioError(f"{where}this is no YAML: {getattr(error, 'problem', None) or error}") from None
    try:
        return _SCENARIO.validate_python(content, extra="forbid")
    except ValidationError as error:
        reasons = [
            f"{_where(root, wrong['loc'])}{wrong['msg'].removeprefix('Value error, ')}" for wrong in error.errors()
        ]
        raise ScenarioError("; ".join(dict.fromkeys(reasons))) from None


def load_scenario(name: str) -> Scenario:
    """A shipped scenario by its name, or one in a file.

    Raises:
        ScenarioError: there is none, or it cannot be read; the message names it.
    """
    shipped = resources.files("solegate.simulator") / "scenarios" / f"{name}.yaml"
    try:
        text = shipped.read_text("utf-8") if name in shipped_scenarios() else Path(name).read_text("utf-8")
        return parse_scenario(text)
    except FileNotFoundError:
        known = ", ".join(shipped_scenarios())
        raise ScenarioError(f"{name}: no such file, and none of the shipped scenarios {known}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{name}: cannot be read: {getattr(error, 'strerror', None) or 'not UTF-8'}") from None
    except ScenarioError as error:
        raise ScenarioError(f"{name}: {error}") from None


def shipped_scenarios() -> tuple[str, ...]:
    """Names of the scenarios that come with the package."""
    folder = resources.files("solegate.simulator") / "scenarios"
    return tuple(sorted(each.name.removesuffix(".yaml") for each in folder.iterdir() if each.name.endswith(".yaml")))


def _where(root: yaml.Node | None, location: Sequence[int | str]) -> str:
    """The line, the event and the field a complaint is about."""
    node, fields = root, [str(part) for part in location]
    for part in location:
        inside = _child(node, part)
        if inside is None:
            break
        node = inside
    line = f"line {node.start_mark.line + 1}: " if node else ""
    if len(location) > 1 and location[0] == "events":
        fields = [f"event {int(location[1]) + 1}", *fields[2:]]
    return line + (".".join(fields) + ": " if fields else "")


def _child(node: yaml.Node | None, part: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        item: yaml.Node = node.value[part]
        return item
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                found: yaml.Node = value
                return found
    return None


def _spoken(seconds: float) -> str:
    for unit in ("d", "h", "m"):
        if seconds >= UNITS[unit] and seconds % UNITS[unit] == 0:
            return f"{seconds / UNITS[unit]:g}{unit}"
    return f"{seconds:g}s"
