"""Reads every column of a Parquet file, batch by batch, and does nothing with it: what any program that decides its rows has to do first."""

import sys

import pyarrow.parquet as pq

rows = 0
for batch in pq.ParquetFile(sys.argv[1], pre_buffer=True).iter_batches(1 << 16, use_threads=True):
    rows += batch.num_rows
print(f"{rows:,} rows read")
