"""Next week's patrol list, as a workbook and as a page for paper and phone."""
