"""The tools that Coda brings along."""

from coda.tools.builtin.calculator import CALCULATOR
from coda.tools.builtin.date_time import DATE_TIME
from coda.tools.builtin.optimize import OPTIMIZE
from coda.tools.builtin.table_statistics import TABLE_STATISTICS
from coda.tools.types import FunctionTool

BUILTIN_TOOLS: tuple[FunctionTool, ...] = (CALCULATOR, OPTIMIZE, TABLE_STATISTICS, DATE_TIME)
