"""Files of tasks: export and import, as JSON and CSV.

An export can be imported again unchanged. Files are read and written in batches, so
that 100,000 tasks need no more memory than 1,000.
"""
