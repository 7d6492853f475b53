"""The visual language of reports and pages: colour tokens, numbers, times, glyphs, style sheets."""
