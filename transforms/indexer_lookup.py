"""DL301: one `get_indexer` a row, where one for all rows does."""

from __future__ import annotations

from collections.abc import Sequence

from ..loops.context import SiteContext
from ..loops.ir import Loop
from ..loops.remarks import Reason, Refusal
from .base import Example, Rewrite, Rule, Severity, Tier, Transform
from .lookups.body import appended_record, lift_records
from .lookups.frame import records_to_frame
from .lookups.ir import as_position
from .lookups.lanes import arrays_with_lookups
from .lookups.sink import looks_up


class IndexerLookup(Transform):
    """A `get_indexer([key])[0]` on every row is one `get_indexer` on the column of keys.

    The rows found come out of the other frame in one go, `frame.iloc[positions]`, and `add_prefix` gives them
    the names that an inner loop over the columns made one by one. The dicts disappear: the frame is put
    together from columns.

    A key without a match has position -1, and `iloc[-1]` is the last row. Where the loop skips such rows they
    are skipped; where it does not, the last row is what it took, and what the new code takes. A loop of zero
    rounds looks nothing up and makes a frame without columns; so does the new code.
    """

    rule = Rule("DL301", "indexer-batch", Severity.HIGH)
    needs_body = False
    examples = (
        Example(
            before=(
                "import pandas as pd\n"
                "\n"
                "\n"
                "def annotate(trades, features):\n"
                "    rows = []\n"
                "    for _, trade in trades.iterrows():\n"
                "        at = features.index.get_indexer([trade['time']], method='nearest')[0]\n"
                "        row = {'side': trade['side']}\n"
                "        for column in features.columns:\n"
                "            row[f'entry_{column}'] = float(features.iloc[at][column])\n"
                "        rows.append(row)\n"
                "    return pd.DataFrame(rows)\n"
            ),
            after=(
                "import pandas as pd\n"
                "\n"
                "\n"
                "def annotate(trades, features):\n"
                "    rows = pd.DataFrame()\n"
                "    if len(trades):\n"
                "        at = features.index.get_indexer(trades['time'], method='nearest')\n"
                "        rows = pd.concat(\n"
                "            [\n"
                "                pd.DataFrame({'side': trades['side'].array}),\n"
                "                features.iloc[at]\n"
                "                .astype(float)\n"
                "                .add_prefix('entry_')\n"
                "                .reset_index(drop=True),\n"
                "            ],\n"
                "            axis=1,\n"
                "        )\n"
                "    return rows\n"
            ),
        ),
        Example(
            before=(
                "import pandas as pd\n"
                "\n"
                "\n"
                "def known(events, weather):\n"
                "    rows = []\n"
                "    for event in events.itertuples():\n"
                "        at = weather.index.get_indexer([event.time], method='pad')[0]\n"
                "        if at == -1:\n"
                "            continue\n"
                "        rows.append({'time': event.time, 'wind': weather['wind'].iloc[at]})\n"
                "    return pd.DataFrame(rows)\n"
            ),
            after=(
                "import pandas as pd\n"
                "\n"
                "\n"
                "def known(events, weather):\n"
                "    rows = pd.DataFrame()\n"
                "    if len(events):\n"
                "        at = weather.index.get_indexer(events['time'], method='pad')\n"
                "        selected = at != -1\n"
                "        kept = events[selected]\n"
                "        if len(kept):\n"
                "            rows = pd.DataFrame(\n"
                "                {\n"
                "                    'time': kept['time'].tolist(),\n"
                "                    'wind': weather['wind'].iloc[at[selected]].tolist(),\n"
                "                }\n"
                "            )\n"
                "    return rows\n"
            ),
            note="keys without a match are skipped, as in the loop",
        ),
    )
    refused = (
        Example(
            before=(
                "import pandas as pd\n"
                "\n"
                "\n"
                "def annotate(trades, features):\n"
                "    rows = []\n"
                "    for _, trade in trades.iterrows():\n"
                "        at = features.index.get_indexer([trade['time']], method='pad', limit=3)[0]\n"
                "        row = {'side': trade['side']}\n"
                "        for column in features.columns:\n"
                "            row[f'entry_{column}'] = float(features.iloc[at][column])\n"
                "        rows.append(row)\n"
                "    return pd.DataFrame(rows)\n"
            ),
            reason=Reason.UNSUPPORTED_SYNTAX,
            note="a limit counts consecutive keys: one look-up for all rows would find fewer",
        ),
        Example(
            before=(
                "import pandas as pd\n"
                "\n"
                "\n"
                "def take(orders, stock):\n"
                "    rows = []\n"
                "    for _, order in orders.iterrows():\n"
                "        at = stock.index.get_indexer([order['item']])[0]\n"
                "        row = {}\n"
                "        for column in stock.columns:\n"
                "            row[column] = stock.iloc[at][column]\n"
                "        stock.iloc[at, 0] = 0\n"
                "        rows.append(row)\n"
                "    return pd.DataFrame(rows)\n"
            ),
            reason=Reason.READS_OWN_OUTPUT,
            note="what is looked into changes while the loop runs",
        ),
    )

    def rewrite(self, site: SiteContext, loop: Loop) -> Sequence[Rewrite] | Refusal | None:
        if not looks_up(site):
            return None
        lifted = lift_records(site, loop.header)
        if isinstance(lifted, Refusal):
            return lifted
        found = appended_record(lifted)
        if found is None:
            return arrays_with_lookups(self.rule, site, lifted, as_position)
        if not any(as_position(x) is not None for x in found[1].walk()):
            return None
        made = records_to_frame(self.rule, Tier.LOOKUP, site, lifted, *found)
        return made if isinstance(made, Refusal) else [made]
