"""Output: facts and diagnostics as JSON, as short lines, beside the source."""
