"""Price books: what one unit of a meter costs, as of a date."""

import datetime as dt
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

BookName = Literal["aws", "document-004"]


class Price(BaseModel):
    """The price of a meter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    price: float = Field(ge=0, description="Dollars for `per` units.")
    per: float = Field(default=1, gt=0, description="How many units that is for.")
    unit: str = Field(description="The unit, such as `vCPU-hour`.")

    @property
    def each(self) -> float:
        """Dollars for one unit."""
        return self.price / self.per


class Measure(BaseModel):
    """A way to pay less."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(description="What is done.")
    meters: tuple[str, ...] = Field(description="Beginnings of the meters that it is about.")
    parts: tuple[str, ...] = Field(
        default=(), description="Words of the resource names it is about; all without any."
    )
    saving: float = Field(gt=0, lt=1, description="Share of the price that is saved.")
    note: str = Field(default="", description="What to know before counting on it.")

    def covers(self, meter: str, name: str) -> bool:
        """Tell whether it makes a line cheaper."""
        about = not self.parts or not set(self.parts).isdisjoint(name.split("-"))
        return about and meter.startswith(self.meters)


class PriceBook(BaseModel):
    """Prices of one source, as of one date."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(description="What the prices are.")
    date: dt.date = Field(description="When they were taken down.")
    source: str = Field(description="Where they come from.")
    regions: tuple[str, ...] = Field(description="AWS regions whose resources they are for.")
    prices: Mapping[str, Price] = Field(description="Meter → price.")
    measures: tuple[Measure, ...] = Field(default=(), description="Ways to pay less.")
    notes: tuple[str, ...] = Field(default=(), description="What to know when reading them.")


@cache
def price_book(name: BookName) -> PriceBook:
    """Read a price book."""
    text = files("platformctl.cost").joinpath(f"prices_{name.replace('-', '_')}.yaml").read_text()
    return PriceBook.model_validate(yaml.load(text, Loader=yaml.CSafeLoader))
