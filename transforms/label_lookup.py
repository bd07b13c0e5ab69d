"""DL302: a value looked up by label, one row at a time."""

from __future__ import annotations

from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.ir import Loop
from ..loops.remarks import Reason, Refusal
from .base import Example, Rewrite, Rule, Severity, Transform
from .lookups.keys import as_label
from .lookups.lanes import arrays_with_lookups


class LabelLookup(Transform):
    """One `table.loc[key, column]` a row is one `table.loc[keys, column]` for all rows.

    `table.at[key, column]`, `table[column].loc[key]` and their kin are the same look-up. A missing key raises
    KeyError, in the new code as in the loop. Where the table has a key twice, the loop gets a series instead
    of a value, so that keys have to be unique. What is looked up is computed with as arrays.
    """

    rule = Rule("DL302", "label-lookup", Severity.HIGH)
    examples = (
        Example(
            before=(
                "def amounts(orders, catalog):\n"
                "    items = catalog.set_index('sku')\n"
                "    out = []\n"
                "    for _, row in orders.iterrows():\n"
                "        out.append(row['qty'] * items.loc[row['sku'], 'price'])\n"
                "    return out\n"
            ),
            after=(
                "def amounts(orders, catalog):\n"
                "    items = catalog.set_index('sku')\n"
                "    out = list(orders['qty'].values * items.loc[orders['sku'], 'price'].values)\n"
                "    return out\n"
            ),
        ),
    )
    refused = (
        Example(
            before=(
                "def amounts(orders, catalog):\n"
                "    items = catalog.set_index('sku')\n"
                "    out = []\n"
                "    for _, row in orders.iterrows():\n"
                "        out.append(items.loc[row['sku'], 'price'] if row['qty'] > 0 else 0.0)\n"
                "    return out\n"
            ),
            reason=Reason.UNSUPPORTED_SYNTAX,
            naive="""
                def amounts(orders, catalog):
                    items = catalog.set_index('sku')
                    out = items['price'].reindex(orders['sku']).where((orders['qty'] > 0).values, 0.0)
                    out = list(out.values)
                    return out
            """,
            note="a key that is not looked up may be missing",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        return arrays_with_lookups(self.rule, site, loop, as_label)
