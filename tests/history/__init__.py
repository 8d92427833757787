"""Concurrent clients, injected faults and delayed indexes, and a checker of the results.

Clients record each operation with its answer. Afterwards `checker` compares this history with
the store. `faults` and `faulty_endpoint` make calls to DynamoDB fail; `index_lag` makes its
indexes return old data.
"""
