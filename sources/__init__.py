"""Files in and out: discovery, encodings, line ends, edits as bytes."""
