"""DL303: a value looked up by comparing a whole table with the key of each row."""

from __future__ import annotations

from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.ir import Loop
from ..loops.remarks import Reason, Refusal
from .base import Example, Rewrite, Rule, Severity, Transform
from .lookups.lanes import arrays_with_lookups
from .lookups.rows import presence, taken


class MaskLookup(Transform):
    """`table[table["k"] == key]["v"].iloc[0]` compares the whole table on every row; one index finds all keys at once.

    The first row of a key counts, so that the table is reduced to the first row of each key. A missing key is
    equal to no other, and never matches. A key that is not there gets a position past the end of the table,
    so that the new code raises IndexError as `.iloc[0]` of nothing does; where the loop looks first whether there is
    such a row, it takes what the loop takes without one. How many rows a key has, and sums or means of them, come out
    of one `groupby`, put in the order of the keys.
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
        Example(
            before="""
                import pandas as pd


                def rates(parcels: pd.DataFrame, zones: pd.DataFrame):
                    out = []
                    for parcel in parcels.itertuples():
                        match = zones[zones['code'] == parcel.zone]
                        out.append(match['rate'].iloc[0] if len(match) else 0.0)
                    return out
            """,
            after="""
                import numpy as np
                import pandas as pd


                def rates(parcels: pd.DataFrame, zones: pd.DataFrame):
                    out = np.where(
                        parcels['zone'].isin(zones['code'].dropna()).values,
                        zones[zones['code'].notna()]
                        .drop_duplicates('code')
                        .set_index('code')['rate']
                        .reindex(parcels['zone'])
                        .values,
                        0.0,
                    ).tolist()
                    return out
            """,
        ),
        Example(
            before="""
                import pandas as pd


                def weights(zones: pd.DataFrame, parcels: pd.DataFrame):
                    out = []
                    for zone in zones['code']:
                        out.append(parcels[parcels['zone'] == zone]['weight'].sum())
                    return out
            """,
            after="""
                import pandas as pd


                def weights(zones: pd.DataFrame, parcels: pd.DataFrame):
                    out = list(
                        parcels.groupby('zone')['weight']
                        .sum()
                        .reindex(zones['code'], fill_value=0)
                        .values
                    )
                    return out
            """,
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
        Example(
            before="""
                import pandas as pd


                def rates(parcels: pd.DataFrame, zones: pd.DataFrame):
                    out = []
                    for parcel in parcels.itertuples():
                        match = zones[zones['code'] == parcel.zone]
                        rate = match['rate'].iloc[0]
                        out.append(rate if len(match) else 0.0)
                    return out
            """,
            reason=Reason.UNSUPPORTED_SYNTAX,
            naive="""
                import pandas as pd


                def rates(parcels: pd.DataFrame, zones: pd.DataFrame):
                    first = zones.drop_duplicates('code').set_index('code')['rate']
                    out = parcels['zone'].map(first).fillna(0.0).tolist()
                    return out
            """,
            note="the row is read before the loop knows that there is one",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        return arrays_with_lookups(self.rule, site, loop, lambda e: taken(e) or presence(e))
