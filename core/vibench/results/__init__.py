"""The results in a store: the one reader of runs and cells, and tables of what they hold.

runs.py               the runs: their records and the cells they were planned with
stored_cells.py       the cells of runs, and which of the same cells counts
run_results.py        finished cells with their files, failed cells with their causes
cells.py              a finished cell, a failed cell
vanilla_cells.py      the vanilla cell that each cell is compared with
outcomes.py           a cell's outcomes as columns; frames.py and turns.py say of what
cut_offs.py           counts of answers and replies that were cut off; cut_off_warnings.py
judge_labels.py       the labels of judges
manifests.py          manifests beside the rows they describe

selection.py          the runs, cells and metrics that a query is about
tables.py, views.py   the runs and cells as tables, and the views as SQL
database.py           DuckDB with these views, which reads the store and nothing else
tidy.py               one row for each sample, turn and metric, in batches, into a file
answers.py            rows written as Parquet, CSV, JSON or Markdown
notebook.py           `vibench.load_results`
"""

from __future__ import annotations

from vibench.results.notebook import Results, load_results

__all__ = ["Results", "load_results"]
