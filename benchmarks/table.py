"""The printed result: each measure, its limit, and whether it holds."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    what: str
    claims: int
    value: float
    limit: float
    unit: str

    @property
    def holds(self) -> bool:
        return self.value <= self.limit


@dataclass
class Table:
    """Rows in the order of measuring. ``same`` names what must not depend on the size."""

    rows: list[Row] = field(default_factory=list)
    growing: list[str] = field(default_factory=list)

    def add(self, what: str, claims: int, value: float, limit: float, unit: str) -> None:
        self.rows.append(Row(what, claims, value, limit, unit))

    def constant(self) -> None:
        """Check that there are as many statements with 20,000 claims as with 200."""
        counted: dict[str, set[float]] = {}
        for row in self.rows:
            if row.unit == "statements":
                counted.setdefault(row.what, set()).add(row.value)
        self.growing = [what for what, values in counted.items() if len(values) > 1]

    def show(self) -> int:
        """Print; 0 when everything holds, else 1."""
        width = max(len(row.what) for row in self.rows)
        for row in self.rows:
            mark = "ok" if row.holds else "TOO MUCH"
            print(
                f"{row.what:<{width}}  {row.claims:>7,} claims  "
                f"{row.value:>8,.5g} of {row.limit:>5,g} {row.unit:<11}{mark}"
            )
        for what in self.growing:
            print(f"{what}: statements depend on the number of claims")
        return 0 if all(row.holds for row in self.rows) and not self.growing else 1
