"""Pages of the records: indicators, results, policy book, calendar."""
