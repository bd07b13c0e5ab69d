"""The idioms, in the order in which they are asked; better tiers first."""

from __future__ import annotations

from .apply_cells import ApplyCells
from .apply_elements import ApplyElements
from .apply_rows import ApplyRows
from .array_fill import ArrayFill
from .array_growth import ArrayGrowth
from .array_store import ArrayStore
from .array_update import ArrayUpdate
from .base import Transform
from .bootstrap import Bootstrap
from .case_table import CaseTable
from .column_fill import ColumnFill
from .column_store import ColumnStore
from .count_matches import CountMatches
from .counting import Counting
from .dict_comprehension import DictComprehension, SetComprehension
from .edge_rounds import EdgeRounds
from .edge_windows import EdgeWindows
from .element_arithmetic import ElementArithmetic
from .first_match import FirstMatch
from .float_lists import FloatLists
from .frame_growth import FrameGrowth
from .grid_fill import GridFill
from .grid_reduction import GridReduction
from .group_aggregates import GroupAggregates
from .indexer_lookup import IndexerLookup
from .label_lookup import LabelLookup
from .label_store import LabelStore
from .last_seen import LastSeen
from .list_comprehension import ListComprehension
from .list_fill import ListFill
from .list_update import ListUpdate
from .mask_groups import MaskGroups
from .mask_lookup import MaskLookup
from .matrix_rows import MatrixRows
from .membership_set import MembershipSet
from .nested_comprehension import NestedComprehension
from .nested_extend import NestedExtend
from .njit_kernel import NjitKernel
from .own_cells import OwnCells
from .position_arithmetic import PositionArithmetic
from .position_hoist import PositionHoist
from .random_draws import RandomDraws
from .record_frame import RecordFrame
from .reductions import Accumulate
from .rolling_apply import RollingApply
from .row_arithmetic import RowArithmetic
from .row_comprehension import RowComprehension
from .row_growth import RowGrowth
from .row_hoist import RowHoist
from .running_extreme import RunningExtreme
from .running_total import RunningTotal
from .scatter import Scatter
from .set_union import SetUnion
from .several_results import SeveralResults
from .state_list import StateList
from .state_per_key import StatePerKey
from .streak import Streak
from .string_join import StringJoin
from .table_columns import TableColumns
from .tuple_hoist import TupleHoist
from .vectorize import Vectorize
from .window_aggregate import WindowAggregate

TRANSFORMS: tuple[type[Transform], ...] = (
    EdgeRounds,
    RandomDraws,
    Bootstrap,
    RowArithmetic,
    PositionArithmetic,
    ElementArithmetic,
    WindowAggregate,
    EdgeWindows,
    GridFill,
    GridReduction,
    MatrixRows,
    ArrayStore,
    ArrayUpdate,
    SeveralResults,
    TableColumns,
    Scatter,
    ColumnStore,
    ColumnFill,
    LabelStore,
    Accumulate,
    RunningTotal,
    RunningExtreme,
    LastSeen,
    Streak,
    StatePerKey,
    FirstMatch,
    GroupAggregates,
    IndexerLookup,
    LabelLookup,
    MaskLookup,
    RecordFrame,
    CaseTable,
    ListComprehension,
    StateList,
    DictComprehension,
    SetComprehension,
    Counting,
    ArrayFill,
    ListFill,
    ListUpdate,
    StringJoin,
    SetUnion,
    CountMatches,
    NestedExtend,
    NestedComprehension,
    FrameGrowth,
    RowGrowth,
    ArrayGrowth,
    MaskGroups,
    MembershipSet,
    NjitKernel,
    OwnCells,
    RowHoist,
    TupleHoist,
    FloatLists,
    PositionHoist,
    ApplyRows,
    ApplyElements,
    ApplyCells,
    Vectorize,
    RollingApply,
    RowComprehension,
)
