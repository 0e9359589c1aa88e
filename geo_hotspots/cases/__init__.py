"""Cases in: read exports, recognise columns, normalise, keep private what is private."""
