"""Store: results of one model under one or many scenarios in one HDF5 file, and as CSV tables.

    /                    format, heatnet (version), model (name), settings and profile as attributes
    /model               name, site and about as attributes; <table>/<column> with unit and doc; curve/<name>/{outdoor, supply}
    /scenario            name, done, status, detail, steps, passes, residual_* of each, (n_scenario,); profile/{below, share}
    /scenario/<number>   columns and site where this scenario differs from /model, laid out like it
    /results/<table>     quantities (n_scenario, rows of the table) with unit and doc, in SI
    /table/<name>        named tables of what was worked out from the results (heatnet/store/named.py)

Equal results give equal bytes: no clock is in the file. It is written beside its target and renamed, so that it is never half there.
"""

from heatnet.store.named import add_table, read_table, table_names
from heatnet.store.reader import Store, is_run, read, read_model
from heatnet.store.tables import write_csv
from heatnet.store.writer import Result, write

__all__ = ["Result", "Store", "add_table", "is_run", "read", "read_model", "read_table", "table_names", "write", "write_csv"]
