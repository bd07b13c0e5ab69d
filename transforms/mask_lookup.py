"""DL303: a value looked up by comparing a whole table with the key of each row."""

from __future__ import annotations

from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.ir import Loop
from ..loops.remarks import Reason, Refusal
from .base import Example, Rewrite, Rule, Severity, Transform
from .lookups import arrays_with_lookups
from .lookups_keys import as_first_match


class MaskLookup(Transform):
    """`table[table["k"] == key]["v"].iloc[0]` compares the whole table on every row; one index finds all keys at once.

    The first row of a key counts, so that the table is reduced to the first row of each key. A missing key is
    equal to no other, and never matches. A key that is not there gets a position past the end of the table,
    so that the new code raises IndexError as `.iloc[0]` of nothing does.
    """

    rule = Rule("DL303", "mask-lookup", Severity.HIGH)
    examples = (
        Example(
            before=(
                "import pandas as pd\n"
                "\n"
                "\n"
                "def fees(parcels: pd.DataFrame, zones: pd.DataFrame):\n"
                "    out = []\n"
                "    for parcel in parcels.itertuples():\n"
                "        rate = zones[zones['code'] == parcel.zone]['rate'].iloc[0]\n"
                "        out.append(rate * parcel.weight)\n"
                "    return out\n"
            ),
            after=(
                "import numpy as np\n"
                "import pandas as pd\n"
                "\n"
                "\n"
                "def fees(parcels: pd.DataFrame, zones: pd.DataFrame):\n"
                "    first_rows = zones[zones['code'].notna()].drop_duplicates('code').set_index('code')\n"
                "    positions = first_rows.index.get_indexer(parcels['zone'])\n"
                "    rate = first_rows['rate'].values[\n"
                "        np.where(positions < 0, len(first_rows), positions)\n"
                "    ]\n"
                "    out = list(rate * parcels['weight'].values)\n"
                "    return out\n"
            ),
        ),
    )
    refused = (
        Example(
            before=(
                "import pandas as pd\n"
                "\n"
                "\n"
                "def fees(parcels: pd.DataFrame, zones: pd.DataFrame):\n"
                "    out = []\n"
                "    for parcel in parcels.itertuples():\n"
                "        if parcel.weight > 2:\n"
                "            out.append(zones[zones['code'] == parcel.zone]['rate'].iloc[0])\n"
                "    return out\n"
            ),
            reason=Reason.UNSUPPORTED_SYNTAX,
            naive="""
                import pandas as pd


                def fees(parcels: pd.DataFrame, zones: pd.DataFrame):
                    heavy = parcels[parcels['weight'] > 2]
                    out = heavy.merge(zones, left_on='zone', right_on='code')['rate']
                    out = list(out.values)
                    return out
            """,
            note="a key that is not looked up may be missing",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        return arrays_with_lookups(self.rule, site, loop, as_first_match)
