"""The analysis report, as a page and as a document that offices edit."""
