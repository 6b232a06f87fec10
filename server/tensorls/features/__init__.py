"""Editor features as plain functions: a report and a position in, plain data out.  Nothing here knows LSP."""
