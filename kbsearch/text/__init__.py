"""Pure text work: words and their stems, passages, transliteration, redaction. No I/O."""
