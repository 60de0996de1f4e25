"""The roll as committees keep it: sheets in Excel or CSV, read carefully, compared, and written whole or not at all."""
