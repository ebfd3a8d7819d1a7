"""The decision note: a scenario's policy for a council, as one page, a workbook and csv files."""
